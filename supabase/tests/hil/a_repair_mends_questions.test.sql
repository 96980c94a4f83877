\ir ../helpers.sql
select plan(6);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"ask": {"APPROVAL": {"message": "?"}}}', 'start>ask') as flow \gset
select test.run(:'flow') as asking, test.run(:'flow') as forgotten, test.run(:'flow') as ended, test.run(:'flow') as orphan \gset
select test.act_as_role('postgres') \g /dev/null
update workflow_executions set status = 'RUNNING' where id = :'asking';
update human_interactions set status = 'cancelled', outcome = 'cancelled' where execution_id = :'forgotten';
update workflow_execution_pauses set status = 'resumed', resumed_at = now() where execution_id = :'forgotten';
delete from engine.waits where execution_id = :'orphan';
insert into workflow_execution_pauses (workspace_id, execution_id, paused_at, pause_reason) select workspace_id, id, now(), 'user' from workflow_executions where id = :'ended';
select set_eq('select rule, action from engine.repair() where action <> ''left as it is''', $$values
  ('a live execution has a live token', 'brought to an end'),
  ('a question waits for its answer', 'leftovers removed'),
  ('a question''s pause ends with it', 'pause ended'),
  ('an execution waits for people exactly when nothing else moves', 'leftovers removed'),
  ('an execution waits for people exactly when nothing else moves', 'status set'),
  ('who waits for an answer has asked', 'looked at by the next tick')$$, 'each broken rule is mended');
select is((test.execution(:'asking')).status, 'WAITING_FOR_HUMAN', 'what waits for people says so');
select is((select status from human_interactions where execution_id = :'orphan'), 'cancelled', 'what nothing waits for is not asked');
select engine.tick() \g /dev/null
select is((test.execution(:'forgotten')).error ->> 'code', 'interaction_cancelled', 'what waits for no question goes on');
select is((test.execution(:'ended')).status, 'WAITING_FOR_HUMAN', 'what is whole stays as it is');
select is_empty('select test.violations()', 'and nothing is broken any more');
select * from finish();
