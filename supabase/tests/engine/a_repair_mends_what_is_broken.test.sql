\ir ../helpers.sql
select plan(16);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"a": {"NOOP": {}}, "b": {"NOOP": {}}, "both": {"MERGE": {"mode": "append"}}}', 'start>a start>b a>both@0 b>both@1') as workflow \gset
select test.run(:'workflow') as joined \gset
select test.run(:'workflow') as emptied \gset
select test.run(:'workflow') as ended \gset
select test.run(:'workflow') as paused \gset
select (start_execution(:'workflow', executed_by_caller => true)).id as elsewhere \gset
select (start_execution(:'workflow', start_at => now() + interval '1 hour')).id as lost \gset
select pause_execution(:'paused') \g /dev/null
select cancel_execution(:'ended') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select is_empty('select * from engine.repair()', 'there is nothing to mend');

-- one branch has arrived at the merge, the other vanishes; all of an execution vanishes; leftovers; holds; a lost start
select test.claim() as tasks \gset
select test.finish(jsonb_build_array(test.success(t, '"a"'))) from jsonb_array_elements(:'tasks'::jsonb) t
where t ->> 'node_id' = 'a' and t ->> 'execution_id' = :'joined' \g /dev/null
delete from engine.tasks where execution_id in (:'joined', :'emptied');
insert into engine.node_runs values (:'ended', '', 'a', 1);
insert into engine.merged values (:'ended', '', 'both', 0);
insert into engine.cancellations (execution_id) values (gen_random_uuid());
update engine.waits set is_held = false where execution_id = :'paused';
delete from engine.waits where execution_id in (:'lost', :'elsewhere');

select results_eq('select rule, action from engine.repair() where action <> ''left as it is'' order by 1, 2', $$values
  ('a cancellation is carried out', 'leftovers removed'),
  ('a counter belongs to a live execution', 'leftovers removed'),
  ('a live execution can move', 'brought to an end'),
  ('a live execution has a live token', 'brought to an end'),
  ('a live execution has a live token', 'brought to an end'),
  ('a live execution has a live token', 'waits for its caller again'),
  ('a start waits exactly while its execution is new', 'leftovers removed'),
  ('a wait is held exactly while its execution is paused', 'waits held or let go'),
  ('what joins keep belongs to a live execution', 'leftovers removed')$$, 'each broken rule is mended');
select is((test.execution(:'joined')).output, '{"both": ["a"]}', 'a join goes on with what has come');
select is((test.execution(:'emptied')).status, 'SUCCESS', 'what has nothing left to do ends');
select is(test.waiting(:'elsewhere'), '{"caller": 1}', 'what its caller runs waits for him');
select is((test.execution(:'paused')).status, 'PAUSED', 'what is paused stays so');
select is_empty('select test.violations()', 'and nothing is broken any more');

-- the list of workflows shows the latest execution
select test.act_as(:'ann') \g /dev/null
select test.workflow('{}', '') as unused \gset
select results_eq('select id, latest_execution_id, latest_execution_status from workflow_overview order by id', format(
  $$values (%L::uuid, %L::uuid, (select status from workflow_executions where id = %2$L)), (%L, null, 'IDLE')$$, :'workflow', :'lost', :'unused'),
  'a workflow shows its latest execution');

-- where Supabase Realtime is present
select test.act_as_role('postgres') \g /dev/null
create schema if not exists realtime;
create table realtime.messages (topic text, extension text, payload jsonb, private boolean);
alter table realtime.messages enable row level security;
grant usage on schema realtime to authenticated;
grant select on realtime.messages to authenticated;
create function realtime.topic() returns text language sql stable as $$ select current_setting('test.topic', true) $$;
create function realtime.send(payload jsonb, event text, topic text, private boolean) returns void language sql as $$
  insert into realtime.messages values (topic, 'broadcast', payload, private) $$;
grant execute on all functions in schema realtime to authenticated;
select engine.allow_listening() \g /dev/null
select engine.allow_listening() \g /dev/null
select test.act_as(:'ann') \g /dev/null
select test.run(:'unused') as told \gset
select id as workspace from workspaces \gset
select test.act_as_role('postgres') \g /dev/null
select results_eq('select topic, payload, private from realtime.messages', format(
  $$values ('workspace:%1$s', '{"id": "%2$s", "status": "RUNNING", "workflow_id": "%3$s"}'::jsonb, true),
    ('workspace:%1$s', '{"id": "%2$s", "status": "SUCCESS", "workflow_id": "%3$s"}', true)$$, :'workspace', :'told', :'unused'),
  'an execution that begins or ends is told to its workspace''s private topic, without data');
select test.sign_up('bob') as bob \gset
select set_config('test.topic', 'workspace:' || :'workspace', true) \g /dev/null
select test.act_as(:'ann') \g /dev/null
select is((select count(*) from realtime.messages), 2::bigint, 'a member may listen');
select test.act_as(:'bob') \g /dev/null
select is((select count(*) from realtime.messages), 0::bigint, 'a stranger may not');
select set_config('test.topic', 'elsewhere', true) \g /dev/null
select test.act_as(:'ann') \g /dev/null
select is((select count(*) from realtime.messages), 0::bigint, 'nor anybody to another topic by this policy');
select test.act_as_role('postgres') \g /dev/null
drop schema realtime cascade;
select test.act_as(:'ann') \g /dev/null
select is(test.outcome(format('select start_execution(%L)', :'unused')), 'ok', 'without Realtime nothing is told');

-- the hourly upkeep forgets what is over
select set_execution_limit(:'unused', 1) \g /dev/null
select test.run(:'unused') \g /dev/null
select send_event('paid', '{}', 'order-1') \g /dev/null
select complete_execution(:'elsewhere', 'SUCCESS') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select engine.maintain() \g /dev/null
select is((select count(*) from workflow_events) + (select count(*) from engine.slots), 2::bigint, 'events and slots are kept for a while');
select test.move_clock('31 days') \g /dev/null
select engine.maintain() \g /dev/null
select is((select count(*) from workflow_events) + (select count(*) from engine.slots), 0::bigint, 'and forgotten then');
select is_empty('select test.violations()');
select * from finish();
