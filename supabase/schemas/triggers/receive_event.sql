-- Starts every workflow whose deployed trigger takes an event that an integration verified: only triggers
-- that name this integration, so of its workspace. All start or none. A delivery that comes again starts
-- nothing that it started before, and answers the execution of that time.
-- Called by the execute function, for whom the integration's secret is the proof.
-- Locks: the workflows' keys, shared, ascending; then those of their limits, and what starting locks.
create function triggers.receive_event(
  integration_id uuid,
  subtype text,
  keys text[],
  event jsonb,
  payload jsonb,
  delivery_id text,
  single_use_token text default null
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_integration public.integrations;
  v_keys text[] := array_append(receive_event.keys, '*');
  v_workflows uuid[];
  v_lock bigint;
  v_trigger public.trigger_index;
  v_workflow public.workflows;
  v_started engine.started;
  v_executions jsonb := jsonb '[]';
begin
  v_workflows := array(
    select distinct t.workflow_id from public.trigger_index t
    where t.integration_id = receive_event.integration_id and t.index_key = any (v_keys)
      and t.trigger_subtype = receive_event.subtype);
  for v_lock in select workflows.lock_key(w) from unnest(v_workflows) w order by 1 loop
    perform pg_advisory_xact_lock_shared(v_lock);
  end loop;
  perform engine.pause_point('receive_event');

  select * into v_integration from public.integrations i where i.id = receive_event.integration_id;
  if v_integration.id is null or not v_integration.is_active then
    perform platform.fail(409, 'integration_inactive', 'The integration is turned off',
      'Turn it on with update_integration.');
  end if;
  if single_use_token is not null and not triggers.use_token(v_integration, single_use_token) then
    return jsonb_build_object('executions', v_executions);
  end if;
  -- of all starts at once, since one start after the other would take them in any order
  for v_lock in
    select engine.lock_of_limit(l.id, engine.key_of(l, receive_event.payload))
    from public.execution_limits l
    where l.workspace_id = v_integration.workspace_id
      and (l.workflow_id is null or l.workflow_id = any (v_workflows))
    order by l.id
  loop
    perform pg_advisory_xact_lock(v_lock);
  end loop;

  for v_trigger in
    select t.* from public.trigger_index t
    where t.integration_id = v_integration.id and t.index_key = any (v_keys)
      and t.trigger_subtype = receive_event.subtype and t.workflow_id = any (v_workflows)
      and triggers.accepts(t.trigger_subtype, t.trigger_config, receive_event.event)
    order by t.workflow_id, t.node_id
  loop
    select * into v_workflow from public.workflows w where w.id = v_trigger.workflow_id;
    continue when v_workflow.status <> 'active';
    begin
      v_started := engine.start(v_workflow, v_trigger.version, v_trigger.node_id, 'TRIGGER', payload,
        triggers.delivery_key(v_integration.id, delivery_id, v_trigger.node_id), 0);
      v_executions := v_executions || jsonb_build_object(
        'workflow_id', v_workflow.id, 'node_id', v_trigger.node_id,
        'execution_id', (v_started.execution).id, 'status', (v_started.execution).status,
        'duplicate', not v_started.created);
    exception when sqlstate 'PT429' then
      -- one workflow's limit that drops starts is not the others' affair
      v_executions := v_executions || jsonb_build_object(
        'workflow_id', v_workflow.id, 'node_id', v_trigger.node_id, 'execution_id', null,
        'status', 'DROPPED', 'duplicate', false);
    end;
  end loop;
  return jsonb_build_object('executions', v_executions);
end
$$;
comment on function triggers.receive_event(uuid, text, text[], jsonb, jsonb, text, text) is
  'Start workflows for a verified event: '
  '{executions: [{workflow_id, node_id, execution_id, status, duplicate}]}. Errors: integration_inactive.';
