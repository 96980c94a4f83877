\ir ../helpers.sql
select plan(35);
create function test.ask(more jsonb) returns uuid language plpgsql security definer as $$
declare
  v_id uuid := test.run(test.workflow(json_build_object('ask', json_build_object('APPROVAL', jsonb_build_object('message', 'May it go?', 'channel', 'email') || ask.more,
    'credentials', json_build_object('email', (select id from integrations where provider = 'postmark')))), 'start>ask'));
begin
  return (select i.id from human_interactions i where i.execution_id = v_id);
end
$$;
create function test.sent() returns jsonb language plpgsql security definer as $$
declare
  v_claimed jsonb := hil.claim_messages('s', 20);
begin
  perform hil.finish_messages('s', (select jsonb_agg(jsonb_build_object('id', m ->> 'id', 'status', 'sent', 'external_id', m ->> 'id')) from jsonb_array_elements(v_claimed) m));
  return (select coalesce(jsonb_agg(jsonb_build_object('to', concat_ws(' ', m ->> 'kind', m ->> 'recipient'), 'token', m -> 'token', 'notice', m #> '{content,notice}') order by m ->> 'kind', m ->> 'recipient'), '[]') from jsonb_array_elements(v_claimed) m);
end
$$;
create function test.words(question uuid, address text, words text) returns text language plpgsql security definer as $$
declare
  v_integration uuid := (select id from integrations where provider = 'postmark');
  v_token text := (select hil.new_token(i, jsonb_build_object('email', words.address)) from human_interactions i where i.id = words.question);
begin
  return (select concat_ws(' ', a ->> 'status', a ->> 'result', a ->> 'code') from hil.receive('postmark', v_integration, gen_random_uuid()::text, '{}', null,
    jsonb_build_object('token', v_token, 'text', words.words, 'email', jsonb_build_object('from', words.address))) a);
end
$$;
create function test.assignees(question uuid) returns jsonb language sql security definer as $$ select assignees from human_interactions where id = assignees.question $$;
create function test.wish(question uuid) returns text language sql security definer as $$ select wish ->> 'why' from human_interactions where id = wish.question $$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('owner') as owner, test.sign_up('ana.lopez') as ana, test.sign_up('ben') as ben, test.sign_up('vic') as vic, test.sign_up('eve') as eve \gset
update auth.users set raw_user_meta_data = '{"full_name": "Ana López"}' where id = :'ana';
select test.act_as(:'owner') \g /dev/null
select workspaces.default_id() as space \gset
select test.become_member(:'space', :'ana', 'editor'), test.become_member(:'space', :'ben', 'editor'), test.become_member(:'space', :'vic', 'viewer') \g /dev/null
select test.integration('postmark') \g /dev/null
select test.ask('{"to": "boss@example.com"}') as q \gset
select test.act_as_role('postgres') \g /dev/null
select test.sent() #>> '{0,token}' as old \gset
select is(test.words(:'q', 'eve@example.com', 'Please ask Ana'), 'matched reassign', 'who was not asked passes nothing on');
select is(test.wish(:'q'), null, 'nor wishes anything');
select is(test.words(:'q', 'boss@example.com', 'Please ask Ana'), 'matched reassigned', 'who was asked may pass it on to a member whom he names');
select is(test.assignees(:'q'), jsonb_build_array(jsonb_build_object('user', :'ana')), 'who is asked now');
select is((select outcome from human_interactions where id = :'q'), null, 'nothing is decided');
select is(hil.show(:'old') ->> 'state', 'reassigned', 'the old link is dead');
select test.sent() as sent \gset
select is(jsonb_path_query_array(:'sent', '$[*].to'), '["notice boss@example.com", "request ana.lopez@example.com"]', 'the member gets a link, and he is told');
select is(:'sent'::jsonb #>> '{0,notice}', 'As you asked, Ana López is asked instead.', 'of whom');
select is(:'sent'::jsonb #> '{0,token}', 'null', 'without a link');
select is(hil.may_decide(i, '{"email": "boss@example.com"}'), false, 'he does not decide any more') from human_interactions i where i.id = :'q';
select is(test.words(:'q', 'ana.lopez@example.com', 'Yes, approved'), 'matched decided', 'she does');
select is((select classification ->> 'carried_out' from hil_responses where responded_by ->> 'email' = 'boss@example.com'), 'true', 'it is on record');
select test.sent() \g /dev/null

-- not clear, not allowed
select test.act_as(:'owner') \g /dev/null
select test.ask('{"to": "boss@example.com"}') as q \gset
select test.act_as_role('postgres') \g /dev/null
select test.sent() \g /dev/null
select is(test.words(:'q', 'boss@example.com', 'Please ask Zoe'), 'matched reassign', 'a name that nobody has');
select is(test.wish(:'q'), 'There is nobody called Zoe whom it may be put to', 'is kept as a wish');
select is(test.sent() #>> '{0,notice}', 'You asked for somebody else to decide. There is nobody called Zoe whom it may be put to: an editor of the workspace will see to it. Until then the question is yours.', 'he is told so');
select is(test.words(:'q', 'boss@example.com', 'Ask Zoe please') || ', ' || test.wish(:'q'), 'matched reassign, There is nobody called Zoe whom it may be put to', 'who says it again');
select is(test.sent(), '[]', 'is not written to again');
select is(test.words(:'q', 'boss@example.com', 'Please ask Vic') || ', ' || test.wish(:'q'), 'matched reassign, There is nobody called Vic whom it may be put to', 'a viewer is put nothing to in words');
select is(test.words(:'q', 'boss@example.com', 'Please ask Eve') || ', ' || test.wish(:'q'), 'matched reassign, There is nobody called Eve whom it may be put to', 'nor is a stranger');
select is(test.words(:'q', 'boss@example.com', 'Please ask eve@example.com') || ', ' || test.wish(:'q'), 'matched reassign, There is nobody called eve@example.com whom it may be put to', 'not by his address either');
select is(test.assignees(:'q'), '[]', 'whoever was asked still is');
select test.act_as(:'ben') \g /dev/null
select is((list_my_interactions(:'space') #>> '{items,0,wish,why}'), 'There is nobody called eve@example.com whom it may be put to', 'editors see it');
select test.act_as(:'vic') \g /dev/null
select is(list_my_interactions(:'space') -> 'items', '[]', 'viewers do not');
select test.act_as(:'ben') \g /dev/null
select is((reassign_interaction(:'q', '[{"email": "zoe@example.com"}]')).wish, null, 'and ask whom they know to be meant');

-- which they may not answer themselves
select test.act_as(:'owner') \g /dev/null
select test.ask('{"assignees": [{"email": "boss@example.com"}, {"email": "zoe@example.com"}, {"role": "admin"}]}') as q \gset
select test.act_as_role('postgres') \g /dev/null
select test.sent() \g /dev/null
update auth.users set raw_user_meta_data = '{"full_name": "Ana Ben"}' where id = :'ben';
select is(test.words(:'q', 'boss@example.com', 'Please ask Ana') || ', ' || test.wish(:'q'), 'matched reassign, Several are called Ana', 'between two nobody guesses');
select test.act_as(:'ben') \g /dev/null
select is(jsonb_array_length(list_my_interactions(:'space', with_counts => true) -> 'items') || ' ' || (list_my_interactions(:'space', with_counts => true) #>> '{counts,pending}'), '1 1', 'an editor sees it though he may not answer it');
select is(test.outcome(format('select respond_to_interaction(%L, ''approve'')', :'q')), 'PT403 role_insufficient', 'and may not');
select test.act_as_role('postgres') \g /dev/null
select is(test.words(:'q', 'boss@example.com', 'Please ask Ana López'), 'matched reassigned', 'by all of the name it is clear');
select is(test.assignees(:'q'), jsonb_build_array('{"email": "zoe@example.com"}'::jsonb, '{"role": "admin"}'::jsonb, jsonb_build_object('user', :'ana')), 'one of several is replaced, the others stay');
select is(test.wish(:'q'), null, 'the wish is fulfilled');
select is(test.words(:'q', 'ana.lopez@example.com', 'Ask zoe@example.com please'), 'matched reassigned', 'somebody whom the node names may be asked, member or not');
select is(test.assignees(:'q'), '[{"role": "admin"}, {"email": "zoe@example.com"}]', 'once');
select is(test.words(:'q', 'zoe@example.com', 'Please ask Zoe') || ', ' || test.wish(:'q'), 'matched reassign, It names its own sender', 'nobody is put off with himself');
-- round and round
update hil_responses set classification = '{"carried_out": true}' where matched_interaction_id = :'q';
insert into hil_responses (workspace_id, source_channel, provider, integration_id, message_id, raw_payload, status, matched_interaction_id, classification)
select :'space', 'email', 'postmark', (select id from integrations where provider = 'postmark'), gen_random_uuid()::text, '{}', 'matched', :'q', '{"carried_out": true}' from generate_series(1, 3);
select is(test.words(:'q', 'zoe@example.com', 'Please ask Ana López') || ', ' || test.wish(:'q'), 'matched reassign, It went from one to another too often', 'not for ever');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
