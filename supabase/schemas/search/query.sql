-- A search as people type it: plain words, "phrases", -words, or. Phrases and exclusions are conditions; plain words
-- are not, the more (and the rarer) of them a step has, the better. A part between two `or` that has no phrase wants at
-- least one of its words. `condition` is null where there is neither phrase nor exclusion.
create function search.read_query(query text)
returns table (words text[], condition tsquery, phrases boolean)
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_words tsvector;
  v_part record;
  v_condition tsquery;
  v_all tsquery;
  v_phrases boolean := true;
  v_conditions boolean := false;
begin
  for v_part in
    with token as (
      select t.o, t.m[1] = '-' as excluded, t.m[2] as phrase, t.m[3] as word
      from regexp_matches(read_query.query, '(-?)(?:"([^"]*)(?:"|$)|([^\s"]+))', 'g') with ordinality t (m, o)
    ),
    part as (
      select k.*, count(*) filter (where lower(k.word) = 'or' and not k.excluded) over (order by k.o) as n
      from token k
    )
    select p.n,
      string_agg(p.word, ' ' order by p.o) filter (where not p.excluded and lower(p.word) <> 'or') as plain,
      array_agg(p.phrase) filter (where not p.excluded and p.phrase is not null) as wanted,
      array_agg(coalesce(p.phrase, p.word)) filter (where p.excluded) as unwanted
    from part p group by p.n order by p.n
  loop
    v_condition := (
      select search.all_of(array_agg(q)) from (
        select phraseto_tsquery('pg_catalog.english', w) from unnest(v_part.wanted) w
        union all
        select !! phraseto_tsquery('pg_catalog.english', u) from unnest(v_part.unwanted) u
        where numnode(phraseto_tsquery('pg_catalog.english', u)) > 0) c (q)
      where numnode(q) > 0);
    v_words := coalesce(v_words, '') || to_tsvector('pg_catalog.english', concat_ws(' ', v_part.plain,
      array_to_string(v_part.wanted, ' ')));
    v_conditions := v_conditions or v_condition is not null;
    if not exists (
      select from unnest(v_part.wanted) w where numnode(phraseto_tsquery('pg_catalog.english', w)) > 0)
    then
      v_phrases := false;
      v_condition := search.all_of(array[
        search.any_of(tsvector_to_array(to_tsvector('pg_catalog.english', v_part.plain))), v_condition]);
    end if;
    v_all := case when v_all is null then v_condition else coalesce(v_all || v_condition, v_all) end;
  end loop;
  return query select
    coalesce((select array_agg(u.lexeme order by u.positions[1], u.lexeme) from unnest(v_words) u), '{}'),
    case when v_conditions then v_all end, v_conditions and v_phrases;
end
$$;
comment on function search.read_query(text) is
  'The words of a search, what it demands of a step beyond them, and whether that alone finds the steps.';

create function search.all_of(queries tsquery[])
returns tsquery
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_query tsquery;
  v_all tsquery;
begin
  foreach v_query in array coalesce(all_of.queries, '{}') loop
    v_all := case when v_all is null then v_query else coalesce(v_all && v_query, v_all) end;
  end loop;
  return v_all;
end
$$;
comment on function search.all_of(tsquery[]) is 'What fulfils every query; nulls demand nothing. Null of none.';

create function search.lexeme_query(lexeme text)
returns tsquery
language sql
immutable
parallel safe
set search_path = ''
as $$
  select ('''' || replace(replace(lexeme_query.lexeme, '\', '\\'), '''', '''''') || '''')::tsquery
$$;
comment on function search.lexeme_query(text) is 'What has a lexeme, given as it stands in a tsvector.';

create function search.any_of(lexemes text[])
returns tsquery
language sql
immutable
parallel safe
set search_path = ''
as $$
  select string_agg(search.lexeme_query(l)::text, '|')::tsquery from unnest(any_of.lexemes) l
$$;
comment on function search.any_of(text[]) is 'What has at least one of the lexemes. Null of none.';
