-- When an execution stood still for somebody: at a question, or because a person paused it.
create table public.workflow_execution_pauses (
  -- of a question: the interaction's
  id uuid primary key default platform.uuid7(),
  workspace_id uuid not null,
  execution_id uuid not null references public.workflow_executions (id) on delete cascade,
  paused_at timestamptz not null,
  -- null: all of it was paused
  paused_node_id text,
  pause_reason text not null,
  -- {interaction_id, timeout_at} | {by}
  resume_conditions jsonb not null default '{}',
  resumed_at timestamptz,
  -- approved, rejected, answered, timed_out, cancelled; user; ended
  resume_trigger text,
  status text not null default 'active',
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint a_pause_reason_is_known
    check (pause_reason in ('human_interaction', 'timeout', 'error', 'user')),
  constraint a_pause_status_is_known check (status in ('active', 'resumed', 'timeout')),
  constraint it_ends_once check ((status = 'active') = (resumed_at is null)),
  constraint only_people_pause_all_of_it check (paused_node_id is not null or pause_reason = 'user')
);
comment on table public.workflow_execution_pauses is
  'When executions waited for people, and what let them go on.';
-- all of an execution, and the foreign key
create index workflow_execution_pauses_execution on public.workflow_execution_pauses (execution_id);
-- what stands still in a workspace, and the policy
create index workflow_execution_pauses_active on public.workflow_execution_pauses (workspace_id, paused_at)
  where status = 'active';

create trigger touch before update on public.workflow_execution_pauses
  for each row execute function platform.touch();

alter table public.workflow_execution_pauses enable row level security;
create policy "members read" on public.workflow_execution_pauses for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on public.workflow_execution_pauses to authenticated, service_role;
-- no write: the engine's
