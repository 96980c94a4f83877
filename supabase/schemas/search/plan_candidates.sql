-- Which steps of a search are scored, so that never more than about `budget` are read, whatever the words.
-- Words come rarest first. As many as fit in the budget are taken: a step that has none of them has only
-- words that weigh little. Null where already the rarest are too common: then the best-ranked steps are tried
-- one by one (search.walk_steps). Frequencies are of all `documents`.
create function search.plan_candidates(lexemes text[], frequencies bigint[], documents bigint, budget int)
returns tsquery
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_sum double precision := 0;
  v_next double precision;
  v_taken int := 0;
begin
  for i in 1 .. cardinality(lexemes) loop
    v_next := v_sum + frequencies[i];
    exit when v_next > budget;
    v_sum := v_next;
    v_taken := i;
  end loop;
  return search.one_of(array[
    search.any_of(lexemes[:v_taken]),
    -- a handful leaves room for steps that have several of the commoner words
    case when v_sum < 200 then search.plan_common(
      lexemes[v_taken + 1:], frequencies[v_taken + 1:], documents, budget) end]);
end
$$;
comment on function search.plan_candidates(text[], bigint[], bigint, int) is
  'The query of the steps that are scored, or null where the words are too common.';

-- Of words that are each too frequent: the rarest and at least one other; the two rarest and at least one
-- other; and so on, to all of them. Null where even that is too much, or where the index would read too many
-- postings.
create function search.plan_common(lexemes text[], frequencies bigint[], documents bigint, budget int)
returns tsquery
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_n int := cardinality(lexemes);
  v_all double precision := documents;
  v_none double precision;
begin
  if v_n = 0 or frequencies[1] > 150000 then
    return null;
  end if;
  for i in 1 .. v_n - 1 loop
    v_all := v_all * least(frequencies[i]::double precision / documents, 1);
    v_none := 1;
    for j in i + 1 .. v_n loop
      v_none := v_none * (1 - least(frequencies[j]::double precision / documents, 1));
    end loop;
    if v_all * (1 - v_none) <= budget then
      return search.all_of(array(select search.lexeme_query(l) from unnest(lexemes[:i]) l)
        || search.any_of(lexemes[i + 1:]));
    end if;
  end loop;
  return null;
end
$$;
comment on function search.plan_common(text[], bigint[], bigint, int) is
  'The query of steps that have several of some common words.';
