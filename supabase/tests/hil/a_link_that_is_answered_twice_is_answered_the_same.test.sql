\ir ../helpers.sql
select plan(16);
create function test.ask(more json default '{}') returns uuid language plpgsql security definer as $$
declare
  v_id uuid := test.run(test.workflow(json_build_object('ask', json_build_object('APPROVAL', jsonb '{"message": "?", "data": {"amount": 50}}' || ask.more::jsonb)), 'start>ask'));
begin
  return (select i.id from human_interactions i where i.execution_id = v_id);
end
$$;
create function test.link(question uuid, address text) returns text language sql security definer as $$
  select hil.new_token(i, jsonb_build_object('email', link.address)) from human_interactions i where i.id = link.question
$$;
create function test.answered(token text, decision text, data jsonb default null, comment text default null) returns text language plpgsql security definer as $$
declare
  v_detail text;
begin
  return (select concat_ws(' ', a ->> 'result', a ->> 'status', a ->> 'outcome', a ->> 'votes') from hil.answer_link(answered.token, answered.decision, answered.data, answered.comment) a);
exception when others then
  get stacked diagnostics v_detail = pg_exception_detail;
  return sqlstate || ' ' || v_detail;
end
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.ask('{"assignees": [{"email": "a@example.com"}, {"email": "b@example.com"}], "quorum": 2}') as q \gset
select test.act_as_role('postgres') \g /dev/null
select test.link(:'q', 'a@example.com') as a, test.link(:'q', 'b@example.com') as b \gset
select is(test.answered('nobody''s', 'approve'), '', 'what is no link is none');
select is(test.answered(:'a', 'approve', null, 'fine'), 'recorded pending 1', 'one of two is counted');
select is(test.answered(:'a', 'approve', null, 'fine'), 'recorded pending 1', 'once, however often it is sent');
select is(test.answered(:'a', 'approve', null, 'not the same'), 'PT409 token_used', 'another answer is another');
select is(hil.show(:'a') ->> 'state', 'used', 'its link is used');
select is(hil.show(:'a') - 'interaction' ?| '{result,comment}', false, 'before the end nothing is told of what others said');
select is(test.answered(:'b', 'approve', '{"amount": 40}'), 'decided responded approved 2', 'the second decides');
select is(test.answered(:'b', 'approve', '{"amount": 40}'), 'decided responded approved 2', 'again to the same answer');
select is(test.answered(:'a', 'approve', null, 'fine'), 'recorded responded approved 2', 'the first one still was counted');
select is(test.answered(:'b', 'reject'), 'PT409 interaction_decided', 'a change of mind comes too late');
select is((select count(*) from hil_responses where matched_interaction_id = :'q' and outcome is not null), 2::bigint, 'two votes are stored');
select is(jsonb_build_array(hil.show(:'a') -> 'outcome', hil.show(:'a') -> 'result', hil.show(:'a') #> '{responded_by,email}'), '["approved", {"amount": 40}, "b@example.com"]',
  'whoever was asked is shown what was decided, with the data as they were left');
-- others were asked before it was decided
select test.act_as(:'ann') \g /dev/null
select test.ask('{"assignees": [{"email": "a@example.com"}]}') as q \gset
select test.act_as_role('postgres') \g /dev/null
select test.link(:'q', 'a@example.com') as a \gset
select test.act_as(:'ann') \g /dev/null
select reassign_interaction(:'q', jsonb_build_array(jsonb_build_object('user', :'ann'))), respond_to_interaction(:'q', 'approve', '{"amount": 1}') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select is(hil.show(:'a') ? 'result', false, 'who was not asked to the end is not');
-- how often it may be looked at
select is(hil.admit('nobody''s'), null, 'what is no link has no bucket');
select is((select count(*) from generate_series(1, 61) where hil.admit(:'a') is null), 60::bigint, 'one that there is lets so many in');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
