-- Which steps of a search are scored, so that never more than about `budget` are read, whatever the words. Words come
-- rarest first; a share is that of all steps that may be found (those in the filter) in which a word occurs.
--   As many words as fit in the budget, rarest first: a step that has none of them has only words that weigh little.
--   Where the rarest alone is too frequent: it and at least one other; the two rarest and at least one other; and so
--   on, to all of them.
--   Null where even that is too much: then the best-ranked steps are tried one by one (search.walk_steps).
create function search.plan_candidates(lexemes text[], frequencies bigint[], documents bigint, reachable bigint, budget int)
returns tsquery
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_n int := cardinality(lexemes);
  v_sum double precision := 0;
  v_taken int := 0;
  v_all double precision := reachable;
  v_none double precision;
begin
  if reachable <= budget then
    return search.any_of(lexemes);
  end if;
  for i in 1 .. v_n loop
    v_sum := v_sum + frequencies[i]::double precision * reachable / documents;
    exit when v_sum > budget;
    v_taken := i;
  end loop;
  if v_taken > 0 then
    return search.any_of(lexemes[:v_taken]);
  end if;
  -- the index reads the postings of the rarest word
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
comment on function search.plan_candidates(text[], bigint[], bigint, bigint, int) is
  'The query of the steps that are scored, or null where the words are too common.';
