\ir ../helpers.sql
select plan(13);
create function pg_temp.claim() returns setof text language sql as $$
  select object_key from search.claim_object_sweeps(10) order by 1
$$;
-- gives back all that is leased, failed or done
create function pg_temp.finish(error jsonb default null) returns jsonb language sql as $$
  select search.finish_object_sweeps(coalesce(jsonb_agg(jsonb_build_object(
    'object_key', d.object_key, 'lease_token', d.lease_token, 'error', finish.error)), '[]'))
  from search.object_deletions d where d.lease_token is not null
$$;
select set_config('tandem.now', '2030-01-01T00:00:00Z', true) \g /dev/null
select is(search.object_sweeps_are_due(), false, 'nothing is due at first');
select search.queue_object_deletions('{a_state.json.gz,b_state.json.gz,null}', array[gen_random_uuid(), gen_random_uuid(), null]) \g /dev/null
select is(search.object_sweeps_are_due(), true, 'then something is');
select set_eq('select pg_temp.claim()', '{a_state.json.gz,b_state.json.gz}'::text[], 'each object is claimed');
select is_empty('select pg_temp.claim()', 'by one worker');
select is(pg_temp.finish('{"code": "object_store_unavailable"}'), '{"deleted": 0, "retried": 2}', 'what fails is kept');
select is_empty('select pg_temp.claim()', 'and rests');
select test.move_clock('6 seconds') \g /dev/null
select is((select count(*) from pg_temp.claim()), 2::bigint, 'for a few seconds');
select pg_temp.finish('{"code": "object_store_unavailable"}') \g /dev/null
select test.move_clock('6 seconds') \g /dev/null
select is_empty('select pg_temp.claim()', 'then for longer');
select test.move_clock('5 seconds') \g /dev/null
select is((select count(*) from pg_temp.claim()), 2::bigint, 'and so on');
select test.move_clock('61 seconds') \g /dev/null
select is((select count(*) from pg_temp.claim()), 2::bigint, 'a worker that is gone holds nothing up');
select is(search.finish_object_sweeps(jsonb_build_array(jsonb_build_object('object_key', 'a_state.json.gz', 'lease_token', gen_random_uuid()))),
  '{"deleted": 0, "retried": 0}', 'whose lease is over changes nothing');
select is(pg_temp.finish(), '{"deleted": 2, "retried": 0}', 'what is deleted is forgotten');
select is_empty('select * from search.object_deletions', 'for good');
select * from finish();
