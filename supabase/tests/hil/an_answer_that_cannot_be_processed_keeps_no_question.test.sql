\ir ../helpers.sql
select plan(6);
-- what nobody thought of
create function test.refuse() returns trigger language plpgsql as $$ begin raise 'Somebody else''s row says %', new.comment; end $$;
create trigger refuse before update on public.hil_responses for each row when (new.outcome is not null and new.comment = 'bad') execute function test.refuse();
create function test.received(message text, comment text) returns jsonb language sql security definer as $$
  select hil.receive('webhook', (select id from integrations where provider = 'webhook'), received.message, '{}', null,
    jsonb_build_object('correlation_id', 'order-1', 'decision', 'approve', 'comment', received.comment))
$$;
create function test.kept(message text) returns jsonb language sql security definer as $$ select error from hil_responses where message_id = kept.message $$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.integration('webhook', '{"type": "standard_webhooks"}') as hook \gset
select is(test.received('m1', 'bad') ->> 'status' || ' ' || (test.received('m2', 'good') ->> 'status'), 'unmatched unmatched', 'two answers come before their question');
select test.run(test.workflow(json_build_object('ask', json_build_object('APPROVAL', json_build_object('message', '?', 'channel', 'webhook', 'to', 'https://example.com/x', 'correlation_id', 'order-1'),
  'credentials', json_build_object('webhook', :'hook'))), 'start>ask')) as id \gset
select test.tick() \g /dev/null
select is((select status || ' ' || outcome from human_interactions where execution_id = :'id'), 'responded approved', 'the good one counts');
select is((test.execution(:'id')).status, 'SUCCESS', 'and the workflow goes on');
select is(test.kept('m1'), '{"code": "processing_failed", "message": "It could not be processed", "reason": "Somebody else''s row says bad"}', 'of the other it is kept why not');
select is(test.received('m1', 'bad') - 'response_id', '{"status": "error", "interaction_id": null, "outcome": null, "decided_by": null, "responded_at": null, "repeated": true, "code": "processing_failed", "message": "It could not be processed"}', 'whoever sent it is not told what went wrong');
select test.run(test.workflow(json_build_object('ask', json_build_object('APPROVAL', json_build_object('message', '?', 'channel', 'webhook', 'to', 'https://example.com/x', 'correlation_id', 'order-1'),
  'credentials', json_build_object('webhook', :'hook'))), 'start>ask')) as id \gset
select is(test.received('m3', 'bad') ->> 'message', 'It could not be processed', 'nor of one that comes later');
select * from finish();
