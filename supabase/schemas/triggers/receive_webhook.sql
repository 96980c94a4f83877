-- Matches a path to a pattern whose :segments are parameters; null where it does not match.
create function triggers.match_path(pattern text, path text)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select case
    when array_length(string_to_array(pattern, '/'), 1)
         is distinct from array_length(string_to_array(btrim(path, '/'), '/'), 1) then null
    when bool_and(s.want = s.got or (s.want like ':%' and s.got <> ''))
      then coalesce(jsonb_object_agg(substr(s.want, 2), s.got) filter (where s.want like ':%'), jsonb '{}')
  end
  from unnest(string_to_array(pattern, '/'), string_to_array(btrim(path, '/'), '/')) s (want, got)
$$;
comment on function triggers.match_path(text, text) is 'The parameters of a path under a pattern, or null.';

-- What the execute function needs to know before it reads a request's body; null where there is no such
-- trigger.
create function triggers.webhook_config(trigger_id uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object(
    'response_mode', coalesce(t.trigger_config ->> 'response_mode', 'async'),
    'raw_body', coalesce((t.trigger_config ->> 'raw_body')::boolean, false),
    'integration', case
      when t.integration_id is not null then integrations.for_delivery(t.integration_id)
    end)
  from public.trigger_index t
  where t.id = webhook_config.trigger_id and t.trigger_subtype = 'WEBHOOK'
$$;
comment on function triggers.webhook_config(uuid) is
  'How to treat requests to a WEBHOOK trigger: {response_mode, raw_body, integration}, this one as '
  'for_delivery() answers it, or null.';

-- Starts the deployed version for an HTTP request to a WEBHOOK trigger. A delivery key that was seen before
-- starts nothing and answers the execution of the first time.
-- Called by the execute function; the trigger's id is the secret, and integration_id what verified the
-- request.
-- Locks: the workflow's key, shared; then what starting locks.
create function triggers.receive_webhook(
  trigger_id uuid,
  method text,
  path text,
  request jsonb,
  delivery_key text,
  integration_id uuid default null
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_trigger public.trigger_index;
  v_workflow public.workflows;
  v_params jsonb;
  v_input jsonb;
  v_started engine.started;
begin
  select * into v_trigger from public.trigger_index t where t.id = receive_webhook.trigger_id;
  if found then
    perform pg_advisory_xact_lock_shared(workflows.lock_key(v_trigger.workflow_id));
    perform engine.pause_point('receive_webhook');
  end if;
  select * into v_trigger from public.trigger_index t
  where t.id = receive_webhook.trigger_id and t.trigger_subtype = 'WEBHOOK';
  v_params := triggers.match_path(v_trigger.index_key, coalesce(receive_webhook.path, ''));
  if v_trigger.id is null or v_params is null then
    perform platform.fail(404, 'trigger_not_found', 'No deployed webhook at this URL',
      'Take the URL that deploying the workflow answered.');
  end if;
  if v_trigger.integration_id is distinct from receive_webhook.integration_id then
    perform platform.fail(409, 'trigger_changed',
      'The webhook asks for another proof than it did a moment ago', 'Deliver again.');
  end if;
  if v_trigger.trigger_config ->> 'method' not in ('ANY', upper(receive_webhook.method)) then
    perform platform.fail(405, 'method_not_allowed',
      format('This webhook takes %s', v_trigger.trigger_config ->> 'method'),
      'Send that method, or change the trigger''s.');
  end if;
  if v_trigger.integration_id is not null and not exists (
      select from public.integrations i where i.id = v_trigger.integration_id and i.is_active) then
    perform platform.fail(409, 'integration_inactive', 'The integration is turned off',
      'Turn it on with update_integration.');
  end if;
  select * into v_workflow from public.workflows w where w.id = v_trigger.workflow_id;
  if v_workflow.status <> 'active' then
    perform platform.fail(409, 'workflow_not_startable', format('The workflow is %s', v_workflow.status),
      'Activate it first.');
  end if;
  v_input := receive_webhook.request || jsonb_build_object('params', v_params);
  v_started := engine.start(v_workflow, v_trigger.version, v_trigger.node_id, 'WEBHOOK', v_input,
    triggers.delivery_key(v_trigger.id, receive_webhook.delivery_key, v_trigger.node_id), 0);
  return jsonb_build_object('execution_id', (v_started.execution).id, 'status', (v_started.execution).status,
    'duplicate', not v_started.created,
    -- the key is the sender's own choice: whoever guesses one must not be shown what another was answered
    'same_request', (v_started.execution).input - 'headers' is not distinct from v_input - 'headers');
end
$$;
comment on function triggers.receive_webhook(uuid, text, text, jsonb, text, uuid) is
  'Start a workflow for a webhook request: {execution_id, status, duplicate, same_request}; same_request: '
  'but for its headers, it is the one that started the execution. '
  'Errors: trigger_not_found, trigger_changed, integration_inactive, method_not_allowed, '
  'workflow_not_startable.';
