\ir ../helpers.sql
select plan(36);
create function test.ask(parameters jsonb, subtype text default 'APPROVAL', more jsonb default '{}') returns uuid language plpgsql security definer as $$
declare
  v_id uuid := test.run(test.workflow(json_build_object('ask', jsonb_build_object(ask.subtype, jsonb '{"message": "May {{ $.input.amount }} go?"}' || ask.parameters) || ask.more), 'start>ask'), '{"amount": 50}');
begin
  return (select i.id from human_interactions i where i.execution_id = v_id order by i.id desc limit 1);
end
$$;
create function test.about(id uuid) returns text language sql security definer as $$ select status || coalesce(' ' || outcome, '') from human_interactions i where i.id = about.id $$;
create function test.received(message text, hints jsonb, integration uuid, provider text default 'slack') returns text language sql security definer as $$
  select concat_ws(' ', a ->> 'status', a ->> 'result', a ->> 'code') from hil.receive(received.provider, received.integration, received.message, '{}', null, received.hints) a
$$;
create function test.send(thread jsonb default null, external text default null) returns jsonb language plpgsql security definer as $$
declare
  v_claimed jsonb := hil.claim_messages('s', 10);
begin
  perform hil.finish_messages('s', (select jsonb_agg(jsonb_build_object('id', m ->> 'id', 'status', 'sent', 'external_id', send.external, 'thread', send.thread)) from jsonb_array_elements(v_claimed) m));
  return v_claimed;
end
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'eve') \g /dev/null
select test.integration('slack') as theirs \gset
select test.act_as(:'ann') \g /dev/null
select test.integration('slack') as slack, test.integration('postmark') as mail \gset

select test.ask('{"channel": "slack", "to": "C1"}', more => jsonb_build_object('credentials', jsonb_build_object('slack', :'slack'))) as q \gset
select test.act_as_role('postgres') \g /dev/null
select test.send('{"team": "T", "channel": "C1", "ts": "1.1"}', '1.1') as sent \gset
select is(jsonb_path_query_array(:'sent'::jsonb, '$[*].kind') || jsonb_path_query_array(:'sent'::jsonb, '$[*].recipient'), '["request", "C1"]', 'the question goes out');
select matches(:'sent'::jsonb -> 0 ->> 'token', '^[a-z2-7]{52}$', 'with a token');
select is((select count(*) from hil.tokens where encode(token_hash, 'escape') like '%' || (:'sent'::jsonb -> 0 ->> 'token') || '%'), 0::bigint, 'which is nowhere else');
select is(hil.claim_messages('s', 10), '[]', 'once');
select is(test.received('e1', jsonb_build_object('slack', jsonb '{"team": "T", "channel": "C1", "user": "U1"}', 'action', jsonb_build_object('interaction_id', :'q', 'value', 'approve')), :'theirs'), 'unmatched unmatched', 'another tenant''s answer decides nothing');
select is(test.about(:'q'), 'pending', 'nothing at all');
select is(test.received('m0', '{"slack": {"team": "T", "channel": "C1", "thread_ts": "1.1", "user": "U1"}, "text": "hm"}', :'slack'), 'matched unclear', 'words that are not clear decide nothing');
select is(test.received('m1', '{"slack": {"team": "T", "channel": "C1", "thread_ts": "1.1", "user": "U1"}, "text": "approved"}', :'slack'), 'matched decided', 'an answer in the thread does');
select is(test.about(:'q'), 'responded approved', 'it is approved');
select is((select (hil.receive('slack', :'slack', 'm1', '{}', null, '{}'))->> 'repeated'), 'true', 'what is delivered again changes nothing');
select is((select hil.receive('slack', :'slack', 'm2', '{}', null, jsonb_build_object('slack', jsonb '{"user": "U2", "channel": "C1"}', 'action', jsonb_build_object('interaction_id', :'q', 'value', 'reject'))) -> 'decided_by' ->> 'slack'), 'U1', 'who comes second is told who decided');
select is((select m ->> 'kind' || ' ' || (m ->> 'external_id') || ' ' || (m #>> '{content,outcome}') from jsonb_array_elements(test.send()) m), 'decided 1.1 approved', 'and the message says so from now on');

-- links
select test.act_as(:'ann') \g /dev/null
select test.ask('{"channel": "email", "to": "Boss@example.com"}', more => jsonb_build_object('credentials', jsonb_build_object('email', :'mail'))) as q \gset
select test.act_as_role('postgres') \g /dev/null
select jsonb_path_query_first(test.send(null, '<m-1@example.com>'), '$[*] ? (@.kind == "request")') ->> 'token' as token \gset
select is(hil.show('wrong'), null, 'no link, no question');
select is(hil.show(:'token') ->> 'state', 'open', 'a link shows its question');
select is((select array_agg(hil.show(:'token') ->> 'state') from generate_series(1, 10)), array_fill('open'::text, array[10]), 'as often as it is opened');
select is(test.outcome(format('select hil.decide_by_token(%L, ''dance'', null, null)', :'token')), 'PT422 response_invalid', 'it takes what fits');
select is(test.outcome('select hil.decide_by_token(''wrong'', ''approve'', null, null)'), 'PT404 interaction_not_found', 'and only from who has it');
select is(hil.decide_by_token(:'token', 'approve', '{"amount": 40}', null) ->> 'outcome', 'approved', 'then it decides');
select is(test.outcome(format('select hil.decide_by_token(%L, ''approve'', null, null)', :'token')), 'PT409 interaction_decided', 'once');
select is(hil.show(:'token') ->> 'state', 'decided', 'and says so');

-- mail
select test.act_as(:'ann') \g /dev/null
select test.ask('{"channel": "email", "to": "boss@example.com"}', more => jsonb_build_object('credentials', jsonb_build_object('email', :'mail'))) as q \gset
select test.act_as_role('postgres') \g /dev/null
select jsonb_path_query_first(test.send(null, '<m-2@example.com>'), '$[*] ? (@.kind == "request")') ->> 'token' as token \gset
select is(test.received('x1', '{"email": {"from": "other@example.com", "in_reply_to": "<m-2@example.com>"}, "text": "yes"}', :'mail', 'postmark'), 'error forbidden role_insufficient', 'who was not asked does not decide, though he answers the mail');
select is(test.received('x2', jsonb_build_object('email', jsonb_build_object('from', 'other@example.com', 'tag', :'token'), 'text', 'yes'), :'mail', 'postmark'), 'error forbidden role_insufficient', 'nor with the address that it was to be answered to');
select is(test.received('x3', '{"email": {"from": "BOSS@example.com", "references": ["<a@b>", "<m-2@example.com>"]}, "text": "no"}', :'mail', 'postmark'), 'matched decided', 'who was asked does');
select is(test.about(:'q'), 'responded rejected', 'it is rejected');
select is((select (hints #> '{email,tag}') from hil_responses where message_id = 'x2'), null, 'no token is kept');

-- the only one of its sender, or none
select test.act_as(:'ann') \g /dev/null
select test.ask('{"channel": "email", "to": "boss@example.com"}', more => jsonb_build_object('credentials', jsonb_build_object('email', :'mail'))) as q,
  test.ask('{"channel": "email", "to": "boss@example.com"}', more => jsonb_build_object('credentials', jsonb_build_object('email', :'mail'))) as q2 \gset
select test.act_as_role('postgres') \g /dev/null
select is(test.received('y1', '{"email": {"from": "boss@example.com"}, "text": "yes"}', :'mail', 'postmark'), 'unmatched unmatched', 'between two nobody guesses');
select test.act_as(:'ann') \g /dev/null
select is((assign_response((select id from hil_responses where message_id = 'y1'), :'q')).status, 'matched', 'an admin assigns it');
select is(test.about(:'q'), 'responded approved', 'and it counts');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select assign_response(%L, %L)', (select id from hil_responses where message_id = 'y1'), :'q')), 'PT404 response_not_found', 'to a stranger it is not there');
select test.act_as_role('postgres') \g /dev/null
select is(test.received('y2', '{"email": {"from": "boss@example.com", "authenticated": false}, "text": "yes"}', :'mail', 'postmark'), 'unmatched unmatched', 'a forged sender is nobody''s');
select is(test.received('y3', '{"email": {"from": "boss@example.com"}, "text": "yes"}', :'mail', 'postmark'), 'matched decided', 'the only one is meant');

-- before the question
select is(test.received('z1', '{"correlation_id": "o-1", "slack": {"user": "U1", "channel": "C1"}, "decision": "approve"}', :'slack'), 'unmatched unmatched', 'an answer may come first');
select test.act_as(:'ann') \g /dev/null
select test.ask('{"channel": "slack", "to": "C1", "correlation_id": "o-1"}', more => jsonb_build_object('credentials', jsonb_build_object('slack', :'slack'))) as q \gset
select test.act_as_role('postgres') \g /dev/null
select engine.tick() \g /dev/null
select is(test.about(:'q'), 'responded approved', 'it is kept and counts');
-- sent, but not known to be
select test.act_as(:'ann') \g /dev/null
select test.ask('{"channel": "slack", "to": "C9"}', more => jsonb_build_object('credentials', jsonb_build_object('slack', :'slack'))) as q \gset
select test.act_as_role('postgres') \g /dev/null
select is(test.received('w1', '{"slack": {"team": "T", "channel": "C9", "thread_ts": "9.9", "user": "U3"}, "text": "ok"}', :'slack'), 'unmatched unmatched', 'so may one to a message that is just being sent');
select test.send('{"team": "T", "channel": "C9", "ts": "9.9"}', '9.9') \g /dev/null
select is(test.about(:'q'), 'responded approved', 'it counts once that is known');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
