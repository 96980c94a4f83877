-- A token on its way to a node. Tasks, waits and transitions all carry these.
create type engine.token as (
  -- the id of the node run that the token becomes
  id uuid,
  workspace_id uuid,
  execution_id uuid,
  workflow_id uuid,
  version int,
  node_id text,
  run_index int,
  attempt int,
  source_id uuid,
  input_id uuid,
  ancestors jsonb,
  scope jsonb,
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
  run_index int not null,
  attempt int not null,
  source_id uuid,
  input_id uuid,
  ancestors jsonb,
  scope jsonb,
  priority int not null,
  lease_token uuid,
  worker_id text,
  leased_at timestamptz,
  lease_until timestamptz,
  constraint a_lease_has_an_owner check (num_nulls(lease_token, worker_id, leased_at, lease_until) in (0, 4))
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 2000);
comment on table engine.tasks is 'Ready and leased work of the execute function.';
-- the claim: most urgent first, then oldest
create index tasks_ready on engine.tasks (priority desc, id) where lease_token is null;
-- the tick: expired leases
create index tasks_leased on engine.tasks (lease_until) where lease_token is not null;
-- the end of an execution: has it a live token
create index tasks_execution on engine.tasks (execution_id);

alter table engine.tasks enable row level security;
create policy "members read" on engine.tasks for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
-- without the lease token: it lets its holder write results
grant select (
  id, workspace_id, execution_id, workflow_id, version, node_id, run_index, attempt, source_id, input_id,
  scope, priority, worker_id, leased_at, lease_until) on engine.tasks to authenticated, service_role;

-- Everything that waits, and until when. kinds: retry (an attempt failed; the next one is a task at `until`),
-- turn (too many sql steps in one transaction; the tick goes on).
create table engine.waits (
  id uuid primary key,
  workspace_id uuid not null,
  execution_id uuid not null,
  workflow_id uuid not null,
  version int not null,
  node_id text not null,
  run_index int not null,
  attempt int not null,
  source_id uuid,
  input_id uuid,
  ancestors jsonb,
  scope jsonb,
  priority int not null,
  kind text not null,
  since timestamptz not null,
  until timestamptz not null,
  constraint a_kind_is_known check (kind in ('retry', 'turn'))
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 2000);
comment on table engine.waits is 'Tokens that wait: for what, and until when.';
-- the tick: what is due
create index waits_due on engine.waits (until);
-- the end of an execution: has it a live token
create index waits_execution on engine.waits (execution_id);

alter table engine.waits enable row level security;
create policy "members read" on engine.waits for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on engine.waits to authenticated, service_role;

-- How often a node ran in a live execution, for nodes that can run more than once. Written under the
-- execution's lock, gone when the execution ends.
create table engine.node_runs (
  execution_id uuid not null,
  node_id text not null,
  runs int not null,
  primary key (execution_id, node_id)
) with (fillfactor = 60);
comment on table engine.node_runs is 'Run counters of nodes in live executions.';
alter table engine.node_runs enable row level security;
-- no policy and no grant: the engine's

-- Who claims, what its last answer was, and how much it could take on.
create table engine.workers (
  worker_id text primary key,
  sequence bigint not null default 0,
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
    t.source_id, t.input_id, t.scope, t.leased_at as start_time, t.lease_until as until
  from engine.tasks t
  union all
  select w.execution_id, w.id, w.workspace_id, w.node_id, w.run_index, w.attempt,
    case w.kind when 'retry' then 'RETRYING' else 'PENDING' end,
    w.source_id, w.input_id, w.scope, null, w.until
  from engine.waits w;
comment on view public.live_node_executions is
  'Node runs that have not ended: pending, running, or waiting to be retried.';
grant select on public.live_node_executions to authenticated, service_role;
