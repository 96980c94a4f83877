-- 0 to 100: 40 for the share of successes, 30 for a hundred executions, 20 for recency (none after 30 days),
-- 10 for a second or less. The formula of the guide that this memory was first described by. In plpgsql, like
-- all that is called for every row.
create function search.document_rank(
  succeeded int, failed int, duration_ms int, last_executed_at timestamptz, at timestamptz
)
returns numeric
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
declare
  v_n double precision := coalesce(succeeded, 0)::double precision + coalesce(failed, 0);
begin
  if v_n = 0 then
    return 0;
  end if;
  return round((
    40 * (coalesce(succeeded, 0) / v_n)
    + 30 * least(v_n / 100, 1)
    + 20 * greatest(least(1 - extract(epoch from at - last_executed_at)::double precision / 2592000, 1), 0)
    + case when duration_ms > 0 then 10 * least(1000.0::double precision / duration_ms, 1)
      else 0 end)::numeric, 6);
end
$$;
comment on function search.document_rank(int, int, int, timestamptz, timestamptz) is
  'Ranking 0 to 100 of success, frequency, recency and speed, linear.';
grant execute on function search.document_rank(int, int, int, timestamptz, timestamptz)
  to authenticated, service_role;

-- 0 to 100: 60 for the success that is certain (lower bound of Wilson's interval at 95 %: 1 of 1 is worth
-- less than 95 of 100), 25 for recency (exponential, 30 days), 15 for frequency (logarithmic, beside the
-- workspace's most executed step).
create function search.robust_rank(
  succeeded int, failed int, duration_ms int, last_executed_at timestamptz, at timestamptz,
  max_executions int default 1000
)
returns numeric
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
declare
  c_z constant double precision := 1.96::double precision;
  v_n double precision := coalesce(succeeded, 0)::double precision + coalesce(failed, 0);
  v_share double precision;
  v_certain double precision;
begin
  -- how long it takes says nothing of success: it has no part, but has to be a duration
  if v_n = 0 or duration_ms < 0 then
    return 0;
  end if;
  v_share := coalesce(succeeded, 0) / v_n;
  v_certain := (v_share + c_z * c_z / (2 * v_n)
    - c_z * sqrt(v_share * (1 - v_share) / v_n + c_z * c_z / (4 * v_n * v_n))) / (1 + c_z * c_z / v_n);
  return round((
    60 * greatest(v_certain, 0)
    -- whoever was executed years ago: exp() would underflow
    + 25 * exp(-least(
      greatest(extract(epoch from at - last_executed_at)::double precision / 2592000, 0), 100))
    + 15 * ln(1 + v_n) / ln(1 + greatest(v_n, max_executions)))::numeric, 6);
end
$$;
comment on function search.robust_rank(int, int, int, timestamptz, timestamptz, int) is
  'Ranking 0 to 100 of certain success, recency and frequency; new steps are not overrated.';
grant execute on function search.robust_rank(int, int, int, timestamptz, timestamptz, int)
  to authenticated, service_role;

-- The part of the document's ranking that time does not change (0 to 80), in steps of 5. A step keeps its
-- bucket until its score is more than 5 away: a duration that goes up and down across a border does not move
-- it to and fro, and what is ranked by it is at most 5 off.
create function search.rank_bucket(bucket smallint, succeeded int, failed int, duration_ms int)
returns smallint
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
declare
  v_n double precision := succeeded::double precision + failed;
  v_score double precision := 40 * (succeeded / v_n) + 30 * least(v_n / 100, 1)
    + case when duration_ms > 0 then 10 * least(1000.0::double precision / duration_ms, 1) else 0 end;
begin
  if abs(v_score - bucket * 5) <= 5 then
    return bucket;
  end if;
  return round(v_score / 5)::smallint;
end
$$;
comment on function search.rank_bucket(smallint, int, int, int) is
  'What workflow_step_stats.stored_rank becomes, from what it was (null: nothing).';
