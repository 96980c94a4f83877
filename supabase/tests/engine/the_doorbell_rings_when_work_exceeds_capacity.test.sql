\ir ../helpers.sql
select plan(11);
-- what pg_net would be asked to send
create schema net;
create table net.requests (url text, headers jsonb, timeout_milliseconds int);
create function net.http_post(url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds int default 5000)
returns bigint language sql as $$
  insert into net.requests values (url, headers, timeout_milliseconds); select 1::bigint
$$;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"work": {"NOOP": {}}}', 'start>work') as flow \gset
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('0') \g /dev/null
select platform.set('doorbell.url', '"https://example.com/functions/v1/execute/work"') \g /dev/null

select ok(not engine.ring(), 'without ready work the bell is silent');
select start_execution(:'flow') from generate_series(1, 25) \g /dev/null
select ok(engine.ring(), 'ready work and no worker: it rings');
select is((select count(*) from net.requests), 3::bigint, 'one request for each ten tasks');
select is((select array_agg(distinct url) from net.requests), array['https://example.com/functions/v1/execute/work'], 'to the set address');
select engine.ring() \g /dev/null
select is((select count(*) from net.requests), 3::bigint, 'not again within a second');
select substr(headers ->> 'authorization', 8) as token from net.requests limit 1 \gset
select ok(engine.verify_doorbell(:'token'), 'its token opens the door');
select ok(not engine.verify_doorbell('x' || :'token'), 'no other does');
select is((select count(*) from engine.doorbell_tokens where token_hash = sha256(:'token'::bytea)), 1::bigint, 'only its hash is kept');
select test.claim('busy', 5) \g /dev/null
select test.move_clock('1.5 s') \g /dev/null
select engine.ring() \g /dev/null
select is((select count(*) from net.requests), 5::bigint, 'a worker that has its hands full counts for nothing: two more for the twenty that are left');
select test.move_clock('2 s') \g /dev/null
select engine.claim('idle', 0) \g /dev/null
update engine.workers set capacity = 30 where worker_id = 'idle';
select ok(not engine.ring(), 'one that has room for all is left in peace');
select test.move_clock('2 minutes') \g /dev/null
select ok(not engine.verify_doorbell(:'token'), 'the token lives a minute');
select * from finish();
