-- One run of one version of a workflow. No foreign keys here or below on what the engine writes: they would
-- be checked on every step.
create table public.workflow_executions (
  id uuid primary key default platform.uuid7(),
  workspace_id uuid not null,
  workflow_id uuid not null,
  version int not null,
  status text not null default 'RUNNING',
  mode text not null default 'MANUAL',
  -- the trigger node it started at
  trigger_node_id text not null,
  -- the user who started it, if a user did
  triggered_by uuid,
  priority int not null default 0,
  idempotency_key text,
  -- a SUB_WORKFLOW's execution: who waits for it (null run: nobody does), and for which of its items
  parent_execution_id uuid,
  parent_run_id uuid,
  parent_item int,
  -- how many executions are above it
  depth int not null default 0,
  -- the execution that this one is a retry of
  retry_of uuid,
  -- it holds or waits for slots of limits
  is_limited boolean not null default false,
  -- it ends in TIMEOUT then, paused or not
  deadline timestamptz,
  -- no worker touches it: complete_execution() ends it
  executed_by_caller boolean not null default false,
  -- how many nodes its caller says he has executed
  nodes_executed int,
  -- the run of the RESPOND node that answered the request it was started by
  responded_by uuid,
  input jsonb not null default '{}',
  -- the outputs of the nodes that ended it, by node id
  output jsonb,
  -- {code, message, details, node_id}
  error jsonb,
  created_at timestamptz not null default clock_timestamp(),
  start_time timestamptz,
  end_time timestamptz,
  constraint a_status_is_known check (status in
    ('NEW', 'RUNNING', 'PAUSED', 'WAITING_FOR_HUMAN', 'SUCCESS', 'ERROR', 'CANCELED', 'TIMEOUT')),
  constraint a_mode_is_known check (mode in
    ('MANUAL', 'TRIGGER', 'WEBHOOK', 'RETRY', 'SCHEDULE', 'SUB_WORKFLOW', 'EVENT')),
  constraint ended_exactly_when_terminal check (
    (end_time is not null) = (status in ('SUCCESS', 'ERROR', 'CANCELED', 'TIMEOUT'))),
  constraint only_callers_say_what_they_executed check (nodes_executed is null or executed_by_caller),
  constraint an_error_says_why check (status <> 'ERROR' or error is not null),
  constraint an_idempotency_key_has_1_to_255_characters check (length(idempotency_key) between 1 and 255)
) with (fillfactor = 80);
comment on table public.workflow_executions is 'Runs of workflows, pinned to their version.';
-- the list of a workspace's executions, newest first
create index workflow_executions_recent on public.workflow_executions (workspace_id, id desc);
-- the list of a workflow's executions, newest first
create index workflow_executions_of_workflow on public.workflow_executions (workflow_id, id desc);
-- same key, same execution; deliveries and clients keep their keys apart by mode
create unique index an_idempotency_key_starts_once
  on public.workflow_executions (workflow_id, mode, idempotency_key)
  where idempotency_key is not null;
-- the tree: whose end is told to a parent, who is canceled with it
create index workflow_executions_of_parent on public.workflow_executions (parent_execution_id, parent_run_id)
  where parent_execution_id is not null;
-- the tick: whose time is over
create index workflow_executions_deadline on public.workflow_executions (deadline)
  where end_time is null and deadline is not null;
-- the checker's list of live executions, and whether a workflow has any
create index workflow_executions_live on public.workflow_executions (workflow_id, id) where end_time is null;

alter table public.workflow_executions enable row level security;
create policy "members read" on public.workflow_executions for select to authenticated
  using (
    workspace_id = any (array(select workspaces.readable()))
    and workflow_id <> all (array(select workflows.deleted())));
grant select on public.workflow_executions to authenticated, service_role;
-- no write: start_execution() checks, and the engine does the rest

create function engine.refuse_to_wake()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  raise exception 'Execution % has ended', old.id
    using errcode = 'PT409', detail = 'execution_ended', hint = 'Start a new execution.';
end
$$;
comment on function engine.refuse_to_wake() is 'Trigger: terminal states are absorbing.';
create trigger terminal_states_absorb before update on public.workflow_executions
  for each row when (old.end_time is not null) execute function engine.refuse_to_wake();
