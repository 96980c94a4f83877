\ir ../helpers.sql
select plan(4);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
create function pg_temp.called(child uuid, more jsonb, input jsonb) returns jsonb language sql as $$
  select (test.execution(test.run(test.workflow(json_build_object('call', json_build_object('SUB_WORKFLOW', jsonb_build_object('workflow_id', called.child) || called.more)), 'start>call'), called.input))).output -> 'call'
$$;
select test.workflow('{"echo": {"TRANSFORM": "{{ $.trigger }}"}}', 'start>echo') as child \gset
select is(pg_temp.called(:'child', '{}', '{"n": 1}'), '{"echo": {"n": 1}}', 'without an input of its own the child gets the node''s');
select is(pg_temp.called(:'child', '{"input": {"m": "{{ $.input.n }}"}}', '{"n": 1}'), '{"echo": {"m": 1}}', 'else what the node says');
select is(pg_temp.called(:'child', '{"items": "{{ $.input.list }}"}', '{"n": 1, "list": [5, 6]}'), '[{"echo": 5}, {"echo": 6}]', 'for each item the item');
select is(pg_temp.called(:'child', '{"items": "{{ $.input.list }}", "input": {"n": "{{ $.input.n }}"}}', '{"n": 1, "list": [5, 6]}'), '[{"echo": {"n": 1, "item": 5}}, {"echo": {"n": 1, "item": 6}}]', 'or both');
select * from finish();
