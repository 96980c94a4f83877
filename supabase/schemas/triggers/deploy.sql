-- The workflow of a verb that deploys: first its key, then the row.
create function triggers.take_workflow(workflow_id uuid, running text)
returns public.workflows
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workflow public.workflows := workflows.found(take_workflow.workflow_id, 'editor');
begin
  if take_workflow.running is null or take_workflow.running not in ('keep', 'cancel') then
    perform platform.fail(422, 'running_invalid', 'Running executions are kept or canceled',
      'Give running as keep or cancel.');
  end if;
  perform pg_advisory_xact_lock(workflows.lock_key(take_workflow.workflow_id));
  v_workflow := workflows.found(take_workflow.workflow_id, 'editor', true);
  perform engine.pause_point('deployment_locked');
  return v_workflow;
end
$$;
comment on function triggers.take_workflow(uuid, text) is
  'Lock a workflow to change what serves. Errors: workflow_not_found, role_insufficient, running_invalid.';

-- Lets a version serve: triggers, schedules, history and status change together, or nothing does and the
-- history says why. A refusal is answered and not raised, since raising would take the history's line with
-- it: {error: {status, code, message, hint}}; see triggers.answer().
create function triggers.attempt(
  workflow public.workflows, version int, action text, previous_id uuid, running text, note text
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  c_started constant timestamptz := engine.now();
  v_from text := workflow.deployment_status;
  v_previous_version int := workflow.deployed_version;
  v_version public.workflow_versions;
  v_config jsonb := jsonb_build_object('running', attempt.running, 'note', attempt.note);
  v_logs jsonb := jsonb '[]';
  v_problems jsonb;
  v_warnings jsonb;
  v_triggers jsonb;
  v_changes jsonb;
  v_canceled int := 0;
  v_id uuid := platform.uuid7();
  v_state text;
  v_code text;
  v_message text;
  v_hint text;
begin
  begin
    if workflow.status = 'archived' then
      perform platform.fail(409, 'workflow_archived',
        'An archived workflow cannot be deployed', 'Unarchive it first.');
    end if;
    perform workflows.check_note(attempt.note);
    perform workflows.lock_version(workflow.id, attempt.version);
    v_version := workflows.version_of(workflow, attempt.version);

    -- again, also of a version that was compiled before: credentials and functions come and go
    select coalesce(jsonb_agg(to_jsonb(d)) filter (where d.blocks is not null), jsonb '[]'),
      coalesce(jsonb_agg(to_jsonb(d) - 'blocks') filter (where d.blocks is null), jsonb '[]')
    into v_problems, v_warnings
    from workflows.check_definition(v_version.definition, workflow.workspace_id) d;
    perform workflows.refuse_invalid(v_problems);
    v_logs := v_logs || triggers.step('validated',
      jsonb_build_object('warnings', jsonb_array_length(v_warnings)));
    if engine.trigger_of(workflow.id, v_version.version) is null then
      perform engine.compile(workflow.id, v_version.version);
      v_logs := v_logs || triggers.step('compiled');
    end if;

    select coalesce(jsonb_agg(to_jsonb(t) order by t.node_id), jsonb '[]') into v_triggers
    from triggers.triggers_of(workflow.id, v_version.version) t;
    v_changes := triggers.write_index(workflow, v_version.version, v_triggers);
    v_logs := v_logs || triggers.step('triggers', v_changes);
    perform engine.pause_point('deployment_indexed');
    update public.workflows w
    set deployment_status = 'DEPLOYED', deployed_version = v_version.version, deployed_at = c_started,
      deployed_by = (select auth.uid()), status = 'active'
    where w.id = workflow.id
    returning w.* into workflow;
    perform engine.apply_settings(workflow.id, v_version.version);
    perform triggers.plan_schedules(workflow.id);
    v_logs := v_logs || triggers.step('schedules', jsonb_build_object('planned', array(
      select c.node_id from public.workflow_schedules c where c.workflow_id = workflow.id order by 1)));
    v_config := v_config || jsonb_build_object('triggers', v_triggers);
    if attempt.running = 'cancel' then
      v_canceled := triggers.cancel_running(workflow, v_version.version, 'DEPLOY', v_from);
      v_logs := v_logs || triggers.step('executions_canceled', jsonb_build_object('count', v_canceled));
    end if;
  exception
    when serialization_failure or deadlock_detected or lock_not_available then
      raise; -- nobody's fault: to be repeated
    when others then
      get stacked diagnostics v_state = returned_sqlstate, v_code = pg_exception_detail,
        v_message = message_text, v_hint = pg_exception_hint;
      if v_state not like 'PT4__' then
        raise warning 'Deploying version % of workflow % failed: % (%)',
          attempt.version, workflow.id, v_message, v_state;
        v_code := 'deployment_failed';
        v_message := format('Something went wrong on our side (%s)', v_state);
        v_hint := 'Try again; if it stays, report it.';
        v_state := 'PT500';
      end if;
  end;

  insert into public.workflow_deployment_history (
    id, workspace_id, workflow_id, deployment_action, from_status, to_status, deployment_version,
    deployment_config, previous_id, started_at, completed_at, error_message, deployment_logs)
  values (
    v_id, workflow.workspace_id, workflow.id,
    case when v_state is null then attempt.action else 'DEPLOY_FAILED' end,
    v_from, case when v_state is null then 'DEPLOYED' else v_from end, attempt.version,
    jsonb_strip_nulls(v_config), case when v_state is null then attempt.previous_id end,
    c_started, engine.now(), v_message,
    v_logs || case
      when v_state is null then triggers.step('deployed')
      else triggers.step('failed', jsonb_build_object('code', v_code))
    end);
  if v_state is not null then
    return jsonb_build_object('error', jsonb_build_object(
      'status', substr(v_state, 3)::int, 'code', v_code, 'message', v_message, 'hint', v_hint));
  end if;
  return jsonb_build_object(
    'deployment', jsonb_build_object(
      'id', v_id, 'action', attempt.action, 'workflow_id', workflow.id, 'version', workflow.deployed_version,
      'previous_version', v_previous_version, 'status', workflow.deployment_status,
      'deployed_at', workflow.deployed_at, 'deployed_by', workflow.deployed_by),
    'triggers', triggers.deployed(workflow.id),
    'warnings', v_warnings,
    'canceled', v_canceled);
end
$$;
comment on function triggers.attempt(public.workflows, int, text, uuid, text, text) is
  'Let a version serve, or say in the history why it does not. The caller holds the workflow''s key.';

-- What the answer of a verb that deploys says of each trigger.
create function triggers.deployed(workflow_id uuid)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', t.id, 'node_id', t.node_id, 'subtype', t.trigger_subtype, 'index_key', t.index_key,
    'path', case t.trigger_subtype when 'WEBHOOK' then t.index_key end,
    'method', case t.trigger_subtype when 'WEBHOOK' then t.trigger_config -> 'method' end,
    'integration_id', t.integration_id, 'provider', i.provider, 'next_run_at', s.next_run_at
  ) order by t.node_id), jsonb '[]')
  from public.trigger_index t
  left join public.workflow_schedules s on s.trigger_id = t.id
  left join public.integrations i on i.workspace_id = t.workspace_id and i.id = t.integration_id
  where t.workflow_id = deployed.workflow_id
$$;
comment on function triggers.deployed(uuid) is 'The deployed triggers of a workflow, for its editors.';

create function triggers.deploy(workflow_id uuid, version int, note text, running text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workflow public.workflows := triggers.take_workflow(deploy.workflow_id, deploy.running);
  v_last public.workflow_deployment_history := triggers.last_deployment(v_workflow);
  v_version int := coalesce(deploy.version, v_workflow.current_version);
begin
  return triggers.attempt(v_workflow, v_version,
    case v_workflow.deployment_status when 'DEPLOYED' then 'UPDATE' else 'DEPLOY' end,
    -- the same version again is no step to go back
    case v_last.deployment_version when v_version then v_last.previous_id else v_last.id end,
    deploy.running, deploy.note);
end
$$;
comment on function triggers.deploy(uuid, int, text, text) is
  'See public.deploy_workflow; answers a refusal as {error}, which the caller raises when this is committed.';
grant execute on function triggers.deploy(uuid, int, text, text) to authenticated, service_role;

-- Answers a verb's error as the Data API answers raised ones, but in a transaction that commits, so that the
-- history keeps its line. Elsewhere in SQL it is raised: there the caller's transaction decides.
create function triggers.answer(verb text, result jsonb)
returns jsonb
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_error jsonb := result -> 'error';
begin
  if v_error is null then
    return result;
  elsif current_setting('request.path', true) like '%/rpc/' || verb then
    perform set_config('response.status', v_error ->> 'status', true);
    return jsonb_build_object('code', 'PT' || (v_error ->> 'status'), 'message', v_error -> 'message',
      'details', v_error -> 'code', 'hint', v_error -> 'hint');
  end if;
  perform platform.fail(
    (v_error ->> 'status')::int, v_error ->> 'code', v_error ->> 'message', v_error ->> 'hint');
  return null;
end
$$;
comment on function triggers.answer(text, jsonb) is
  'The answer of a verb whose refusals are kept in the history.';
grant execute on function triggers.answer(text, jsonb) to authenticated, service_role;

create function public.deploy_workflow(
  workflow_id uuid, version int default null, note text default null, running text default 'keep'
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select triggers.answer('deploy_workflow', triggers.deploy(
    deploy_workflow.workflow_id, deploy_workflow.version, deploy_workflow.note, deploy_workflow.running))
$$;
comment on function public.deploy_workflow(uuid, int, text, text) is
  'Let events start a version (the current one unless named): {deployment, triggers, warnings, canceled}. '
  'Executions of other versions go on, or are canceled (running: keep or cancel). '
  'Errors: workflow_not_found, role_insufficient, version_not_found, workflow_archived, definition_invalid, '
  'note_invalid, running_invalid.';
grant execute on function public.deploy_workflow(uuid, int, text, text) to authenticated, service_role;
