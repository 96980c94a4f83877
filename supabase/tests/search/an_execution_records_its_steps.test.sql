\ir ../helpers.sql
select plan(19);
select platform.set('clock.movable', 'true') \g /dev/null
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.definition('{"call": {"HTTP_REQUEST": {"url": "https://example.com/a?api_key=abc&b=1", "headers": {"Authorization": "Bearer abc", "Accept": "x"}},
    "max_retries": 1, "retry_wait_time": 0, "error_handling": "CONTINUE_REGULAR_OUTPUT_ON_ERROR"},
  "shape": {"TRANSFORM": {"ok": true}}, "off": {"NOOP": {}, "disabled": true}, "each": {"FOR_EACH": {"items": "{{ $.trigger.items }}"}}, "item": {"NOOP": {}}}',
  'start>shape shape>call call>off off>each each>item') as definition \gset
select (public.create_workflow('Fetch', :'definition'::jsonb || '{"settings": {"record_steps": true}}', 'Fetches')).id as wf,
  (public.create_workflow('Quiet', :'definition'::jsonb)).id as quiet \gset
select is(test.outcome($$select public.create_workflow('x', '{"nodes": [], "connections": [], "settings": {"record_steps": "yes"}}')$$),
  'PT422 definition_invalid', 'the setting is true or false');
select test.run(:'wf', '{"items": [1, 2, 3]}') as run, test.run(:'quiet', '{"items": [1]}') as other \gset
select test.act_as_role('postgres') \g /dev/null
select is_empty('select from search.ended_executions', 'nothing is due while it runs');
-- the call fails twice, the rest succeeds
create function pg_temp.go() returns void language plpgsql as $$
declare v_tasks jsonb;
begin
  for i in 1 .. 20 loop
    v_tasks := test.claim();
    if v_tasks <> '[]' then
      perform test.finish((select jsonb_agg(case t ->> 'node_id' when 'call' then test.failure(t) else test.success(t) end) from jsonb_array_elements(v_tasks) t));
    end if;
    perform test.move_clock('1 minute');
    perform test.tick();
  end loop;
end $$;
select pg_temp.go() \g /dev/null
select is((select status from public.workflow_executions where id = :'run'), 'SUCCESS', 'it ends');
select results_eq('select execution_id from search.ended_executions', array[:'run'::uuid], 'what records its steps is due, what does not is not');
select is_empty('select from public.workflow_steps', 'the end itself counts nothing');
select is(search.record_executions(), 1, 'then it is counted');
select is(search.record_executions(), 0, 'once');
select test.act_as(:'ann') \g /dev/null
select results_eq(
  'select node_id, app_name, window_title, element_path, step_name, workflow_name, workflow_description, succeeded, failed from public.step_overview order by 1',
  $$values ('call', 'ACTION.HTTP_REQUEST', 'Fetch', 'call', 'call', 'Fetch', 'Fetches', 0, 1),
    ('each', 'FLOW.FOR_EACH', 'Fetch', 'each', 'each', 'Fetch', 'Fetches', 1, 0),
    ('item', 'ACTION.NOOP', 'Fetch', 'item', 'item', 'Fetch', 'Fetches', 3, 0),
    ('shape', 'ACTION.TRANSFORM', 'Fetch', 'shape', 'shape', 'Fetch', 'Fetches', 1, 0)$$,
  'each run once, its attempts together; what was skipped and triggers not');
select is((select definition::jsonb from public.workflow_steps where node_id = 'call'),
  jsonb '{"url": "https://example.com/a?api_key=[removed]&b=1", "headers": {"Authorization": "[removed]", "Accept": "x"}}', 'a step says what it does, without secrets');
select is((select workflow_id from public.workflow_steps where node_id = 'call'), :'wf'::uuid, 'and whose it is');
-- a retry takes over what succeeded
select id as again from public.retry_execution(:'run', (
  select n.id from public.node_executions n where n.execution_id = :'run' and n.node_id = 'call' order by n.attempt desc limit 1)) \gset
select test.act_as_role('postgres') \g /dev/null
select pg_temp.go() \g /dev/null
select is(search.record_executions(), 1, 'a retry is recorded too');
select is((select string_agg(node_id || ' ' || succeeded || ' ' || failed, ', ' order by node_id) from public.step_overview),
  'call 0 2, each 2 0, item 6 0, shape 1 0', 'but not what it took over');
-- a new version of the node
select test.act_as(:'ann') \g /dev/null
select public.update_workflow(:'wf', definition => jsonb_set(:'definition'::jsonb || '{"settings": {"record_steps": true}}', '{nodes,2,name}', '"Shape it"')) \g /dev/null
select test.run(:'wf', '{"items": []}') as third \gset
select test.act_as_role('postgres') \g /dev/null
select pg_temp.go() \g /dev/null
select search.record_executions() \g /dev/null
select is((select step_name from public.workflow_steps where node_id = 'shape'), 'Shape it', 'a step follows its node');
select is((select count(*) from public.workflow_steps), 4::bigint, 'and stays one');
-- whose steps cannot be counted does not hold up the others
select test.act_as(:'ann') \g /dev/null
select (public.create_workflow('Bad', :'definition'::jsonb || '{"settings": {"record_steps": true}}')).id as bad \gset
select test.run(:'bad', '{"items": [1]}'), test.run(:'wf', '{"items": [1]}') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select pg_temp.go() \g /dev/null
set constraints all immediate;
alter table public.workflow_steps add constraint not_bad check (workflow_name <> 'Bad') not valid;
select (succeeded + failed) as before from public.step_overview where node_id = 'item' \gset
set client_min_messages = error;
select is(search.record_executions(), 2, 'an execution that cannot be counted is given up');
select is((select succeeded from public.step_overview where node_id = 'item'), :before + 1, 'the one beside it is counted');
select is_empty('select from search.ended_executions', 'nothing is left');
select is_empty('select * from test.violations()', 'and nothing is broken');
select is(search.without_secrets('{"a": [{"name": "X-Api-Key", "value": "s3"}, "basic dXNlcg==", "https://u:p@h/x?sig_token=1&q=2"], "n": 1, "o": null, "cookie": null}'),
  jsonb '{"a": [{"name": "X-Api-Key", "value": "[removed]"}, "basic [removed]", "https://[removed]h/x?sig_token=[removed]&q=2"], "n": 1, "o": null, "cookie": null}', 'what looks like a secret is removed wherever it stands');
select * from finish();
