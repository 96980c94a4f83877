\ir ../helpers.sql
select plan(15);
select test.sign_up('ann') as ann, test.sign_up('ben') as ben, test.sign_up('cat') as cat, test.sign_up('vic') as vic \gset
select test.act_as(:'ann') \g /dev/null
select workspaces.default_id() as space \gset
select test.become_member(:'space', :'ben', 'editor'), test.become_member(:'space', :'cat', 'admin'), test.become_member(:'space', :'vic', 'viewer') \g /dev/null
select test.workflow('{"ask": {"APPROVAL": {"message": "?", "quorum": 2}}, "yes": {"TRANSFORM": "{{ $.input.responses.size() }}"}, "no": {"TRANSFORM": "no"}}', 'start>ask ask>yes ask:1>no') as flow \gset
select test.run(:'flow') as id \gset
select id as q from human_interactions where execution_id = :'id' \gset
select is((respond_to_interaction(:'q', 'approve')).status, 'pending', 'one of two is not enough');
select is(test.outcome(format('select respond_to_interaction(%L, ''approve'')', :'q')), 'ok', 'the same one again');
select is((test.execution(:'id')).status, 'WAITING_FOR_HUMAN', 'is still one');
select test.act_as(:'ben') \g /dev/null
select is((respond_to_interaction(:'q', 'approve')).outcome, 'approved', 'the second is');
select is((test.execution(:'id')).output, '{"yes": 2}', 'the output has both');
select test.act_as(:'ann') \g /dev/null
select test.run(:'flow') as id \gset
select id as q from human_interactions where execution_id = :'id' \gset
select respond_to_interaction(:'q', 'approve') \g /dev/null
select test.act_as(:'cat') \g /dev/null
select is((respond_to_interaction(:'q', 'reject')).outcome, 'rejected', 'one rejection rejects');
select is((test.execution(:'id')).output, '{"no": "no"}', 'whoever agreed before');

-- who may
select test.act_as(:'ann') \g /dev/null
select test.run(test.workflow(json_build_object('ask', json_build_object('APPROVAL', json_build_object('message', '?', 'assignees', json_build_array(json_build_object('role', 'admin'), json_build_object('user', :'vic'))))), 'start>ask')) as id \gset
select id as q from human_interactions where execution_id = :'id' \gset
select test.act_as(:'ben') \g /dev/null
select is(test.outcome(format('select respond_to_interaction(%L, ''approve'')', :'q')), 'PT403 role_insufficient', 'where others are named an editor does not decide');
select is(list_my_interactions(:'space') -> 'items', '[]', 'nor has it in the inbox');
select is((reassign_interaction(:'q', jsonb_build_array(jsonb_build_object('user', :'ben')))).status, 'pending', 'but may ask others');
select is(jsonb_path_query_array(list_my_interactions(:'space', with_counts => true), '$.items[*].id') || (list_my_interactions(:'space', with_counts => true) #> '{counts,pending}'), jsonb_build_array(:'q', 1), 'now it is there');
select test.act_as(:'vic') \g /dev/null
select is(test.outcome(format('select respond_to_interaction(%L, ''approve'')', :'q')), 'PT403 role_insufficient', 'who was asked before is not asked any more');
select is(test.outcome(format('select cancel_interaction(%L)', :'q')), 'PT403 role_insufficient', 'a viewer takes nothing back');
select test.act_as(:'ben') \g /dev/null
select cancel_interaction(:'q', 'not needed') \g /dev/null
select is((test.execution(:'id')).error, jsonb_build_object('code', 'interaction_cancelled', 'message', 'not needed', 'node_id', 'ask'), 'an editor does');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
