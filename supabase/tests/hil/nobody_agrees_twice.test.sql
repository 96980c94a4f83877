\ir ../helpers.sql
select plan(12);
create function test.ask(parameters jsonb, provider text) returns uuid language plpgsql security definer as $$
declare
  v_integration uuid := (select id from integrations i where i.provider = ask.provider);
  v_id uuid := test.run(test.workflow(json_build_object('ask', json_build_object('APPROVAL', jsonb '{"message": "?", "quorum": 2}' || ask.parameters,
    'credentials', json_build_object(case ask.provider when 'slack' then 'slack' else 'email' end, v_integration))), 'start>ask'));
begin
  return (select i.id from human_interactions i where i.execution_id = v_id);
end
$$;
create function test.sent() returns jsonb language plpgsql security definer as $$
declare
  v_claimed jsonb := hil.claim_messages('s', 20);
begin
  perform hil.finish_messages('s', (select jsonb_agg(jsonb_build_object('id', m ->> 'id', 'status', 'sent')) from jsonb_array_elements(v_claimed) m));
  return v_claimed;
end
$$;
create function test.clicked(question uuid, who text, channel text) returns text language sql security definer as $$
  select a ->> 'result' from hil.receive('slack', (select id from integrations where provider = 'slack'), gen_random_uuid()::text, '{}', null,
    jsonb_build_object('slack', jsonb_build_object('user', clicked.who, 'channel', clicked.channel), 'action', jsonb_build_object('interaction_id', clicked.question, 'value', 'approve'))) a
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann, test.sign_up('ben') as ben \gset
select test.act_as(:'ann') \g /dev/null
select workspaces.default_id() as space, test.integration('slack') as slack, test.integration('postmark') as mail \gset

-- a channel's link says of nobody that it was him: with the button he would be two
select test.ask('{"channel": "slack", "to": "C1"}', 'slack') as q \gset
select is(test.sent() -> 0 ->> 'token', null, 'where several have to agree a channel gets no link');
select is(test.clicked(:'q', 'U1', 'C1'), 'recorded', 'one agrees by the button');
select is(test.clicked(:'q', 'U1', 'C1'), 'repeated', 'once');
select is(test.clicked(:'q', 'U2', 'C1'), 'decided', 'another one decides');
select test.ask('{"channel": "slack", "to": "#refunds"}', 'slack') \g /dev/null
select is(jsonb_path_query_first(test.sent(), '$[*] ? (@.kind == "request")') ->> 'token', null, 'nor does one that is called by its name');
select test.ask('{"channel": "slack", "to": "C1", "quorum": 1}', 'slack') \g /dev/null
select matches(jsonb_path_query_first(test.sent(), '$[*] ? (@.kind == "request")') ->> 'token', '^[a-z2-7]{52}$', 'where one decides it gets one');
select test.ask('{"channel": "slack", "assignees": [{"slack": "U1"}, {"slack": "U2"}]}', 'slack') as q \gset
select test.sent() as sent \gset
select is(jsonb_array_length(jsonb_path_query_array(:'sent', '$[*].token ? (@ != null)')), 2, 'and persons get their own');
select test.act_as_role('postgres') \g /dev/null
select is(hil.decide_by_token(jsonb_path_query_first(:'sent', '$[*] ? (@.recipient == "U1")') ->> 'token', 'approve', null, null) ->> 'result', 'recorded', 'who agrees by his link');
select is(test.clicked(:'q', 'U1', 'D1'), 'repeated', 'has agreed');

-- who was asked by his address, and has become a member since
select test.act_as(:'ann') \g /dev/null
select test.ask('{"channel": "email", "assignees": [{"email": "ben@example.com"}, {"role": "editor"}]}', 'postmark') as q \gset
select jsonb_path_query_first(test.sent(), '$[*] ? (@.recipient == "ben@example.com")') ->> 'token' as token \gset
select test.act_as_role('postgres') \g /dev/null
select is(hil.decide_by_token(:'token', 'approve', null, null) ->> 'result', 'recorded', 'a stranger agrees');
select test.become_member(:'space', :'ben', 'editor') \g /dev/null
select test.act_as(:'ben') \g /dev/null
select is((respond_to_interaction(:'q', 'approve')).status, 'pending', 'as a member he is the same one');
select test.act_as(:'ann') \g /dev/null
select is((respond_to_interaction(:'q', 'approve')).outcome, 'approved', 'somebody else is another');
select * from finish();
