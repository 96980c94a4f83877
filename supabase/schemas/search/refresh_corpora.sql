-- Counts all steps of a workspace anew. What had been noted of it is in that, no matter how much of it was
-- still to be taken: one statement sees the steps and their notes as of one moment.
create function search.recount_corpus(workspace_id uuid)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  delete from search.lexemes l where l.workspace_id = recount_corpus.workspace_id;
  with noted as (
    delete from search.corpus_changes g where g.workspace_id = recount_corpus.workspace_id
  ),
  counted as (
    insert into search.lexemes (workspace_id, lexeme, df)
    select recount_corpus.workspace_id, w.word, w.ndoc
    from ts_stat(format(
      'select s.search_vector from public.workflow_steps s where s.workspace_id = %L',
    recount_corpus.workspace_id)) w
  )
  insert into search.corpora as c (
    workspace_id, documents, average_length, max_executions, drift, refreshed_at)
  select recount_corpus.workspace_id, count(*), coalesce(avg(length(s.search_vector)), 0),
    coalesce((
      select least(max(t.succeeded::bigint + t.failed), 2147483647)::int from public.workflow_step_stats t
      where t.workspace_id = recount_corpus.workspace_id), 0), 0, engine.now()
  from public.workflow_steps s
  where s.workspace_id = recount_corpus.workspace_id
  on conflict on constraint corpora_pkey do update set
    documents = excluded.documents, average_length = excluded.average_length,
    max_executions = excluded.max_executions, drift = 0, refreshed_at = excluded.refreshed_at;
end
$$;
comment on function search.recount_corpus(uuid) is 'Count the lexemes of all steps of a workspace.';

-- Adds the words of new steps to what is known of a workspace.
create function search.extend_corpus(workspace_id uuid, inserted uuid[], drifted bigint)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into search.lexemes as l (workspace_id, lexeme, df)
  select extend_corpus.workspace_id, w.word, w.ndoc
  from ts_stat(format(
    'select s.search_vector from public.workflow_steps s where s.id = any (%L) and s.workspace_id = %L',
    extend_corpus.inserted, extend_corpus.workspace_id)) w
  on conflict on constraint lexemes_pkey do update set df = l.df + excluded.df;
  update search.corpora c set
    documents = c.documents + n.documents,
    average_length = (c.average_length * c.documents + n.words) / greatest(c.documents + n.documents, 1),
    max_executions = greatest(c.max_executions, n.executions),
    drift = c.drift + extend_corpus.drifted,
    refreshed_at = engine.now()
  from (
    select count(*) as documents, coalesce(sum(length(s.search_vector)), 0) as words,
      coalesce(least(max(t.succeeded::bigint + t.failed), 2147483647), 0)::int as executions
    from public.workflow_steps s left join public.workflow_step_stats t on t.step_id = s.id
    where s.id = any (extend_corpus.inserted) and s.workspace_id = extend_corpus.workspace_id) n
  where c.workspace_id = extend_corpus.workspace_id;
end
$$;
comment on function search.extend_corpus(uuid, uuid[], bigint) is
  'Count the lexemes of new steps of a workspace.';

-- Takes what has happened since the last time: new steps are added, and a workspace of which more than a
-- fifth has drifted, or is new, is counted anew. One refresh runs at a time; another leaves at once.
create function search.refresh_corpora()
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_workspace record;
  v_corpus search.corpora;
  v_refreshed int := 0;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('search.refresh_corpora', 0)) then
    return 0;
  end if;
  for v_workspace in
    with taken as (
      delete from search.corpus_changes g
      where g.id in (
        select k.id from search.corpus_changes k order by k.id limit 10000 for update skip locked)
      returning g.workspace_id, g.inserted, g.drifted
    )
    select t.workspace_id as id, sum(t.drifted)::bigint as drifted, array(
      select u.id from taken k cross join unnest(k.inserted) u (id)
      where k.workspace_id = t.workspace_id) as inserted
    from taken t
    group by t.workspace_id
    order by t.workspace_id
  loop
    select * into v_corpus from search.corpora c where c.workspace_id = v_workspace.id;
    if not found or v_corpus.drift + v_workspace.drifted > v_corpus.documents * 0.2
      or cardinality(v_workspace.inserted) > greatest(10000, v_corpus.documents * 0.2) then
      perform search.recount_corpus(v_workspace.id);
    else
      perform search.extend_corpus(v_workspace.id, v_workspace.inserted, v_workspace.drifted);
    end if;
    v_refreshed := v_refreshed + 1;
  end loop;
  return v_refreshed;
end
$$;
comment on function search.refresh_corpora() is
  'Bring the frequencies of lexemes up to date; answers of how many workspaces. For cron and the operator.';

-- Every minute, where there is pg_cron: a refresh of nothing is one look at an empty table.
create function search.schedule_refresh()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_schedule regproc := to_regprocedure('cron.schedule(text,text,text)');
begin
  if v_schedule is not null then
    execute format('select %s($1, $2, $3)', v_schedule)
    using 'tandem-corpora', '* * * * *',
      'do $corpora$ begin '
      'for i in 1 .. 20 loop exit when search.refresh_corpora() = 0; commit; end loop; end $corpora$';
  end if;
end
$$;
comment on function search.schedule_refresh() is
  'The pg_cron job that keeps frequencies of lexemes. Idempotent; does nothing without pg_cron.';
