\ir ../helpers.sql
select plan(22);
select timestamptz '2026-11-21 12:00:00+00' as now \gset
create function pg_temp.document(s int, f int, d int, age interval) returns numeric language sql as
  $$select round(search.document_rank(s, f, d, timestamptz '2026-11-21 12:00:00+00' - age, '2026-11-21 12:00:00+00'), 3)$$;
create function pg_temp.robust(s int, f int, age interval, most int default 1000) returns numeric language sql as
  $$select round(search.robust_rank(s, f, 250, timestamptz '2026-11-21 12:00:00+00' - age, '2026-11-21 12:00:00+00', most), 3)$$;
select is(pg_temp.document(0, 0, null, '0'), 0.000, 'never executed: 0');
select is(search.document_rank(null, null, null, null, :'now'), 0::numeric, 'no statistics: 0');
-- 100 of 105: 40 * 0.952381 + 30 + 20 + 10
select is(pg_temp.document(100, 5, 250, '0'), 98.095, 'the guide''s example, just executed');
-- 40 * 0.952381 + 30 + 20 * 0.5 + 10
select is(pg_temp.document(100, 5, 250, '15 days'), 88.095, '15 days ago: half of the recency');
select is(pg_temp.document(100, 5, 250, '30 days'), 78.095, '30 days ago: none');
select is(pg_temp.document(100, 5, 250, '400 days'), 78.095, 'and never less');
select is(pg_temp.document(100, 5, 250, '-1 day'), 98.095, 'nor more, of a clock that is ahead');
-- 40 + 30 * 0.01 + 20 + 10 * 0.5
select is(pg_temp.document(1, 0, 2000, '0'), 65.300, 'one success of two seconds');
select is(pg_temp.document(1, 0, 1000, '0'), 70.300, 'of one second');
select is(pg_temp.document(1, 0, 0, '0'), 60.300, 'a duration of 0 is none');
select is(pg_temp.document(1, 0, null, '0'), 60.300, 'an unknown one neither');
select is(pg_temp.document(0, 50, null, '30 days'), 15.000, 'failures count as executions');
select is(pg_temp.document(2147483647, 2147483647, 1, '0'), 80.000, 'full counters do not overflow');
select is(pg_temp.robust(0, 0, '0'), 0.000, 'robust: never executed: 0');
-- Wilson's lower bound of 1 of 1 is 0.206543: 60 * 0.206543 + 25 + 15 * ln 2 / ln 1001
select is(pg_temp.robust(1, 0, '0'), 38.898, 'one success is not certain');
-- of 95 of 100 it is 0.888248: 60 * 0.888248 + 25 + 15 * ln 101 / ln 1001
select is(pg_temp.robust(95, 5, '0'), 88.315, '95 of 100 are');
-- 25 * exp(-1)
select is(pg_temp.robust(95, 5, '30 days'), 72.512, 'recency falls slowly');
select is(pg_temp.robust(0, 5, '100000 days', 5), 15.000, 'always failed, long ago, the most executed of its workspace');
select is(pg_temp.robust(10, 0, '0', 3), pg_temp.robust(10, 0, '0', 10), 'a step that is executed more than any before is the measure');
-- 40 * 0.952381 + 30 + 10 = 78.095
select is(search.rank_bucket(null::smallint, 100, 5, 250), 16::smallint, 'what time does not change, in steps of 5');
select is(search.rank_bucket(15::smallint, 100, 5, 250), 15::smallint, 'a bucket is kept while it is at most 5 off');
select is(search.rank_bucket(14::smallint, 100, 5, 250), 16::smallint, 'and left when it is more');
select * from finish();
