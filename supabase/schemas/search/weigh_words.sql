-- How many steps some workspaces have, and how long they are. Where the refresh has not been yet: as far as
-- is cheap.
create function search.corpus_of(workspaces uuid[])
returns table (documents bigint, average_length double precision, max_executions int)
language plpgsql
stable
set search_path = ''
as $$
declare
  v_unknown uuid[];
begin
  select coalesce(sum(c.documents), 0)::bigint,
    sum(c.average_length * c.documents) / nullif(sum(c.documents), 0),
    coalesce(max(c.max_executions), 0),
    array(select unnest(corpus_of.workspaces) except select unnest(array_agg(c.workspace_id)))
  into documents, average_length, max_executions, v_unknown
  from search.corpora c where c.workspace_id = any (corpus_of.workspaces);
  if cardinality(v_unknown) > 0 then
    documents := documents + (
      select count(*) from (
        select from public.workflow_steps s where s.workspace_id = any (v_unknown) limit 100000) k);
    average_length := coalesce(average_length, (
      select avg(length(k.search_vector)) from (
        select s.search_vector from public.workflow_steps s
        where s.workspace_id = any (v_unknown) limit 100) k));
  end if;
  average_length := greatest(coalesce(average_length, 1), 1);
  return next;
end
$$;
comment on function search.corpus_of(uuid[]) is 'Number and average length of the steps of some workspaces.';

-- The words of a search with their document frequencies, rarest first. Words that have none, for the refresh
-- may be behind, are looked for in the index itself; one that is nowhere is taken for the most similar that
-- is. Very long searches keep the 32 rarest of their words, have 100 looked for that nobody knows, and 12
-- corrected.
create function search.weigh_words(workspaces uuid[], words text[])
returns table (lexeme text, given text, df bigint, likeness real)
language plpgsql
stable
set search_path = ''
-- a few rows by the text index: the planner would hope to meet them soon, and read the table
set enable_seqscan = off
set enable_indexscan = off
set plan_cache_mode = force_custom_plan
as $$
declare
  c_sample constant int := 1000;
  v_unknown text[];
  v_query tsquery;
  v_rows bigint;
  v_lexemes text[];
  v_counts bigint[];
  v_word text;
  v_df bigint;
begin
  return query
  select l.lexeme, l.lexeme, sum(l.df)::bigint, 1::real
  from search.lexemes l
  where l.workspace_id = any (weigh_words.workspaces) and l.lexeme = any (weigh_words.words) and l.df > 0
  group by l.lexeme order by 3, 1 limit 32;
  v_unknown := array(
    select w.w from unnest(weigh_words.words) with ordinality w (w, o)
    where not exists (
      select from search.lexemes l
      where l.workspace_id = any (weigh_words.workspaces) and l.lexeme = w.w and l.df > 0)
    -- the index compares each with every step; of the few steps before the first refresh, all are wanted
    order by w.o limit case when exists (
      select from search.corpora c where c.workspace_id = any (weigh_words.workspaces)) then 100 end);
  if cardinality(v_unknown) = 0 then
    return;
  end if;
  v_query := search.any_of(v_unknown);
  with found as materialized (
    select s.search_vector from public.workflow_steps s
    where s.workspace_id = any (weigh_words.workspaces) and s.search_vector @@ v_query limit c_sample
  ),
  counted as (
    select u.lexeme, count(*) as n
    from found f cross join unnest(tsvector_to_array(f.search_vector)) u (lexeme)
    where u.lexeme = any (v_unknown) group by u.lexeme order by n, u.lexeme limit 32
  )
  select (select count(*) from found), array_agg(c.lexeme), array_agg(c.n) into v_rows, v_lexemes, v_counts
  from counted c;
  if v_rows < c_sample then
    return query select u.lexeme, u.lexeme, u.n, 1::real from unnest(v_lexemes, v_counts) u (lexeme, n);
  else
    -- more than a sample: counted one by one
    v_lexemes := null;
  end if;
  foreach v_word in array array(
    select w.w from unnest(v_unknown) with ordinality w (w, o)
    where v_lexemes is null or not w.w = any (v_lexemes) order by w.o limit 12)
  loop
    v_df := case when v_rows < c_sample then 0 else search.count_lexeme(weigh_words.workspaces, v_word) end;
    if v_df > 0 then
      return query select v_word, v_word, v_df, 1::real;
    elsif length(v_word) >= 4 then
      return query
      select n.lexeme, v_word, n.df, n.likeness
      from (
        select l.lexeme, sum(l.df)::bigint as df, max(extensions.similarity(l.lexeme, v_word)) as likeness
        from search.lexemes l
        where l.workspace_id = any (weigh_words.workspaces) and l.lexeme operator(extensions.%) v_word
          and l.df > 0
          and abs(length(l.lexeme) - length(v_word)) <= 2
        group by l.lexeme) n
      where n.likeness >= 0.35 and not n.lexeme = any (weigh_words.words)
      order by n.likeness desc, n.df desc, n.lexeme limit 1;
    end if;
  end loop;
end
$$;
comment on function search.weigh_words(uuid[], text[]) is
  'Document frequencies of the words of a search; words that occur nowhere are corrected.';

-- Counted in the text index, up to what makes a word common.
create function search.count_lexeme(workspaces uuid[], lexeme text)
returns bigint
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
set enable_indexscan = off
set plan_cache_mode = force_custom_plan
as $$
declare
  v_query tsquery := search.lexeme_query(count_lexeme.lexeme);
begin
  return (
    select count(*) from (
      select from public.workflow_steps s
      where s.workspace_id = any (count_lexeme.workspaces) and s.search_vector @@ v_query limit 100000) k);
end
$$;
comment on function search.count_lexeme(uuid[], text) is
  'In how many steps a lexeme occurs, by the text index.';
