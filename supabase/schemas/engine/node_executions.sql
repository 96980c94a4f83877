-- The history of node runs. A row is written once, at the run's end; a failed attempt that is retried has a
-- row of its own. Running and waiting nodes are rows of engine.tasks and engine.waits:
-- see public.live_node_executions.
-- Partitioned by execution_id, a time-ordered id, so that an execution lies in one partition.
create table public.node_executions (
  execution_id uuid not null,
  id uuid not null,
  workspace_id uuid not null,
  node_id text not null,
  node_type text not null,
  -- how often the node had run in its scope; null of a token that was cut off before it ran
  run_index int,
  attempt int not null default 1,
  status text not null,
  -- the run that this one followed; null for the trigger
  source_id uuid,
  -- the run whose output is this one's input; null for the execution's input
  input_id uuid,
  -- true where what follows gets the input itself (FLOW nodes): kept by reference. output_data is null then,
  -- but of a RESPOND node that answered: {status, headers, body}
  passes_input boolean not null default false,
  output_data jsonb,
  -- {code, message, details}
  error_data jsonb,
  -- the runs that $.nodes.<id> finds from here: {node id: run id}
  ancestors jsonb,
  -- the items that the token was in: '' outside of every FOR_EACH, else <outer scope>/<FOR_EACH run>:<item>
  scope text collate "C" not null default '',
  -- how many back edges of its cycle the token had crossed
  lap int not null default 0,
  target_index int not null default 0,
  -- the tokens that a join took: [{source_id, input_id, target_index, ancestors, scope, lap}]
  joined jsonb,
  -- the execution that this run was taken over from, by a retry
  reused_from uuid,
  -- nothing followed: its output is part of the execution's
  is_end boolean not null default false,
  start_time timestamptz not null,
  end_time timestamptz not null,
  primary key (execution_id, id),
  constraint a_status_is_terminal check (status in ('SUCCESS', 'ERROR', 'SKIPPED', 'CANCELED')),
  constraint an_error_says_why check (status <> 'ERROR' or error_data is not null)
) partition by range (execution_id);
comment on table public.node_executions is
  'Ended runs and attempts of nodes, with what went in and out by reference.';

alter table public.node_executions enable row level security;
create policy "members read" on public.node_executions for select to authenticated
  using (
    workspace_id = any (array(select workspaces.readable()))
    -- what is left of deleted workflows; looked at only while there is some
    and ((select not exists (select workflows.deleted())) or exists (
      select from public.workflow_executions e where e.id = execution_id)));
grant select on public.node_executions to authenticated, service_role;
-- no write: the engine's
