-- How often a step was executed and how that went: what changes with every execution, and so as narrow as it
-- can be. No row until the first one. No index on what every execution changes, and room on every page: an
-- update stays on its page and touches no index.
create table public.workflow_step_stats (
  step_id uuid primary key,
  workspace_id uuid not null,
  succeeded int not null,
  failed int not null,
  -- moving average; null until an execution has told how long it took
  duration_ms int,
  last_executed_at timestamptz not null,
  -- see search.rank_bucket(): moves seldom, so that it may have an index
  stored_rank smallint not null,
  constraint stats_belong_to_their_step foreign key (workspace_id, step_id)
    references public.workflow_steps (workspace_id, id) on delete cascade,
  constraint executions_are_counted check (succeeded >= 0 and failed >= 0 and succeeded::bigint + failed > 0),
  constraint a_duration_is_not_negative check (duration_ms >= 0)
)
-- dead versions are pruned from their page by the next update; vacuum keeps the index and the map of the rest
with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05,
  autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);
comment on table public.workflow_step_stats is 'Executions of each step, counted; no row until the first.';
comment on column public.workflow_step_stats.duration_ms is
  'Moving average: 0.8 of what it was, 0.2 of the latest.';
comment on column public.workflow_step_stats.stored_rank is
  'The part of its ranking that time does not change, in steps of 5: 0 to 16.';
-- a workspace's steps, the best first, without reading the others
create index workflow_step_stats_rank
  on public.workflow_step_stats (workspace_id, stored_rank desc, step_id desc);

alter table public.workflow_step_stats enable row level security;
create policy "members read" on public.workflow_step_stats for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on public.workflow_step_stats to authenticated, service_role;
-- no write: search.add_outcomes() counts
