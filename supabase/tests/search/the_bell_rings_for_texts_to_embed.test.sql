\ir notes.sql
-- what pg_net would be asked to send
create schema net;
create table net.requests (url text, headers jsonb);
create function net.http_post(url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds int default 5000)
returns bigint language sql as $$
  insert into net.requests values (url, headers); select 1::bigint
$$;

select plan(15);
select test.sign_up('ann') as ann \gset
select set_config('tandem.now', '2030-01-01 12:00:00Z', true);
select platform.set('doorbell.url', '"https://example.com/functions/v1/execute/work"');
select ok(not search.ring(), 'with nothing to embed the bell is silent');
select test.act_as(:'ann');
insert into test.notes (title) select 'note ' || i from generate_series(1, 1300) i;
select test.act_as_role('postgres');
select ok(search.ring(), 'texts and no worker: it rings');
select is((select count(*) from net.requests), 3::bigint, 'a worker for each 500 of them');
select is((select array_agg(distinct url) from net.requests), '{https://example.com/functions/v1/embed/work}', 'at the address of embed');
select ok((select bool_and(engine.verify_doorbell(substr(headers ->> 'authorization', 8))) from net.requests), 'with a token that opens the door');
select ok(not search.ring(), 'not again within a second');
select jsonb_array_length(test.claim_texts('one', 100)), jsonb_array_length(test.claim_texts('two', 100));
select test.move_clock('2 s');
select platform.set('embeddings.work_url', '"https://embed.example.com/work"');
select ok(search.ring(), 'two are at work, which is one too few for the eleven hundred that are left');
select is((select count(*) from net.requests where url = 'https://embed.example.com/work'), 1::bigint, 'so one is called, at the address that was set');
select test.claim_texts('three', 100);
select test.move_clock('2 s');
select ok(not search.ring(), 'with three at work it is silent');
savepoint at_work;
select test.move_clock('31 s');
select ok(search.ring(), 'for half a minute: then they may be gone, although they hold leases');
rollback to at_work;
select test.finish_texts(test.not_embedded(jsonb_agg(to_jsonb(c)), '{"code": "rate_limited", "message": "429", "retryable": true, "retry_after_seconds": 300}'), 'four')
from search.claim_embeddings('four', 1) c;
select test.move_clock('62 s');
select ok(not search.ring(), 'and when the model is held back');
select is((select count(*) from search.embedding_jobs where lease_token is not null), 0::bigint, 'leases are taken back all the same');
select test.move_clock('5 minutes');
select ok(search.ring(), 'then it goes on');
select engine.tick();
create or replace function search.ring() returns boolean language plpgsql as $$ begin raise exception 'broken'; end $$;
select lives_ok('select engine.tick()', 'no fault of it stops the tick');
create or replace function search.ring() returns boolean language plpgsql as $$ begin perform set_config('test.rung', 'yes', true); return true; end $$;
select engine.tick();
select is(current_setting('test.rung', true), 'yes', 'which rings');
select * from finish();
