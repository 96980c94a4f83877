\ir ../helpers.sql
select plan(12);
-- as the function sends mails: each with a Message-ID, and a root of its own that it refers to
create function test.sent() returns jsonb language plpgsql security definer as $$
declare
  v_claimed jsonb;
begin
  perform engine.tick();
  v_claimed := hil.claim_messages('s', 10);
  perform hil.finish_messages('s', (
    select jsonb_agg(jsonb_build_object('id', m ->> 'id', 'status', 'sent', 'external_id', format('<%s@example.com>', m ->> 'id'),
      'thread', jsonb_build_object('message_ids', jsonb_build_array(format('<%s@example.com>', m ->> 'id'))
        || coalesce(m #> '{thread,message_ids}', jsonb_build_array(format('<%s.root@example.com>', m ->> 'id'))))))
    from jsonb_array_elements(v_claimed) m));
  return v_claimed;
end
$$;
create function test.ids(question uuid) returns jsonb language sql security definer as $$
  select jsonb_object_agg(m.kind, m.thread -> 'message_ids') from hil.messages m where m.interaction_id = ids.question
$$;
create function test.ask() returns uuid language plpgsql as $$
declare
  v_id uuid := test.run(test.workflow(json_build_object('ask', json_build_object(
    'APPROVAL', json '{"message": "?", "channel": "email", "to": "boss@example.com", "reminders": [60], "escalation": {"after_seconds": 300, "to": "head@example.com"}}',
    'credentials', json_build_object('email', test.integration('resend')))), 'start>ask'));
begin
  return (select i.id from human_interactions i where i.execution_id = v_id);
end
$$;
create function test.received(question uuid, address text, in_reply_to text, refs jsonb, words text) returns text language sql security definer as $$
  select concat_ws(' ', a ->> 'status', a ->> 'result', a ->> 'code')
  from hil.receive('resend', (select (i.credentials ->> 'email')::uuid from human_interactions i where i.id = received.question), gen_random_uuid()::text, '{}', null,
    jsonb_build_object('text', received.words, 'email', jsonb_build_object('from', received.address, 'in_reply_to', received.in_reply_to, 'references', received.refs, 'authenticated', false))) a
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.move_clock('0') \g /dev/null
select test.ask() as q1, test.ask() as q2, test.ask() as q3, test.ask() as q4 \gset
select test.sent() \g /dev/null
select is(test.received(:'q1', 'boss@example.com', '<theirs@provider.example>', jsonb_build_array(test.ids(:'q1') #> '{request,1}', '<theirs@provider.example>'), 'approved'),
  'matched decided', 'where the provider wrote an id of its own, what the message referred to is answered');
select is(test.received(:'q2', 'boss@example.com', '<a@b>', '["<c@d>"]', 'approved'), 'unmatched unmatched', 'ids that nobody knows are nobody''s');
select is(test.received(:'q2', 'boss@example.com', format('%s %s', '<a@b>', test.ids(:'q2') #>> '{request,0}'), '[]', 'approved'), 'matched decided', 'each of several ids is looked at');
select test.move_clock('60 s') \g /dev/null
select test.sent() \g /dev/null
select is(test.received(:'q3', 'boss@example.com', test.ids(:'q3') #>> '{reminder,0}', '[]', 'approved'), 'matched decided', 'a reminder is answered like the question');
select test.move_clock('300 s') \g /dev/null
select is(jsonb_path_query_array(test.sent(), '$[*] ? (@.kind == "escalation").content.escalated_from'), '["boss@example.com"]', 'who is asked next is told who did not answer');
select is(test.received(:'q4', 'head@example.com', test.ids(:'q4') #>> '{escalation,0}', '[]', 'approved'), 'matched decided', 'so is the message of an escalation');
select test.sent() \g /dev/null
select is(test.received(:'q4', 'boss@example.com', test.ids(:'q4') #>> '{decided,0}', '[]', 'rejected'), 'matched too_late interaction_decided', 'and the news of what was decided');
select is(test.received(:'q4', 'boss@example.com', test.ids(:'q4') #>> '{request,0}', jsonb_build_array(test.ids(:'q3') #> '{request,0}'), 'rejected'), 'unmatched unmatched', 'between two questions nobody guesses');
select is((select string_agg(status || ' ' || outcome, ', ' order by id) from human_interactions), 'responded approved, responded approved, responded approved, responded approved', 'each was decided once');

-- who is told of in an escalation
select test.act_as_role('postgres') \g /dev/null
create function test.asked_before(channel text, target text, assignees jsonb) returns text language sql security definer as $$
  select hil.asked_before(jsonb_populate_record(null::human_interactions, jsonb_build_object('channel_type', asked_before.channel,
    'request_data', jsonb_build_object('to', asked_before.target), 'assignees', asked_before.assignees)))
$$;
select is(test.asked_before('slack', 'C1', jsonb_build_array(jsonb_build_object('user', :'ann'), '{"slack": "U1"}'::jsonb, '{"role": "admin"}'::jsonb)), 'ann@example.com, Slack U1, The role admin', 'by name, if they are members');
select is(test.asked_before('slack', 'C1', '[]') || ', ' || test.asked_before('in_app', null, '[]'), 'Slack C1, The editors', 'or where it was asked');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
