-- Where our rules are not croner's, and the days that everybody asks about. Written by hand from the zones' history.
\ir ../helpers.sql
select plan(32);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
create function pg_temp.runs(expression text, zone text, after text, n int) returns text language sql as $$
  select string_agg(to_char(r at time zone 'UTC', 'DD HH24:MI'), ', ') from next_runs(expression, zone, n, after::timestamptz) r
$$;
select is(pg_temp.runs(v.expression, v.zone, v.after, v.n), v.runs, format('%s: %s in %s after %s', v.why, v.expression, v.zone, v.after)) from (values
  -- Berlin, 29 March 2026: 01:00 UTC, 02:00 becomes 03:00
  ('a time that is left out runs at the change', '30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00Z', 3, '28 01:30, 29 01:00, 30 00:30'),
  ('several of them once', '10,20 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', 3, '29 01:00, 30 00:10, 30 00:20'),
  ('also with one that is there', '0 2-3 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', 3, '29 01:00, 30 00:00, 30 01:00'),
  ('an interval goes on in real time', '*/30 * * * *', 'Europe/Berlin', '2026-03-29T00:00Z', 3, '29 00:30, 29 01:00, 29 01:30'),
  ('an interval within the hour that is left out has no times', '*/30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', 2, '30 00:00, 30 00:30'),
  ('a step of hours is an interval', '30 0-23/2 * * *', 'Europe/Berlin', '2026-03-28T23:00Z', 3, '28 23:30, 29 02:30, 29 04:30'),
  -- 25 October 2026: 01:00 UTC, 03:00 becomes 02:00
  ('what is shown twice runs the first time', '30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', 2, '25 00:30, 26 01:30'),
  ('not again when asked between the two', '30 2 * * *', 'Europe/Berlin', '2026-10-25T00:45Z', 1, '26 01:30'),
  ('nor in the second hour', '30 2 * * *', 'Europe/Berlin', '2026-10-25T01:15Z', 1, '26 01:30'),
  ('what follows it is not touched', '30 2,3 * * *', 'Europe/Berlin', '2026-10-25T00:45Z', 2, '25 02:30, 26 01:30'),
  ('an interval runs in both hours', '*/30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', 5, '25 00:00, 25 00:30, 25 01:00, 25 01:30, 26 01:00'),
  ('hourly is each hour', '0 * * * *', 'Europe/Berlin', '2026-10-24T23:00Z', 4, '25 00:00, 25 01:00, 25 02:00, 25 03:00'),
  ('a wildcard minute too', '* 2 25 10 *', 'Europe/Berlin', '2026-10-25T00:58Z', 3, '25 00:59, 25 01:00, 25 01:01'),
  -- half an hour: Lord Howe, 4 October 2026 at 02:00 by 30 minutes, back on 5 April at 02:00 to 01:30
  ('half an hour is left out', '15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00Z', 2, '03 15:30, 04 15:15'),
  ('half an hour is shown twice', '45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T00:00Z', 2, '04 14:45, 05 15:15'),
  ('twice for an interval', '*/15 1 * * *', 'Australia/Lord_Howe', '2026-04-04T14:00Z', 6, '04 14:15, 04 14:30, 04 14:45, 04 15:00, 04 15:15, 05 14:30'),
  ('45 minutes off', '0 9 * * *', 'Asia/Kathmandu', '2026-01-01T00:00Z', 2, '01 03:15, 02 03:15'),
  -- midnight does not exist: Sao Paulo 4 November 2018, Cairo 24 April 2026, Beirut 29 March 2026; or twice: Havana 1 November 2026
  ('midnight is left out', '0 0 * * *', 'America/Sao_Paulo', '2018-11-03T12:00Z', 2, '04 03:00, 05 02:00'),
  ('midnight is left out', '@daily', 'Africa/Cairo', '2026-04-23T12:00Z', 2, '23 22:00, 24 21:00'),
  ('midnight is left out', '30 0 * * *', 'Asia/Beirut', '2026-03-28T12:00Z', 2, '28 22:00, 29 21:30'),
  ('midnight comes twice', '@daily', 'America/Havana', '2026-10-31T12:00Z', 2, '01 04:00, 02 05:00'),
  ('the hour before midnight comes twice', '30 23 * * *', 'America/Sao_Paulo', '2018-02-17T12:00Z', 2, '18 01:30, 19 02:30'),
  -- croner skips what lies in a gap that ends on the next day; we run it: Nuuk, 30 March 2024, 23:00 becomes 00:00
  ('a gap up to midnight', '30 23 * * *', 'America/Nuuk', '2024-03-29T12:00Z', 3, '30 01:30, 31 01:00, 01 00:30'),
  ('and once with midnight itself', '0,30 0,23 * * *', 'America/Nuuk', '2024-03-31T00:50Z', 2, '31 01:00, 31 01:30'),
  -- Samoa had no 30 December 2011
  ('a day that is left out has no times', '0 9 * * *', 'Pacific/Apia', '2011-12-29T00:00Z', 2, '29 19:00, 30 19:00'),
  ('a day that is left out has no times', '0 9 30 12 *', 'Pacific/Apia', '2011-12-29T00:00Z', 1, '29 19:00'),
  ('an interval goes on', '*/30 * * * *', 'Pacific/Apia', '2011-12-30T09:00Z', 3, '30 09:30, 30 10:00, 30 10:30')
) v (why, expression, zone, after, n, runs);
select is((select r from next_runs('0 9 30 12 *', 'Pacific/Apia', 1, '2011-12-29T00:00Z') r), '2012-12-29T19:00Z', 'but those of another year');
select is(pg_temp.runs('30 2 * * *', 'Europe/Berlin', '2026-03-29T01:00:00Z', 1), '30 00:30', 'the run at the change is not repeated');
select is(pg_temp.runs('* * * * *', 'UTC', '2026-03-29T01:00:59.999999Z', 1), '29 01:01', 'fractions of a second do not matter');
-- the session's own zone does not matter
set local timezone = 'Pacific/Apia';
select is(pg_temp.runs('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00Z', 3), '28 01:30, 29 01:00, 30 00:30', 'whatever the session''s zone is');
set local timezone = 'Europe/Berlin';
select is(pg_temp.runs('*/30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', 5), '25 00:00, 25 00:30, 25 01:00, 25 01:30, 26 01:00', 'nor that it is the same');
select * from finish();
