-- What a search wants of a step.
create type search.step_query as (
  words text[],
  -- all conditions; null where there is neither phrase nor exclusion
  demand tsquery,
  -- the same without phrases
  relaxed tsquery,
  -- the exclusions alone
  barred tsquery,
  has_phrases boolean,
  -- every part has one, so that the demand alone finds few
  only_phrases boolean
);
comment on type search.step_query is 'What a search wants of a step.';

-- A search as people type it: plain words, "phrases", -words, or. Plain words are not conditions: the more
-- (and the rarer) of them a step has, the better. Exclusions are, and phrases are, where enough steps have
-- them. A part between two `or` wants its phrases and none of its exclusions; without phrases, at least one
-- of its words. In a sentence, of four words and more beside them, quotation marks are punctuation: people
-- quote titles and names. And what has more than a hundred such signs, or is long and has any, was pasted,
-- not typed: it is words alone, for conditions cost the square of their number.
create function search.read_query(query text)
returns search.step_query
language plpgsql
immutable
set search_path = ''
as $$
declare
  c_most_signs constant int := 100;
  c_most_typed constant int := 10000;
  v_text text := read_query.query;
  v_signs bigint;
  v_query search.step_query;
  v_part record;
  v_words tsvector := tsvector '';
  v_plain text[];
  v_wanted tsquery[];
  v_unwanted tsquery;
  v_barred boolean := true;
  v_conditions boolean := false;
begin
  v_signs := (select count(*) from regexp_matches(v_text, '"|\mor\M|(?:^|\s)-', 'gi'));
  if v_signs > c_most_signs or (v_signs > 0 and length(v_text) > c_most_typed) then
    v_text := regexp_replace(regexp_replace(v_text, '"|\mor\M', ' ', 'gi'), '(^|\s)-+', ' ', 'g');
  end if;
  v_query.has_phrases := false;
  v_query.only_phrases := true;
  for v_part in
    with token as (
      select t.o, t.m[1] = '-' as excluded, t.m[2] as phrase, t.m[3] as word
      from regexp_matches(v_text, '(-?)(?:"([^"]*)(?:"|$)|([^\s"]+))', 'g') with ordinality t (m, o)
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
    v_plain := search.lexemes_of(v_part.plain);
    v_wanted := case when cardinality(v_plain) < 4 then search.phrases_of(v_part.wanted) else '{}' end;
    v_plain := v_plain || search.lexemes_of(array_to_string(v_part.wanted, ' '));
    v_unwanted := !! search.one_of(search.phrases_of(v_part.unwanted));
    if cardinality(v_wanted) = 0 and cardinality(v_plain) = 0 and v_unwanted is null then
      continue; -- stop words only
    end if;
    v_words := v_words || to_tsvector('pg_catalog.english',
      concat_ws(' ', v_part.plain, array_to_string(v_part.wanted, ' ')));
    v_query.demand := search.one_of(array[v_query.demand, search.all_of(
      case when cardinality(v_wanted) > 0 then v_wanted else array[search.any_of(v_plain)] end
        || v_unwanted)]);
    v_query.relaxed := search.one_of(array[v_query.relaxed, search.all_of(array[
      search.any_of(v_plain), v_unwanted])]);
    v_query.has_phrases := v_query.has_phrases or cardinality(v_wanted) > 0;
    v_query.only_phrases := v_query.only_phrases and cardinality(v_wanted) > 0;
    v_query.barred := search.one_of(array[v_query.barred, v_unwanted]);
    v_barred := v_barred and v_unwanted is not null;
    v_conditions := v_conditions or v_unwanted is not null;
  end loop;
  v_query.words := array(select u.lexeme from unnest(v_words) u order by u.positions[1], u.lexeme);
  v_query.only_phrases := v_query.only_phrases and v_query.has_phrases;
  if not v_barred then
    v_query.barred := null; -- a part bars nothing
  end if;
  if not (v_conditions or v_query.has_phrases) then
    v_query.demand := null;
    v_query.relaxed := null;
  end if;
  return v_query;
end
$$;
comment on function search.read_query(text) is
  'The words of a search, and what it demands of a step beyond them.';

-- A text that is compared, not searched for: signs in it mean nothing.
create function search.words_alone(content text, barred tsquery)
returns search.step_query
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_query search.step_query;
begin
  v_query.words := search.lexemes_of(words_alone.content);
  v_query.relaxed := words_alone.barred;
  v_query.has_phrases := false;
  v_query.only_phrases := false;
  return v_query;
end
$$;
comment on function search.words_alone(text, tsquery) is
  'A search for the words of a text, with another one''s exclusions.';

create function search.lexemes_of(content text)
returns text[]
language sql
immutable
set search_path = ''
as $$
  select tsvector_to_array(to_tsvector('pg_catalog.english', coalesce(lexemes_of.content, '')))
$$;
comment on function search.lexemes_of(text) is 'The English stems of a text, without stop words.';

create function search.phrases_of(contents text[])
returns tsquery[]
language sql
immutable
set search_path = ''
as $$
  select array(
    select p.q
    from unnest(phrases_of.contents) c (c) cross join lateral (
      -- a phrase is tried word by word: of a very long one the beginning has to do
      select phraseto_tsquery('pg_catalog.english', case
        when length(c.c) > 1000 then regexp_replace(left(c.c, 1000), '\S{1,250}$', '') else c.c end) as q
      offset 0) p
    where numnode(p.q) > 0)
$$;
comment on function search.phrases_of(text[]) is 'Phrases as queries, without those of stop words only.';

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
comment on function search.all_of(tsquery[]) is
  'What fulfils every query; nulls demand nothing. Null of none.';

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

create function search.one_of(queries tsquery[])
returns tsquery
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_query tsquery;
  v_one tsquery;
begin
  foreach v_query in array coalesce(one_of.queries, '{}') loop
    v_one := case when v_one is null then v_query else coalesce(v_one || v_query, v_one) end;
  end loop;
  return v_one;
end
$$;
comment on function search.one_of(tsquery[]) is
  'What fulfils at least one query; nulls do not count. Null of none.';
