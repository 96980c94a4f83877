-- How many steps some workspaces have, and how long they are. Where the refresh has not been yet: as far as is cheap.
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
        select s.search_vector from public.workflow_steps s where s.workspace_id = any (v_unknown) limit 100) k));
  end if;
  average_length := greatest(coalesce(average_length, 1), 1);
  return next;
end
$$;
comment on function search.corpus_of(uuid[]) is 'Number and average length of the steps of some workspaces.';

-- The words of a search with their document frequencies, rarest first. A lexeme without one is looked for in the
-- index itself: the refresh may be behind. One that occurs nowhere is taken for the most similar that does; very long
-- searches keep their 32 rarest words.
create function search.weigh_words(workspaces uuid[], words text[])
returns table (lexeme text, given text, df bigint, likeness real)
language plpgsql
stable
set search_path = ''
-- a row count by a bitmap: the planner would hope to meet a row soon, and read them all
set enable_seqscan = off
set enable_indexscan = off
set plan_cache_mode = force_custom_plan
as $$
declare
  v_unknown text[];
  v_unrefreshed boolean;
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
    order by w.o limit 12);
  if cardinality(v_unknown) = 0 then
    return;
  end if;
  foreach v_word in array v_unknown loop
    v_df := search.count_lexeme(weigh_words.workspaces, v_word);
    if v_df > 0 then
      return query select v_word, v_word, v_df, 1::real;
    elsif length(v_word) >= 4 then
      return query
      select n.lexeme, v_word, n.df, n.likeness
      from (
        select l.lexeme, sum(l.df)::bigint as df, max(extensions.similarity(l.lexeme, v_word)) as likeness
        from search.lexemes l
        where l.workspace_id = any (weigh_words.workspaces) and l.lexeme operator(extensions.%) v_word and l.df > 0
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
comment on function search.count_lexeme(uuid[], text) is 'In how many steps a lexeme occurs, by the text index.';
