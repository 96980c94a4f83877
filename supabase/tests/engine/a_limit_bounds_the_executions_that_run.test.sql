\ir ../helpers.sql
select plan(38);
create function test.statuses(ids uuid[]) returns text language sql security definer as $$
  select string_agg(e.status, ' ' order by o) from unnest(ids) with ordinality i (id, o) join public.workflow_executions e on e.id = i.id
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann, test.sign_up('bob') as bob, test.sign_up('dan') as dan, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select set_config('tandem.now', '2030-01-01T00:00:00Z', true) \g /dev/null
select id as space from workspaces where personal_for = :'ann' \gset

-- queue
select test.workflow('{"work": {"NOOP": {}}}', 'start>work') as flow \gset
select id as one from set_execution_limit(:'flow', 2) \gset
select test.run(:'flow') as a, test.run(:'flow') as b, test.run(:'flow') as c, (start_execution(:'flow', priority => 5)).id as d \gset
select is(test.statuses(array[:'a', :'b', :'c', :'d']::uuid[]), 'RUNNING RUNNING NEW NEW', 'queue: no more run than the limit says');
select results_eq(format('select status, waits_for from live_node_executions where execution_id = %L', :'c'), $$values ('PENDING', 'slot')$$, 'the others wait, and are seen waiting');
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('1 day') \g /dev/null
select engine.tick() \g /dev/null
select is(test.statuses(array[:'c', :'d']::uuid[]), 'NEW NEW', 'however long it takes');
select is_empty('select test.violations()', 'no invariant is broken while they wait');
select test.finish(jsonb_build_array(test.success(test.claim('w', 1) -> 0))) \g /dev/null
select engine.tick() \g /dev/null
select is(test.statuses(array[:'a', :'b', :'c', :'d']::uuid[]), 'SUCCESS RUNNING NEW RUNNING', 'when one has ended the most urgent begins');
select is((test.execution(:'d')).start_time, timestamptz '2030-01-02T00:00:00Z', 'its time counts from then');
select test.act_as(:'ann') \g /dev/null
select cancel_execution(:'b') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select engine.tick() \g /dev/null
select is(test.statuses(array[:'c']::uuid[]), 'RUNNING', 'a canceled one gives its slot back too');
select test.act_as(:'ann') \g /dev/null
select test.run(:'flow') as e, test.run(:'flow') as f \gset
select cancel_execution(:'e') \g /dev/null
select test.work() \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select engine.tick() \g /dev/null
select is(test.statuses(array[:'c', :'d', :'e', :'f']::uuid[]), 'SUCCESS SUCCESS CANCELED RUNNING', 'one that is canceled in the queue leaves it');
select test.work() \g /dev/null
-- deleting it frees the queue
select test.act_as(:'ann') \g /dev/null
select test.run(:'flow') as a, test.run(:'flow') as b, test.run(:'flow') as c, test.run(:'flow') as d \gset
select is(test.statuses(array[:'a', :'b', :'c', :'d']::uuid[]), 'RUNNING RUNNING NEW NEW', 'a full queue again');
select (set_execution_limit(:'flow', 3)).id = :'one' as same \gset
select test.act_as_role('postgres') \g /dev/null
select engine.tick() \g /dev/null
select is(test.statuses(array[:'a', :'b', :'c', :'d']::uuid[]), 'RUNNING RUNNING RUNNING NEW', 'setting a limit again changes it');
select test.act_as(:'ann') \g /dev/null
select delete_execution_limit(:'one') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select engine.tick() \g /dev/null
select is(test.statuses(array[:'a', :'b', :'c', :'d']::uuid[]), 'RUNNING RUNNING RUNNING RUNNING', 'deleting a limit frees its queue');
select is_empty('select test.violations()', 'no invariant is broken');
select test.work() \g /dev/null

-- drop, cancel_oldest
select test.act_as(:'ann') \g /dev/null
select id as two from set_execution_limit(:'flow', 1, policy => 'drop') \gset
select test.run(:'flow') as a \gset
select is(test.outcome(format('select start_execution(%L)', :'flow')), 'PT429 execution_limit_reached', 'drop: a start without room is refused');
select is((select count(*) from workflow_executions where workflow_id = :'flow' and end_time is null), 1::bigint, 'and leaves nothing behind');
select (start_execution(:'flow', start_at => timestamptz '2030-01-02T00:00:10Z')).id as later \gset
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('10 s') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'later')).error ->> 'code', 'execution_limit_reached', 'a delayed one ends when its time comes');
select is(test.statuses(array[:'later']::uuid[]), 'CANCELED', 'canceled');
select test.act_as(:'ann') \g /dev/null
select set_execution_limit(:'flow', 1, policy => 'cancel_oldest') \g /dev/null
select test.run(:'flow') as b \gset
select is((test.execution(:'b')).status, 'RUNNING', 'cancel_oldest: the new one begins');
select test.act_as_role('postgres') \g /dev/null
select engine.tick() \g /dev/null
select is(test.statuses(array[:'a', :'b']::uuid[]), 'CANCELED RUNNING', 'and the oldest is canceled');
select test.work() \g /dev/null
select test.act_as(:'ann') \g /dev/null
select delete_execution_limit(:'two') \g /dev/null

-- by key
select id as three from set_execution_limit(:'flow', 1, key => '$.input.customer') \gset
select test.run(:'flow', '{"customer": "x"}') as a, test.run(:'flow', '{"customer": "x"}') as b, test.run(:'flow', '{"customer": "y"}') as c, test.run(:'flow', '{}') as d, test.run(:'flow', '{}') as e \gset
select is(test.statuses(array[:'a', :'b', :'c', :'d', :'e']::uuid[]), 'RUNNING NEW RUNNING RUNNING NEW', 'a key has room for each of its values; none is one too');
select is(array[test.outcome(format('select set_execution_limit(%L, 1, key => ''$.nodes.a'')', :'flow')), test.outcome(format('select set_execution_limit(%L, 1, key => ''customer'')', :'flow'))],
  '{PT422 limit_key_invalid,PT422 limit_key_invalid}', 'a key is a path over the input');
select delete_execution_limit(:'three') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select engine.tick() \g /dev/null
select test.work() \g /dev/null

-- rate
select test.act_as(:'ann') \g /dev/null
select id as four from set_execution_limit(:'flow', rate_limit => 2, rate_window_seconds => 60) \gset
select test.run(:'flow') as a \gset
select test.move_clock('30 s') \g /dev/null
select test.run(:'flow') as b, test.run(:'flow') as c, test.run(:'flow') as d \gset
select is(test.statuses(array[:'a', :'b', :'c', :'d']::uuid[]), 'RUNNING RUNNING NEW NEW', 'rate: no more begin in a window');
select test.work() \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select engine.tick() \g /dev/null
select is(test.statuses(array[:'c', :'d']::uuid[]), 'NEW NEW', 'although the others have ended');
select test.move_clock('29 s') \g /dev/null
select engine.tick() \g /dev/null
select is(test.statuses(array[:'c', :'d']::uuid[]), 'NEW NEW', 'until the window has passed');
select test.move_clock('1 s') \g /dev/null
select engine.tick() \g /dev/null
select is(test.statuses(array[:'c', :'d']::uuid[]), 'RUNNING NEW', 'for the first');
select test.move_clock('30 s') \g /dev/null
select engine.tick() \g /dev/null
select is(test.statuses(array[:'c', :'d']::uuid[]), 'RUNNING RUNNING', 'and the second');
select test.work() \g /dev/null
select test.act_as(:'ann') \g /dev/null
select delete_execution_limit(:'four') \g /dev/null

-- of a workspace, and of both
select test.workflow('{"work": {"NOOP": {}}}', 'start>work') as other \gset
select id as five from set_execution_limit(max_concurrency => 2) \gset
select id as six from set_execution_limit(:'flow', 1) \gset
select test.run(:'flow') as a, test.run(:'flow') as b, test.run(:'other') as c, test.run(:'other') as d \gset
select is(test.statuses(array[:'a', :'b', :'c', :'d']::uuid[]), 'RUNNING NEW RUNNING NEW', 'a start needs room in the workspace''s limit and the workflow''s; who lacks the one keeps nobody from the other');
select test.run(:'other') as e \gset
select test.finish(jsonb_build_array(test.success(test.claim('w', 1) -> 0))) \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select engine.tick() \g /dev/null
select is(test.statuses(array[:'a', :'b', :'c', :'d', :'e']::uuid[]), 'SUCCESS RUNNING RUNNING NEW NEW', 'room is given on to the oldest that can use it');
select test.work() \g /dev/null
select engine.tick() \g /dev/null
select test.work() \g /dev/null
select engine.tick() \g /dev/null
select test.work() \g /dev/null
select engine.tick() \g /dev/null
select test.work() \g /dev/null
select is((select count(*) from workflow_executions where workspace_id = :'space' and end_time is null), 0::bigint, 'until all are through');
select test.act_as(:'ann') \g /dev/null
select delete_execution_limit(:'six') \g /dev/null

-- children share their root's slot
select test.run(test.workflow(json_build_object('call', json_build_object('SUB_WORKFLOW', json_build_object('workflow_id', :'flow', 'items', '{{ $.input }}'))), 'start>call'), '[1, 2, 3]') as root \gset
select is((select jsonb_agg(status) from workflow_executions where parent_execution_id = :'root'), '["RUNNING", "RUNNING", "RUNNING"]', 'sub-workflows run in their root''s slot');
select test.work() \g /dev/null
select is((test.execution(:'root')).status, 'SUCCESS', 'and cannot wait for themselves');

-- who may
select test.become_member(:'space', :'bob', 'viewer'), test.become_member(:'space', :'dan', 'editor') \g /dev/null
select test.act_as(:'bob') \g /dev/null
select is(array[test.outcome(format('select set_execution_limit(%L, 1)', :'flow')), test.outcome(format('select delete_execution_limit(%L)', :'five'))], '{PT403 role_insufficient,PT403 role_insufficient}', 'a viewer sets no limits');
select is((select count(*) from execution_limits), 1::bigint, 'but reads them');
select test.act_as(:'dan') \g /dev/null
select is(array[test.outcome(format('select set_execution_limit(%L, 1)', :'other')), test.outcome(format('select set_execution_limit(max_concurrency => 1, workspace_id => %L)', :'space')), test.outcome(format('select delete_execution_limit(%L)', :'five'))],
  '{ok,PT403 role_insufficient,PT403 role_insufficient}', 'an editor those of workflows, an admin the workspace''s');
select test.act_as(:'eve') \g /dev/null
select is(array[test.outcome(format('select set_execution_limit(%L, 1)', :'flow')), test.outcome(format('select delete_execution_limit(%L)', :'five'))], '{PT404 workflow_not_found,PT404 execution_limit_not_found}', 'for strangers there is nothing');
select is((select count(*) from execution_limits), 0::bigint, 'to be read either');
select test.act_as(:'ann') \g /dev/null
select is(array[test.outcome(format('select set_execution_limit(%L)', :'flow')), test.outcome(format('select set_execution_limit(%L, 0)', :'flow')), test.outcome(format('select set_execution_limit(%L, rate_limit => 1)', :'flow')),
  test.outcome(format('select set_execution_limit(%L, 1, policy => ''hope'')', :'flow'))], '{PT422 limit_invalid,PT422 limit_invalid,PT422 limit_invalid,PT422 limit_invalid}', 'a limit has to make sense');
select test.act_as_role('postgres') \g /dev/null
select is((select count(*) from engine.slots where released_at is null), 0::bigint, 'no slot is left');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
