\ir ../helpers.sql
select plan(19);
create function test.waits_until(parameters json) returns interval language plpgsql as $$
declare
  v_id uuid := test.run(test.workflow(json_build_object('wait', json_build_object('WAIT', waits_until.parameters)), 'start>wait'), '{"n": 5, "t": "2030-01-01T00:00:00+02:00"}');
begin
  return (select l.until - current_setting('tandem.now')::timestamptz from live_node_executions l where l.execution_id = v_id);
end
$$;
create function test.wait_error(parameters json, input jsonb) returns text language sql as $$
  select (test.execution(test.run(test.workflow(json_build_object('wait', json_build_object('WAIT', wait_error.parameters)), 'start>wait'), wait_error.input))).error ->> 'code'
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select set_config('tandem.now', '2029-12-31T00:00:00Z', true) \g /dev/null
select test.workflow('{"wait": {"WAIT": {"seconds": 90}}, "after": {"TRANSFORM": {"got": "{{ $.input }}", "wait": "{{ $.nodes.wait }}"}}}', 'start>wait wait>after') as flow \gset
select test.run(:'flow', '"in"') as id \gset
select is((test.execution(:'id')).status, 'RUNNING', 'a waiting execution runs');
select results_eq(format('select status, waits_for, until from live_node_executions where execution_id = %L', :'id'), $$values ('RUNNING', 'timer', timestamptz '2029-12-31T00:01:30Z')$$, 'and tells until when');
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('89.9 s') \g /dev/null
select is(engine.tick(), 0, 'before the time nothing happens');
select test.move_clock('0.1 s') \g /dev/null
select is(engine.tick(), 1, 'then it goes on');
select is((test.execution(:'id')).output, '{"after": {"got": "in", "wait": "in"}}', 'and passes its input on');
select is((select end_time - start_time from node_executions where execution_id = :'id' and node_id = 'wait'), interval '90 s', 'its run lasted that long');
select set_config('tandem.now', '2029-12-31T00:00:00Z', true) \g /dev/null
select test.act_as(:'ann') \g /dev/null
select is(test.waits_until('{"seconds": "{{ $.input.n }}"}'), interval '5 s', 'seconds may come from a template');
select is(test.waits_until('{"seconds": 0.5}'), interval '0.5 s', 'and be a fraction');
select is(test.waits_until('{"until": "2030-01-01T00:00:00Z"}'), interval '1 day', 'until a time');
select is(test.waits_until('{"until": "{{ $.input.t }}"}'), interval '22 hours', 'in its zone');
select is(test.waits_until('{"seconds": 0}'), null, 'no time is over at once');
select is(test.waits_until('{"until": "2020-01-01T00:00:00Z"}'), null, 'and so is a past one');
select is((test.execution(test.run(test.workflow('{"wait": {"WAIT": {"until": "2020-01-01T00:00:00Z"}}}', 'start>wait'), '7'))).output, '{"wait": 7}', 'which passes on what it got');
select is(test.wait_error('{"until": "{{ $.input }}"}', '"tomorrow night"'), 'wait_invalid', 'garbage is an error');
select is(test.wait_error('{"seconds": "{{ $.input }}"}', '-1'), 'wait_invalid', 'so are negative seconds');
select is(test.wait_error('{"seconds": "{{ $.input }}"}', '{"a": 1}'), 'wait_invalid', 'an object');
select is(test.wait_error('{"seconds": "{{ $.input }}"}', 'null'), 'wait_invalid', 'nothing');
select is(array[test.wait_error('{"until": "{{ $.input }}"}', '"infinity"'), test.wait_error('{"seconds": "{{ $.input }}"}', '"NaN"'), test.wait_error('{"seconds": "{{ $.input }}"}', '31536001')],
  '{wait_invalid,wait_invalid,wait_invalid}', 'and what is no time within a year');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
