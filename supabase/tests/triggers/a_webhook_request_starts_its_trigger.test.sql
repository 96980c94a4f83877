\ir ../helpers.sql
select plan(29);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"hook": {"WEBHOOK": {"path": "orders/:id/items"}}, "any": {"WEBHOOK": {"path": "any", "method": "ANY"}},
  "got": {"TRANSFORM": {"id": "{{ $.input.params.id }}", "n": "{{ $.trigger.body.n }}", "by": "{{ $.execution.trigger_node_id }}"}}}', 'hook>got any>got') as flow \gset
select jsonb_object_agg(t ->> 'node_id', t ->> 'id') as ids from jsonb_array_elements(deploy_workflow(:'flow') -> 'triggers') t \gset
select :'ids'::jsonb ->> 'hook' as hook, :'ids'::jsonb ->> 'any' as any, :'ids'::jsonb ->> 'start' as manual \gset
select is(test.outcome(format('select triggers.receive_webhook(%L, ''POST'', ''any'', ''{}'', null)', :'any')), '42501', 'clients do not deliver by SQL');
select test.act_as_role('postgres') \g /dev/null

create function pg_temp.deliver(id text, path text, key text default null, method text default 'POST', request jsonb default '{"body": {"n": 5}}') returns jsonb language sql as $$
  select triggers.receive_webhook(id::uuid, method, path, request, key)
$$;
select pg_temp.deliver(:'hook', 'orders/77/items') as answer \gset
select is(:'answer'::jsonb - 'execution_id', '{"status": "SUCCESS", "duplicate": false, "same_request": true}', 'a request starts an execution');
select test.execution((:'answer'::jsonb ->> 'execution_id')::uuid) as e \gset
select is((:'e'::workflow_executions).output, '{"got": {"id": "77", "n": 5, "by": "hook"}}', 'with what the path and the body say');
select is((:'e'::workflow_executions).input, '{"body": {"n": 5}, "params": {"id": "77"}}', 'its input is the request and the parameters');
select is(array[(:'e'::workflow_executions).mode, (:'e'::workflow_executions).trigger_node_id, (:'e'::workflow_executions).workflow_id::text], array['WEBHOOK', 'hook', :'flow'], 'and it is that of the trigger');
select is((:'e'::workflow_executions).triggered_by, null, 'nobody''s');

select is(triggers.match_path(v.pattern, v.path), v.params::jsonb, format('%s of %s', v.path, v.pattern)) from (values
  ('orders/:id/items', '/orders/7/items/', '{"id": "7"}'), ('orders/:id/items', 'orders//items', null), ('orders/:id/items', 'orders/7', null),
  ('orders/:id/items', 'orders/7/items/8', null), ('orders/:id/items', 'orders/a%2Fb/items', '{"id": "a%2Fb"}'), (':a/:b', 'x/y', '{"a": "x", "b": "y"}'),
  ('any', 'Any', null), ('any', '', null), ('a.b', 'axb', null), ('any', 'any', '{}')
) v (pattern, path, params);

select is(test.outcome(format('select pg_temp.deliver(%L, %L, method => %L)', v.id, v.path, v.method)), v.expected, v.why) from (values
  (gen_random_uuid()::text, 'any', 'POST', 'PT404 trigger_not_found', 'an unknown id'),
  (:'hook', 'any', 'POST', 'PT404 trigger_not_found', 'another trigger''s path'),
  (:'manual', '', 'POST', 'PT404 trigger_not_found', 'a trigger that is no webhook'),
  (:'hook', 'orders/7/items', 'GET', 'PT405 method_not_allowed', 'another method'),
  (:'hook', 'orders/7/items', 'post', 'ok', 'methods in any case'),
  (:'any', 'any', 'DELETE', 'ok', 'ANY takes any')
) v (id, path, method, expected, why);

-- delivered again
select pg_temp.deliver(:'any', 'any', 'delivery-1') as first \gset
select is(pg_temp.deliver(:'any', 'any', 'delivery-1', 'POST', '{"body": {"n": 5}, "headers": {"x-try": "2"}}'), :'first'::jsonb || '{"duplicate": true}', 'a delivery that was seen starts nothing and answers the first');
select is(pg_temp.deliver(:'any', 'any', 'delivery-1', 'POST', '{"body": "another"}'), :'first'::jsonb || '{"duplicate": true, "same_request": false}', 'also one with another body, of which that is said');
select is(pg_temp.deliver(:'any', 'any', 'delivery-2') -> 'duplicate', 'false', 'another one does');
select is(pg_temp.deliver(:'hook', 'orders/1/items', 'delivery-1') -> 'duplicate', 'false', 'so does the same key at another trigger');
select isnt(pg_temp.deliver(:'any', 'any') -> 'execution_id', pg_temp.deliver(:'any', 'any') -> 'execution_id', 'without a key each delivery starts one');

-- an integration that is turned off lets nobody in, however he proves himself
select test.act_as(:'ann') \g /dev/null
select (integrations.create(null, 'webhook', 'x', null, '{"type": "header", "header": "x-key"}', jsonb_build_object('signing', 'gAAAAA' || repeat('x', 94)))).id as integration \gset
select (create_workflow('proved', jsonb_build_object('connections', '[]'::jsonb, 'nodes', jsonb_build_array(jsonb_build_object(
  'id', 'hook', 'type', 'TRIGGER', 'subtype', 'WEBHOOK', 'parameters', '{"path": "in"}'::jsonb, 'credentials', jsonb_build_object('webhook', :'integration')))))).id as proved \gset
select deploy_workflow(:'proved') #>> '{triggers,0,id}' as hook \gset
select update_integration(:'integration', is_active => false) \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select is(test.outcome(format('select triggers.receive_webhook(%L, ''POST'', ''in'', ''{}'', null, %L)', :'hook', :'integration')), 'PT409 integration_inactive', 'an integration that is off takes nothing');
update integrations set is_active = true where id = :'integration';
select is(test.outcome(format('select triggers.receive_webhook(%L, ''POST'', ''in'', ''{}'', null, %L)', :'hook', :'integration')), 'ok', 'until it is turned on');
select * from finish();
