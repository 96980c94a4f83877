-- The deployed CRON triggers, and when each is due. What is not due costs nothing: the tick reads one index.
create table public.workflow_schedules (
  trigger_id uuid primary key references public.trigger_index (id) on delete cascade,
  workspace_id uuid not null,
  workflow_id uuid not null,
  node_id text not null,
  version int not null,
  expression text not null,
  timezone text not null,
  cron triggers.cron not null,
  -- what becomes of times that were missed: none runs, the newest, or the newest misfire_limit
  misfire text not null,
  misfire_limit int not null,
  -- while an execution of the schedule is live: start beside it, skip, or cancel it
  overlap text not null,
  -- the workflow is active; else next_run_at stays as it was, and misfire decides when it is active again
  is_active boolean not null,
  -- null: never again
  next_run_at timestamptz,
  -- the time that the newest run was due at
  last_run_at timestamptz,
  last_execution_id uuid,
  last_skipped_at timestamptz,
  -- overlap, misfire or execution_limit_reached
  last_skip_reason text,
  last_error_at timestamptz,
  -- {sqlstate, message, scheduled_at}: why a run could not be started
  last_error jsonb,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint a_trigger_node_is_scheduled_once unique (workflow_id, node_id),
  constraint a_schedule_belongs_to_its_workflow foreign key (workspace_id, workflow_id)
    references public.workflows (workspace_id, id) on delete cascade,
  constraint a_misfire_policy_is_known check (misfire in ('skip', 'once', 'all')),
  constraint a_misfire_limit_is_1_to_100 check (misfire_limit between 1 and 100),
  constraint an_overlap_policy_is_known check (overlap in ('allow', 'skip', 'cancel_previous'))
);
comment on table public.workflow_schedules is 'When CRON triggers run next, and how the last run went.';
-- the tick: what is due
create index workflow_schedules_due on public.workflow_schedules (next_run_at) where is_active;
-- the policy's column and the foreign key
create index workflow_schedules_workflow on public.workflow_schedules (workspace_id, workflow_id);
create trigger touch before update on public.workflow_schedules
  for each row execute function platform.touch();

alter table public.workflow_schedules enable row level security;
create policy "members read" on public.workflow_schedules for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
-- without trigger_id: a trigger's id is its editors' to know
grant select (
  workspace_id, workflow_id, node_id, version, expression, timezone, misfire, misfire_limit, overlap,
  is_active, next_run_at, last_run_at, last_execution_id, last_skipped_at, last_skip_reason, last_error_at,
  last_error, created_at, updated_at
) on public.workflow_schedules to authenticated;
grant select on public.workflow_schedules to service_role;
-- no write: deploying plans, the tick fires

-- Gives each CRON trigger of a workflow its schedule; those of triggers that are gone went with them. One
-- whose expression and zone are the same keeps its next time, also one that is due.
create function triggers.plan_schedules(workflow_id uuid)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_trigger record;
  v_problem text;
begin
  for v_trigger in
    select t.*, w.status = 'active' as is_active, t.trigger_config ->> 'expression' as expression,
      coalesce(t.trigger_config ->> 'timezone', 'UTC') as timezone
    from public.trigger_index t
    join public.workflows w on w.id = t.workflow_id
    where t.workflow_id = plan_schedules.workflow_id and t.trigger_subtype = 'CRON'
    order by t.node_id
  loop
    v_problem := triggers.cron_problem(v_trigger.expression, v_trigger.timezone);
    if v_problem is not null then
      perform platform.fail(422, 'cron_invalid', format('%s: %s', v_trigger.node_id, v_problem),
        'Write it as 30 9 * * MON-FRI, or as @daily, with a zone as Europe/Berlin.');
    end if;
    insert into public.workflow_schedules as s (
      trigger_id, workspace_id, workflow_id, node_id, version, expression, timezone, cron,
      misfire, misfire_limit, overlap, is_active, next_run_at)
    select v_trigger.id, v_trigger.workspace_id, v_trigger.workflow_id, v_trigger.node_id, v_trigger.version,
      v_trigger.expression, v_trigger.timezone, r.cron,
      coalesce(v_trigger.trigger_config ->> 'misfire', 'once'),
      coalesce((v_trigger.trigger_config ->> 'misfire_limit')::int, 10),
      coalesce(v_trigger.trigger_config ->> 'overlap', 'allow'),
      v_trigger.is_active, triggers.next_time(r.cron, v_trigger.timezone, v_now)
    from triggers.read_cron(v_trigger.expression) r
    on conflict on constraint workflow_schedules_pkey do update
    set version = excluded.version, expression = excluded.expression, timezone = excluded.timezone,
      cron = excluded.cron, misfire = excluded.misfire, misfire_limit = excluded.misfire_limit,
      overlap = excluded.overlap, is_active = excluded.is_active,
      next_run_at = case
        when s.expression = excluded.expression and s.timezone = excluded.timezone
          -- later than the next one: the clock was ahead when it ran last
          then least(s.next_run_at, excluded.next_run_at)
        else excluded.next_run_at
      end;
  end loop;
end
$$;
comment on function triggers.plan_schedules(uuid) is
  'Keep a workflow''s schedules in step with trigger_index; part of deploying. Errors: cron_invalid.';

-- A paused workflow's schedules leave the index of what is due.
create function triggers.follow_status()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  update public.workflow_schedules s set is_active = new.status = 'active' where s.workflow_id = new.id;
  return null;
end
$$;
comment on function triggers.follow_status() is 'Trigger: only active workflows have active schedules.';
create trigger schedules_follow_status after update of status on public.workflows
  for each row when (old.status is distinct from new.status) execute function triggers.follow_status();
