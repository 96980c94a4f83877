-- A token on its way to a node. Tasks, waits and transitions all carry these.
create type engine.token as (
  -- the id of the node run that the token becomes
  id uuid,
  workspace_id uuid,
  execution_id uuid,
  workflow_id uuid,
  version int,
  node_id text,
  -- the node's input that it arrives at
  target_index int,
  run_index int,
  attempt int,
  source_id uuid,
  input_id uuid,
  ancestors jsonb,
  -- the items it is in: '' outside of every FOR_EACH, else <scope of the FOR_EACH>/<its run>:<item>
  scope text collate "C",
  -- how many back edges it has crossed in the cycle that its node is in
  lap int,
  priority int
);

-- The ready queue: work for the execute function, and the leases of what is being worked on. Small and hot:
-- a row goes when its result comes.
create table engine.tasks (
  id uuid primary key,
  workspace_id uuid not null,
  execution_id uuid not null,
  workflow_id uuid not null,
  version int not null,
  node_id text not null,
  target_index int not null,
  run_index int not null,
  attempt int not null,
  source_id uuid,
  input_id uuid,
  ancestors jsonb,
  scope text collate "C" not null,
  lap int not null,
  priority int not null,
  lease_token uuid,
  worker_id text,
  leased_at timestamptz,
  lease_until timestamptz,
  constraint a_lease_has_an_owner check (num_nulls(lease_token, worker_id, leased_at, lease_until) in (0, 4))
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 2000);
comment on table engine.tasks is 'Ready and leased work of the execute function.';
-- the claim: workspace by workspace, most urgent first, then oldest
create index tasks_ready on engine.tasks (workspace_id, priority desc, id) where lease_token is null;
-- the tick: expired leases; the claim: how many leases each workspace has
create index tasks_leased on engine.tasks (lease_until) where lease_token is not null;
-- the end of an execution, a join, an item: is there a live token
create index tasks_execution on engine.tasks (execution_id, scope);

alter table engine.tasks enable row level security;
create policy "members read" on engine.tasks for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
-- without the lease token: it lets its holder write results
grant select (
  id, workspace_id, execution_id, workflow_id, version, node_id, target_index, run_index, attempt, source_id,
  input_id, scope, lap, priority, worker_id, leased_at, lease_until)
  on engine.tasks to authenticated, service_role;

create function engine.token_of(task engine.tasks)
returns engine.token
language plpgsql  -- which keeps the plan
immutable
set search_path = ''
as $$
begin
  return row(
    task.id, task.workspace_id, task.execution_id, task.workflow_id, task.version, task.node_id,
    task.target_index, task.run_index, task.attempt, task.source_id, task.input_id, task.ancestors,
    task.scope, task.lap, task.priority)::engine.token;
end
$$;
comment on function engine.token_of(engine.tasks) is 'The token of a task.';

-- Everything that waits, and until when. What ends only with others of its execution waits until infinity.
--   retry     an attempt failed; the next one is a task at `until`
--   ready     a task of a paused execution
--   turn      it arrives at `until`: too many sql steps in one transaction, a delayed start, a paused
--             execution
--   slot      a start that a limit holds back
--   timer     a WAIT; passes its input on at `until`
--   event     a WAIT; resumed by an event, in error at `until`
--   children  a SUB_WORKFLOW; looked at when a child has ended, in error at `deadline`
--   merge     a token parked at a merge
--   collect   the join row of a FOR_EACH run (`for_run`) at a collect
--   for_each  items of a FOR_EACH run (`for_run`) that have not been sent out: max_concurrency
--   human     a HUMAN_IN_THE_LOOP; its interaction has the same id, and at `until` it is looked at
--   caller    an execution that its caller runs; in TIMEOUT at `until`, the execution's deadline
create table engine.waits (
  id uuid primary key,
  workspace_id uuid not null,
  execution_id uuid not null,
  workflow_id uuid not null,
  version int not null,
  node_id text not null,
  target_index int not null,
  -- null: it has not arrived yet (a start), or waits for others of its kind (a merge)
  run_index int,
  attempt int not null,
  source_id uuid,
  input_id uuid,
  ancestors jsonb,
  scope text collate "C" not null,
  lap int not null,
  priority int not null,
  kind text not null,
  since timestamptz not null,
  until timestamptz not null,
  -- its execution is paused: nothing is due
  is_held boolean not null default false,
  -- event: what it waits for
  event_name text,
  event_key text,
  -- event: {payload} once it has come; children: {workflow_id, version, inputs, is_list}
  data jsonb,
  -- collect, for_each: the FOR_EACH's run
  for_run uuid,
  -- for_each, children: the first that has not been sent out, and how many there are
  next_item int,
  items int,
  max_concurrency int,
  -- children: gives up then
  deadline timestamptz,
  -- merge: the order of arrival
  arrival bigint generated always as identity,
  constraint a_kind_is_known check (kind in (
    'retry', 'ready', 'turn', 'slot', 'timer', 'event', 'children', 'merge', 'collect', 'for_each',
    'human', 'caller')),
  constraint an_event_has_a_name check ((kind = 'event') = (event_name is not null)),
  constraint a_join_knows_its_run check ((kind in ('collect', 'for_each')) = (for_run is not null)),
  constraint items_are_counted check (
    (kind in ('children', 'for_each')) = (num_nonnulls(next_item, items, max_concurrency) = 3))
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 2000);
comment on table engine.waits is 'Tokens that wait: for what, and until when.';
-- the tick: what is due
create index waits_due on engine.waits (until) where not is_held and until < 'infinity';
-- the end of an execution, a join, an item: is there a live token
create index waits_execution on engine.waits (execution_id, scope);
-- who waits for an event
create index waits_event on engine.waits (workspace_id, event_name, event_key) where kind = 'event';
-- whether a workflow is being called, before it is deleted or a version purged
create index waits_calling on engine.waits ((data ->> 'workflow_id')) where kind = 'children';

alter table engine.waits enable row level security;
create policy "members read" on engine.waits for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on engine.waits to authenticated, service_role;

-- How often a node ran in a scope of a live execution, for nodes that can run more than once. Written under
-- the execution's lock, gone when the execution ends.
create table engine.node_runs (
  execution_id uuid not null,
  scope text collate "C" not null,
  node_id text not null,
  runs int not null,
  primary key (execution_id, scope, node_id)
) with (fillfactor = 60);
comment on table engine.node_runs is 'Run counters of nodes in live executions.';
alter table engine.node_runs enable row level security;
-- no policy and no grant: the engine's

-- Who claims, what its last answer was, and how much it could take on.
create table engine.workers (
  worker_id text primary key,
  sequence bigint not null default 0,
  -- where its next claim begins to look
  last_workspace uuid,
  -- the tasks of the last answer: given again when the call is repeated
  last_claim uuid[] not null default '{}',
  last_refused uuid[] not null default '{}',
  capacity int not null,
  seen_at timestamptz not null
) with (fillfactor = 60);
comment on table engine.workers is 'Workers that were heard of lately.';
alter table engine.workers enable row level security;
-- no policy and no grant: the engine's

create view public.live_node_executions with (security_invoker = true) as
  select t.execution_id, t.id, t.workspace_id, t.node_id, t.run_index, t.attempt,
    case
      when t.leased_at is not null then 'RUNNING'
      when t.attempt > 1 then 'RETRYING'
      else 'PENDING'
    end as status,
    null::text as waits_for, t.source_id, t.input_id, t.target_index, t.scope, t.lap,
    t.leased_at as start_time, t.lease_until as until
  from engine.tasks t
  union all
  select w.execution_id, w.id, w.workspace_id, w.node_id, w.run_index, w.attempt,
    case
      when w.kind = 'retry' then 'RETRYING'
      when w.kind in ('merge', 'collect', 'human') then 'WAITING_INPUT'
      when w.kind in ('ready', 'turn', 'slot') then 'PENDING'
      else 'RUNNING'
    end as status,
    case w.kind when 'event' then 'event ' || w.event_name else w.kind end as waits_for,
    w.source_id, w.input_id, w.target_index, w.scope, w.lap,
    case when w.kind in ('timer', 'event', 'children', 'human', 'caller') then w.since end
      as start_time, w.until
  from engine.waits w
  where w.kind <> 'for_each';
comment on view public.live_node_executions is
  'Node runs that have not ended: pending, running, or waiting, for what and until when.';
grant select on public.live_node_executions to authenticated, service_role;
