\ir ../helpers.sql
select plan(101);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null

-- the first runs after Thursday, 1 January 2026, 00:00
create function pg_temp.runs(expression text, n int default 3) returns text language sql as $$
  select string_agg(to_char(r at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), ', ') from next_runs(expression, 'UTC', n, '2026-01-01T00:00:00Z') r
$$;
select is(pg_temp.runs(v.expression), v.runs, v.expression) from (values
  ('* * * * *', '2026-01-01 00:01, 2026-01-01 00:02, 2026-01-01 00:03'),
  ('*/15 * * * *', '2026-01-01 00:15, 2026-01-01 00:30, 2026-01-01 00:45'),
  ('5/25 6 * * *', '2026-01-01 06:05, 2026-01-01 06:30, 2026-01-01 06:55'),
  ('0 0-23/9 * * *', '2026-01-01 09:00, 2026-01-01 18:00, 2026-01-02 00:00'),
  ('1,3-4 0 1 * *', '2026-01-01 00:01, 2026-01-01 00:03, 2026-01-01 00:04'),
  ('30 9 * * MON-FRI', '2026-01-01 09:30, 2026-01-02 09:30, 2026-01-05 09:30'),
  ('0 12 * mar,Dec Sun', '2026-03-01 12:00, 2026-03-08 12:00, 2026-03-15 12:00'),
  ('0 0 * * 7', '2026-01-04 00:00, 2026-01-11 00:00, 2026-01-18 00:00'),
  ('0 0 * * 0', '2026-01-04 00:00, 2026-01-11 00:00, 2026-01-18 00:00'),
  ('0 0 * * SAT-SUN', '2026-01-03 00:00, 2026-01-04 00:00, 2026-01-10 00:00'),
  ('0 0 * * 6-7', '2026-01-03 00:00, 2026-01-04 00:00, 2026-01-10 00:00'),
  ('0 0 ? * 1', '2026-01-05 00:00, 2026-01-12 00:00, 2026-01-19 00:00'),
  ('0 0 31 * *', '2026-01-31 00:00, 2026-03-31 00:00, 2026-05-31 00:00'),
  ('0 0 29 2 *', '2028-02-29 00:00, 2032-02-29 00:00, 2036-02-29 00:00'),
  -- both day fields: either; one that starts with a star leaves it to the other
  ('0 0 13 * FRI', '2026-01-02 00:00, 2026-01-09 00:00, 2026-01-13 00:00'),
  ('0 0 */2 * FRI', '2026-01-09 00:00, 2026-01-23 00:00, 2026-02-13 00:00'),
  ('0 0 13 * */5', '2026-02-13 00:00, 2026-03-13 00:00, 2026-09-13 00:00'),
  ('0 0 29 2 */7', '2032-02-29 00:00, 2060-02-29 00:00, 2088-02-29 00:00'),
  ('  0   0 1 1	*  ', '2027-01-01 00:00, 2028-01-01 00:00, 2029-01-01 00:00'),
  ('@yearly', '2027-01-01 00:00, 2028-01-01 00:00, 2029-01-01 00:00'),
  ('@annually', '2027-01-01 00:00, 2028-01-01 00:00, 2029-01-01 00:00'),
  ('@monthly', '2026-02-01 00:00, 2026-03-01 00:00, 2026-04-01 00:00'),
  ('@weekly', '2026-01-04 00:00, 2026-01-11 00:00, 2026-01-18 00:00'),
  ('@Daily', '2026-01-02 00:00, 2026-01-03 00:00, 2026-01-04 00:00'),
  ('@midnight', '2026-01-02 00:00, 2026-01-03 00:00, 2026-01-04 00:00'),
  ('@hourly', '2026-01-01 01:00, 2026-01-01 02:00, 2026-01-01 03:00')
) v (expression, runs);
select is((select count(*) from next_runs('* * * * *')), 5::bigint, 'five, unless more are asked for');
select is((select count(*) from next_runs('* * * * *', n => 5000)), 1000::bigint, 'a thousand at most');
select is((select r from next_runs('0 0 29 2 */7', n => 1, after => '2089-01-01Z') r), '2128-02-29Z', 'the next may be 40 years away');
select is(pg_temp.runs('* * * * *', 0), null, 'or none');
select set_config('tandem.now', '2030-01-01T00:00:30Z', true) \g /dev/null
select is((select r from next_runs('* * * * *', n => 1) r), '2030-01-01T00:01:00Z', 'after now, unless another time is given');
select is((select r from next_runs('* * * * *', n => 1, after => '2026-05-05T05:05:00Z') r), '2026-05-05T05:06:00Z', 'a time itself is not after it');

select is(test.outcome(format('select next_runs(%L)', v.expression)), 'PT422 cron_invalid', 'refused: ' || coalesce(v.expression, 'null'))
from (values (null), (''), (' '), ('* * * *'), ('* * * * * *'), ('60 * * * *'), ('-1 * * * *'), ('* 24 * * *'), ('* * 0 * *'), ('* * 32 * *'),
  ('* * * 0 *'), ('* * * 13 *'), ('* * * * 8'), ('5-1 * * * *'), ('0 0 * * FRI-MON'), ('*/0 * * * *'), ('*/61 * * * *'), ('* */25 * * *'),
  ('1, * * * *'), (',1 * * * *'), ('1,,2 * * * *'), ('1- * * * *'), ('1/ * * * *'), ('/5 * * * *'), ('*-5 * * * *'), ('1-2-3 * * * *'), ('1.5 * * * *'),
  ('a * * * *'), ('? * * * *'), ('* * * MON *'), ('* * * * JAN'), ('* * L * *'), ('* * LW * *'), ('* * 15W * *'), ('* * * * 5L'), ('* * * * 5#3'), ('* * * * FRI#3'),
  ('99999999999 * * * *'), ('@every 5m'), ('@reboot'), ('@'), ('0 0 30 2 *'), ('0 0 31 4,6,9,11 *'), ('0 0 30-31 feb *')) v (expression);
select is(triggers.cron_problem('0 0 30 2 *', 'UTC'), 'No month that is named has such a day: it would never run', 'what never comes is told');
select is(triggers.cron_problem('0 0 30 2 1', 'UTC'), null, 'a weekday may come instead');
select is(triggers.cron_problem('* 25 * * *', 'UTC'), 'hour: "25" is not between 0 and 23', 'the field is named');
select is(triggers.cron_problem('* * * * *', 'UTC'), null, 'nothing is wrong with what is right');

select is(test.outcome(format('select next_runs(''* * * * *'', %L)', v.zone)), 'PT422 timezone_unknown', 'refused: ' || coalesce(v.zone, 'null'))
from (values (null), (''), ('Europe/Berln'), ('Europe'), ('CET'), ('EST5EDT'), ('XYZ5'), ('Foo/Bar5'), ('+02:00'), ('<a>-2'), ('posix/Europe/Berlin'), ('Europe/Berlin; drop'), ('Etc/GMT+99')) v (zone);
select is(triggers.cron_problem('* * * * *', v.zone), null, v.zone) from (values ('UTC'), ('GMT'), ('Etc/UTC'), ('Etc/GMT+5'), ('Europe/Berlin'), ('America/Argentina/Buenos_Aires'),
  ('America/Port-au-Prince'), ('Asia/Kathmandu')) v (zone);
select * from finish();
