-- How a step is used, by month: found, looked at, executed.
create table public.step_analytics (
  step_id uuid not null,
  -- its first day, UTC
  month date not null,
  workspace_id uuid not null,
  times_appeared_in_search int not null default 0,
  times_viewed int not null default 0,
  times_executed int not null default 0,
  primary key (step_id, month),
  constraint analytics_belong_to_their_step foreign key (workspace_id, step_id)
    references public.workflow_steps (workspace_id, id) on delete cascade,
  constraint a_month_is_its_first_day check (extract(day from month) = 1)
)
with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05,
  autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);
comment on table public.step_analytics is
  'How often each step appeared in a search, was viewed and was executed, by month.';
-- a workspace's month
create index step_analytics_month on public.step_analytics (workspace_id, month);

alter table public.step_analytics enable row level security;
create policy "members read" on public.step_analytics for select to authenticated
  using (workspace_id = any (array(select workspaces.readable())));
grant select on public.step_analytics to authenticated, service_role;
-- no write: record_step_usage() and search.add_outcomes() count

-- Counts steps of the caller's workspaces; ids of others count nothing, as if they were not there.
create function search.count_usage(appeared uuid[], viewed uuid[])
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  c_most constant int := 1000;
  v_all boolean := workspaces.caller_bypasses_rls();
  v_workspaces uuid[] := array(select workspaces.readable());
  v_counted int;
begin
  if coalesce(cardinality(appeared), 0) + coalesce(cardinality(viewed), 0) > c_most then
    perform platform.fail(422, 'too_many_steps', format('At most %s ids can be counted at once', c_most),
      'Send them in several calls.');
  end if;
  for attempt in 1 .. 10 loop
    begin
      insert into public.step_analytics as a (
        step_id, month, workspace_id, times_appeared_in_search, times_viewed)
      select u.step_id, date_trunc('month', engine.now() at time zone 'UTC')::date, s.workspace_id,
        u.appeared, u.viewed
      from (
        select step_id, (count(*) filter (where not is_view))::int as appeared,
          (count(*) filter (where is_view))::int as viewed
        from (
          select unnest(count_usage.appeared), false
          union all
          select unnest(count_usage.viewed), true) i (step_id, is_view)
        group by step_id) u
      join public.workflow_steps s on s.id = u.step_id
      where v_all or s.workspace_id = any (v_workspaces)
      order by u.step_id
      on conflict (step_id, month) do update set
        times_appeared_in_search = least(
          a.times_appeared_in_search::bigint + excluded.times_appeared_in_search, 2147483647)::int,
        times_viewed = least(a.times_viewed::bigint + excluded.times_viewed, 2147483647)::int;
      get diagnostics v_counted = row_count;
      return v_counted;
    exception when foreign_key_violation then
      -- one is just deleted: then it counts nothing either
      if attempt = 10 then
        raise;
      end if;
    end;
  end loop;
end
$$;
comment on function search.count_usage(uuid[], uuid[]) is 'See public.record_step_usage.';
grant execute on function search.count_usage(uuid[], uuid[]) to authenticated, service_role;

create function public.record_step_usage(appeared uuid[] default '{}', viewed uuid[] default '{}')
returns int
language sql
volatile
security invoker
set search_path = ''
as $$
  select search.count_usage(record_step_usage.appeared, record_step_usage.viewed)
$$;
comment on function public.record_step_usage(uuid[], uuid[]) is
  'Count steps that appeared in a search and steps that were looked at; an id given twice counts twice. '
  'Answers how many steps were counted: those that the caller may read. Errors: too_many_steps.';
grant execute on function public.record_step_usage(uuid[], uuid[]) to authenticated, service_role;
