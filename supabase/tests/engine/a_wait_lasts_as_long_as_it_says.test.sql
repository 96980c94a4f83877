\ir ../helpers.sql
select plan(3);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"x": {"NOOP": {}}}', 'start>x') as child \gset
select test.run(test.workflow(format('{"heard": {"WAIT": {"event": "paid", "timeout_seconds": 2592000}}, "called": {"SUB_WORKFLOW": {"workflow_id": "%s", "timeout_seconds": 2592000}}, "long": {"WAIT": {"event": "paid", "timeout_seconds": 31536000}}}', :'child')::json,
  'start>heard start>called start>long')) as id \gset
select test.act_as_role('postgres') \g /dev/null
select is((select until - since from engine.waits where node_id = 'heard'), interval '30 days', 'an event is waited for as long as the node says');
select is((select deadline - since from engine.waits where node_id = 'called'), interval '30 days', 'and so is a sub-workflow');
select is((select until - since from engine.waits where node_id = 'long'), interval '365 days', 'up to a year');
select * from finish();
