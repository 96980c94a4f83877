create table public.workflow_execution_logs (
  execution_id uuid not null,
  -- ascends in commit order within an execution: a cursor for whoever follows
  id bigint generated always as identity,
  workspace_id uuid not null,
  log_category text not null default 'TECHNICAL',
  event_type text not null,
  level text not null default 'INFO',
  message text not null,
  data jsonb,
  node_id text,
  node_name text,
  node_type text,
  step_number int,
  total_steps int,
  duration_ms bigint,
  user_friendly_message text,
  display_priority int not null default 5,
  is_milestone boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  primary key (execution_id, id),
  constraint a_category_is_known check (log_category in ('TECHNICAL', 'BUSINESS')),
  constraint an_event_type_is_known check (event_type in
    ('workflow_started', 'workflow_completed', 'workflow_progress',
     'step_started', 'step_input', 'step_output', 'step_completed', 'step_error', 'separator')),
  constraint a_level_is_known check (level in ('DEBUG', 'INFO', 'WARNING', 'ERROR'))
) partition by range (execution_id);
comment on table public.workflow_execution_logs is 'What happened in an execution, in order.';

alter table public.workflow_execution_logs enable row level security;
create policy "members read" on public.workflow_execution_logs for select to authenticated
  using (
    workspace_id = any (array(select workspaces.readable()))
    -- what is left of deleted workflows; looked at only while there is some
    and ((select not exists (select workflows.deleted())) or exists (
      select from public.workflow_executions e where e.id = execution_id)));
grant select on public.workflow_execution_logs to authenticated, service_role;
-- no write: the engine's
