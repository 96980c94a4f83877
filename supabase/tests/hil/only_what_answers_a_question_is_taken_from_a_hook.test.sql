-- hil.receive_delivery with only_replies: of a hook that triggers listen to as well.
\ir ../helpers.sql
select plan(13);
create function test.ask(subject json, channel text, integration uuid) returns uuid language plpgsql security definer as $$
declare
  v_id uuid := test.run(test.workflow(json_build_object('ask', json_build_object('APPROVAL', jsonb_build_object('message', '?', 'channel', ask.channel) || ask.subject::jsonb,
    'credentials', json_build_object(ask.channel, ask.integration))), 'start>ask'));
begin
  return (select i.id from human_interactions i where i.execution_id = v_id);
end
$$;
create function test.sent(external text) returns jsonb language plpgsql security definer as $$
declare
  v_claimed jsonb := hil.claim_messages('s', 10);
begin
  perform hil.finish_messages('s', (select jsonb_agg(jsonb_build_object('id', m ->> 'id', 'status', 'sent', 'external_id', sent.external,
    'thread', jsonb_build_object('channel', m ->> 'recipient', 'ts', sent.external))) from jsonb_array_elements(v_claimed) m));
  return v_claimed;
end
$$;
create function test.reply(integration uuid, hints jsonb, message text default gen_random_uuid()::text, once text default null) returns text language sql security definer as $$
  select coalesce((select concat_ws(' ', a ->> 'status', a ->> 'result', a ->> 'code')
    from hil.receive_delivery('slack', reply.integration, reply.message, '{}', null, reply.hints, reply.once, true) a where a is not null), 'not ours')
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'eve') \g /dev/null
select test.integration('slack') as theirs \gset
select test.act_as(:'ann') \g /dev/null
select test.integration('slack') as slack, test.integration('mailgun') as mail \gset
select test.act_as_role('postgres') \g /dev/null
select is(test.reply(:'slack', '{"slack": {"channel": "C1", "thread_ts": "1.1", "user": "U1"}, "text": "yes"}'), 'not ours', 'where nothing was asked nothing is an answer');
select is((select count(*) from hil_responses), 0::bigint, 'and nothing is kept');
select test.act_as(:'ann') \g /dev/null
select test.ask('{"to": "C1", "assignees": [{"slack": "U1"}]}', 'slack', :'slack') as q \gset
select test.act_as_role('postgres') \g /dev/null
select test.sent('1.1') \g /dev/null
-- all that is being sent may have been answered before we know its id
select test.move_clock('2 minutes') \g /dev/null
select is(test.reply(:'slack', '{"slack": {"channel": "C1", "thread_ts": "9.9", "user": "U1"}, "text": "yes"}'), 'not ours', 'a thread of others is none of ours');
select is(test.reply(:'theirs', '{"slack": {"channel": "C1", "thread_ts": "1.1", "user": "U1"}, "text": "yes"}'), 'not ours', 'nor is ours through another integration');
select is(test.reply(:'slack', '{"slack": {"channel": "C1", "thread_ts": "1.1", "user": "U1"}, "text": "hm"}', 'e1'), 'matched unclear', 'words in the thread are taken, whatever they say');
select is(test.reply(:'slack', '{"slack": {"channel": "D1", "thread_ts": null, "user": "U7"}, "text": "hello"}'), 'not ours', 'a direct message of who was not asked is not');
select is(test.reply(:'slack', '{"slack": {"channel": "D1", "thread_ts": null, "user": "U1"}, "text": "approved"}'), 'matched decided', 'of who was asked it is');
select is((select count(*) from hil_responses), 2::bigint, 'what was not ours was not kept');
-- mail
select test.act_as(:'ann') \g /dev/null
select test.ask('{"to": "boss@example.com"}', 'email', :'mail') as q \gset
select test.act_as_role('postgres') \g /dev/null
select jsonb_path_query_first(test.sent('m1@example.com'), '$[*] ? (@.kind == "request")') ->> 'token' as token \gset
select test.move_clock('2 minutes') \g /dev/null
select is(test.reply(:'mail', '{"email": {"from": "boss@example.com", "references": []}, "text": "yes"}'), 'not ours', 'a mail that answers nothing is for the triggers');
select is(test.reply(:'theirs', jsonb_build_object('token', :'token', 'email', '{"from": "boss@example.com"}'::jsonb, 'text', 'yes')), 'not ours', 'an address of ours through another''s integration, too');
select triggers.use_token(i, 'once') from integrations i where i.id = :'mail' \g /dev/null
select is(test.reply(:'mail', '{"email": {"from": "boss@example.com", "in_reply_to": "<m1@example.com>"}, "text": "approved"}', once => 'once'), 'not ours', 'a delivery that was made before is');
select is(test.reply(:'mail', '{"email": {"from": "boss@example.com", "in_reply_to": "<m1@example.com>"}, "text": "approved"}', once => 'twice'), 'matched decided', 'one that answers decides');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
