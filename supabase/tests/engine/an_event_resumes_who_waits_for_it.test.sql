\ir ../helpers.sql
select plan(32);
select test.sign_up('ann') as ann, test.sign_up('bob') as bob \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"wait": {"WAIT": {"event": "paid", "key": "{{ $.input.order }}", "timeout_seconds": 3600}}, "after": {"TRANSFORM": "{{ $.input.by }}"}}', 'start>wait wait>after') as keyed \gset
select test.workflow('{"wait": {"WAIT": {"event": "go"}}, "after": {"TRANSFORM": "{{ $.input.by }}"}}', 'start>wait wait>after') as unkeyed \gset

-- with a key: a fact
select test.run(:'keyed', '{"order": 1}') as one, test.run(:'keyed', '{"order": 2}') as two \gset
select results_eq(format('select status, waits_for from live_node_executions where execution_id = %L', :'one'), $$values ('RUNNING', 'event paid')$$, 'it is seen what is waited for');
select send_event('paid', '{"by": "card"}', '1') as sent \gset
select is(:'sent'::jsonb - 'id', '{"name": "paid", "key": "1", "created": true}', 'sending tells that it was taken');
select is((test.execution(:'one')).output, '{"after": "card"}', 'its payload is the output of the wait, at once');
select is((test.execution(:'two')).status, 'RUNNING', 'another key goes on waiting');
select is(send_event('paid', '{"by": "cash"}', '1'), :'sent'::jsonb || '{"created": false}', 'the first event of a key counts');
select is((test.execution(test.run(:'keyed', '{"order": 1}'))).output, '{"after": "card"}', 'for whoever comes later too');
select send_event('paid', '{"by": "early"}', '3') \g /dev/null
select is((test.execution(test.run(:'keyed', '{"order": 3}'))).output, '{"after": "early"}', 'an event that came before is kept');
select test.run(:'keyed', '{"order": 4}') as a, test.run(:'keyed', '{"order": 4}') as b \gset
select send_event('paid', '{"by": "both"}', '4') \g /dev/null
select is(array[(test.execution(:'a')).output, (test.execution(:'b')).output], array[jsonb '{"after": "both"}', '{"after": "both"}'], 'a fact is for all who wait for it');
select send_event('paid', '{"by": "nobody"}') \g /dev/null
select is((test.execution(:'two')).status, 'RUNNING', 'an event without a key is another than one with');

-- without: a signal
select test.run(:'unkeyed') as a, test.run(:'unkeyed') as b \gset
select send_event('go', '{"by": "now"}') \g /dev/null
select is(array[(test.execution(:'a')).output, (test.execution(:'b')).output], array[jsonb '{"after": "now"}', '{"after": "now"}'], 'a signal resumes all who wait');
select test.run(:'unkeyed') as id \gset
select is((test.execution(:'id')).status, 'RUNNING', 'and is used up');
select send_event('go', '{"by": "x"}') \g /dev/null
select send_event('go', '{"by": "first"}') \g /dev/null
select send_event('go', '{"by": "second"}') \g /dev/null
select is((test.execution(test.run(:'unkeyed'))).output, '{"after": "first"}', 'one that nobody waited for is kept for the next');
select is((test.execution(test.run(:'unkeyed'))).output, '{"after": "second"}', 'each for one');
select is((test.execution(test.run(:'unkeyed'))).status, 'RUNNING', 'until they are used up');

-- in a loop each lap takes one
select test.run(test.workflow('{"wait": {"WAIT": {"event": "lap"}}, "more": {"IF": "$.execution.node_runs < 3"}, "end": {"TRANSFORM": "{{ $.input.n }}"}}', 'start>wait wait>more more>wait more:1>end')) as id \gset
select send_event('lap', '{"n": 1}') \g /dev/null
select is((test.execution(:'id')).status, 'RUNNING', 'in a loop each lap waits anew');
select send_event('lap', '{"n": 2}') \g /dev/null
select send_event('lap', '{"n": 3}') \g /dev/null
select is((test.execution(:'id')).output, '{"end": 3}', 'for an event of its own');

-- roles and other workspaces
select test.run(:'unkeyed') as id, (select workspace_id from workflows where id = :'unkeyed') as space \gset
select test.become_member(:'space', :'bob', 'viewer') \g /dev/null
select test.act_as(:'bob') \g /dev/null
select is(test.outcome(format('select send_event(''go'', ''{}'', workspace_id => %L)', :'space')), 'PT403 role_insufficient', 'a viewer sends no events');
select send_event('go', '{"by": "bob"}') \g /dev/null
select is((test.execution(:'id')).status, 'RUNNING', 'an event of another workspace resumes nothing here');
select test.act_as_role('service_role') \g /dev/null
select send_event('go', '{"by": "service"}', workspace_id => :'space') \g /dev/null
select is((test.execution(:'id')).output, '{"after": "service"}', 'the service role sends to a workspace that it names');
select test.act_as(:'ann') \g /dev/null
select is(array[test.outcome('select send_event('''')'), test.outcome('select send_event(repeat(''x'', 201))'), test.outcome('select send_event(''x'', key => '''')')],
  array['PT422 event_name_invalid', 'PT422 event_name_invalid', 'PT422 event_name_invalid'], 'names and keys have 1 to 200 characters');
select is(test.outcome('select send_event(''x'', to_jsonb((select string_agg(md5(i::text), '''') from generate_series(1, 40000) i)))'), 'PT413 input_too_large', 'a payload has a size');
select is((test.execution(test.run(:'keyed', '{"order": {"a": 1}}'))).status, 'RUNNING', 'a key may be any value');
select is((test.execution(test.run(test.workflow('{"wait": {"WAIT": {"event": "{{ $.input }}"}}}', 'start>wait'), '""'))).error ->> 'code', 'wait_invalid', 'a name that a template leaves empty is an error');

-- not in time
select set_config('tandem.now', '2030-01-01T00:00:00Z', true) \g /dev/null
select test.run(test.workflow('{"wait": {"WAIT": {"event": "never", "timeout_seconds": 60}}}', 'start>wait')) as stop,
  test.run(test.workflow('{"wait": {"WAIT": {"event": "never", "timeout_seconds": 60}, "error_handling": "CONTINUE_REGULAR_OUTPUT_ON_ERROR"}, "after": {"TRANSFORM": "{{ $.input.error.code }}"}}', 'start>wait wait>after')) as go_on,
  test.run(test.workflow('{"wait": {"WAIT": {"event": "never", "timeout_seconds": 60}, "error_handling": "CONTINUE_ERROR_OUTPUT_ON_ERROR"}, "after": {"TRANSFORM": "no"}, "late": {"TRANSFORM": "{{ $.input.error.code }}"}}', 'start>wait wait>after wait!>late')) as other,
  test.run(test.workflow('{"wait": {"WAIT": {"event": "never"}}}', 'start>wait')) as long \gset
select test.act_as_role('postgres') \g /dev/null
select is((select until - engine.now() from engine.waits where execution_id = :'long'), interval '30 days', 'an event is waited for 30 days unless said otherwise');
select test.move_clock('60 s') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'stop')).error - 'message', '{"code": "wait_timed_out", "node_id": "wait"}', 'stop: an event that does not come in time is an error');
select is((test.execution(:'go_on')).output, '{"after": "wait_timed_out"}', 'continue: the error goes on');
select is((test.execution(:'other')).output, '{"late": "wait_timed_out"}', 'error output: along its connections');
select test.act_as(:'ann') \g /dev/null
select send_event('never', '{"by": "late"}') \g /dev/null
select is((test.execution(:'long')).output, '{"wait": {"by": "late"}}', 'who waits longer still gets it');
select is((test.execution(:'stop')).status, 'ERROR', 'the others do not');
select test.act_as_role('postgres') \g /dev/null
select is(array(select e.key from workflow_events e where e.name = 'paid' and e.key is not null order by 1), '{1,3,4}', 'facts are kept');
select is((select count(*) from workflow_events where name in ('go', 'lap', 'never') and workspace_id = :'space'), 0::bigint, 'signals that were handed over are not');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
