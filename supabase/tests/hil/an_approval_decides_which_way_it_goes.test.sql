\ir ../helpers.sql
select plan(26);
create function test.asking(execution_id uuid) returns uuid language sql security definer as $$
  select i.id from human_interactions i where i.execution_id = asking.execution_id and i.status = 'pending' order by i.id limit 1
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann, test.sign_up('vic') as vic, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select workspaces.default_id() as space \gset
select test.become_member(:'space', :'vic', 'viewer') \g /dev/null
select test.workflow('{"ask": {"APPROVAL": {"message": "May {{ $.input.amount }} go?", "title": "Refund"}}, "yes": {"TRANSFORM": "{{ $.input.data.amount }}"}, "no": {"TRANSFORM": "no"}, "late": {"TRANSFORM": "late"}}',
  'start>ask ask>yes ask:1>no ask:2>late') as flow \gset
select test.run(:'flow', '{"amount": 50}') as id \gset
select test.asking(:'id') as q \gset
select is((test.execution(:'id')).status, 'WAITING_FOR_HUMAN', 'an execution that only people can move waits for them');
select results_eq(format('select request_data ->> ''message'', request_data -> ''data'', status, channel_type from human_interactions where id = %L', :'q'),
  $$values ('May 50 go?', jsonb '{"amount": 50}', 'pending', 'in_app')$$, 'the question is there with what it is about');
select results_eq(format('select node_id, status, waits_for from live_node_executions where execution_id = %L', :'id'), $$values ('ask', 'WAITING_INPUT', 'human')$$, 'and its run waits');
select results_eq(format('select status, paused_node_id, pause_reason from workflow_execution_pauses where execution_id = %L', :'id'), $$values ('active', 'ask', 'human_interaction')$$, 'the pause is on record');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select respond_to_interaction(%L, ''approve'')', :'q')), 'PT404 interaction_not_found', 'to a stranger it is not there');
select test.act_as(:'vic') \g /dev/null
select is(test.outcome(format('select respond_to_interaction(%L, ''approve'')', :'q')), 'PT403 role_insufficient', 'a viewer does not decide');
select test.act_as(:'ann') \g /dev/null
select is(test.outcome(format('select respond_to_interaction(%L, ''maybe'')', :'q')), 'PT422 response_invalid', 'there are only so many answers');
select is((respond_to_interaction(:'q', 'approve', '{"amount": 40}', 'less', 'k')).outcome, 'approved', 'an editor decides, and edits');
select is((test.execution(:'id')).output, '{"yes": 40}', 'the edited data flows on');
select is((test.execution(:'id')).status, 'SUCCESS', 'and the execution ends');
select is((respond_to_interaction(:'q', 'approve', '{"amount": 40}', 'less', 'k')).outcome, 'approved', 'who lost the answer may ask again');
select is(test.outcome(format('select respond_to_interaction(%L, ''reject'')', :'q')), 'PT409 interaction_decided', 'who comes second is told');
select is((select output_data - '{responded_at,responses}'::text[] from node_executions where execution_id = :'id' and node_id = 'ask'),
  jsonb_build_object('outcome', 'approved', 'data', jsonb '{"amount": 40}', 'comment', 'less', 'interaction_id', :'q'::uuid,
    'responded_by', jsonb_build_object('user', :'ann'::uuid, 'email', 'ann@example.com')), 'the output says who, what and why');
select results_eq(format('select status, resume_trigger from workflow_execution_pauses where execution_id = %L', :'id'), $$values ('resumed', 'approved')$$, 'the pause has ended');
select test.run(:'flow', '{"amount": 50}') as id \gset
select is((respond_to_interaction(test.asking(:'id'), 'reject')).status, 'responded', 'a rejection');
select is((test.execution(:'id')).output, '{"no": "no"}', 'goes the other way');

-- paused, canceled, late
select test.run(:'flow', '{"amount": 50}') as id \gset
select test.asking(:'id') as q \gset
select pause_execution(:'id') \g /dev/null
select is((respond_to_interaction(:'q', 'approve')).outcome, 'approved', 'a paused execution takes the answer');
select is((test.execution(:'id')).status, 'PAUSED', 'but does not go on');
select is_empty('select test.violations()', 'which breaks nothing');
select is((resume_execution(:'id')).status, 'SUCCESS', 'until it is resumed');
select test.run(:'flow', '{"amount": 50}') as id \gset
select test.asking(:'id') as q \gset
select cancel_execution(:'id') \g /dev/null
select is((select status from human_interactions where id = :'q'), 'cancelled', 'what is canceled asks no more');
select is(test.outcome(format('select respond_to_interaction(%L, ''approve'')', :'q')), 'PT409 interaction_decided', 'and takes no answer');
select test.run(:'flow', '{"amount": 50}') as id \gset
select test.asking(:'id') as q \gset
select test.move_clock('31 days') \g /dev/null
select is(test.outcome(format('select respond_to_interaction(%L, ''approve'')', :'q')), 'PT410 interaction_expired', 'an answer after its time counts no more');
select test.act_as_role('postgres') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'id')).status, 'SUCCESS', 'and the flow goes on without it');
select is((select status from human_interactions where id = :'q'), 'timeout', 'as the question says');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
