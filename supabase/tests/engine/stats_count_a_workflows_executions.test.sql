\ir ../helpers.sql
select plan(9);
select test.sign_up('ann') as ann, test.sign_up('bob') as bob \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"work": {"NOOP": {}, "max_retries": 0}}', 'start>work') as flow, test.workflow('{}', '') as other \gset
select test.run(:'other') \g /dev/null
select is(get_execution_stats(:'flow'), '{"total_executions": 0, "successful_executions": 0, "failed_executions": 0, "canceled": 0, "timed_out": 0, "running": 0, "success_rate": null,
  "avg_duration_ms": null, "p50_duration_ms": null, "p95_duration_ms": null, "last_execution_at": null}', 'one that never ran has nothing to average');
-- an hour ago one took 100 s; now others take 1 to 3 s, one fails, one is too late, one is canceled, one runs
select engine.now() - interval '1 hour' as early, engine.now() as now \gset
select set_config('tandem.now', :'early', true) \g /dev/null
select test.run(:'flow') \g /dev/null
select test.claim() as tasks \gset
select set_config('tandem.now', (:'early'::timestamptz + interval '100 seconds')::text, true) \g /dev/null
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 0))) \g /dev/null
select set_config('tandem.now', :'now', true) \g /dev/null
select test.run(:'flow'), test.run(:'flow'), test.run(:'flow') \g /dev/null
select test.claim() as tasks \gset
select set_config('tandem.now', (:'now'::timestamptz + interval '1 second')::text, true) \g /dev/null
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 0))) \g /dev/null
select set_config('tandem.now', (:'now'::timestamptz + interval '2 seconds')::text, true) \g /dev/null
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 1))) \g /dev/null
select set_config('tandem.now', (:'now'::timestamptz + interval '3 seconds')::text, true) \g /dev/null
select test.finish(jsonb_build_array(test.failure(:'tasks'::jsonb -> 2))) \g /dev/null
select (start_execution(:'flow', timeout_seconds => 4)).id as late, test.run(:'flow') as canceled \gset
select set_config('tandem.now', (:'now'::timestamptz + interval '7 seconds')::text, true) \g /dev/null
select cancel_execution(:'canceled') \g /dev/null
select test.tick() \g /dev/null
select (start_execution(:'flow')).created_at as last \gset
select get_execution_stats(:'flow') as stats, get_execution_stats(:'flow', :'now') as since \gset
select is(:'stats'::jsonb - 'last_execution_at', '{"total_executions": 7, "successful_executions": 3, "failed_executions": 1, "canceled": 1, "timed_out": 1, "running": 1, "success_rate": 0.6000,
  "avg_duration_ms": 22000, "p50_duration_ms": 3000, "p95_duration_ms": 80800}', 'executions are counted by their end, and timed unless they were canceled');
select is((:'stats'::jsonb ->> 'last_execution_at')::timestamptz, :'last', 'the last one began now');
select is(:'since'::jsonb - 'last_execution_at', '{"total_executions": 6, "successful_executions": 2, "failed_executions": 1, "canceled": 1, "timed_out": 1, "running": 1, "success_rate": 0.5000,
  "avg_duration_ms": 2500, "p50_duration_ms": 2500, "p95_duration_ms": 3850}', 'of those since a time');
select is(get_execution_stats(:'flow', t::timestamptz) -> 'total_executions', n::jsonb, 'since ' || t) from (values ('infinity', '0'), ('-infinity', '7'), ('1900-01-01', '7'), ('2300-01-01', '0')) v (t, n);
select test.act_as(:'bob') \g /dev/null
select is(test.outcome(format('select get_execution_stats(%L)', :'flow')), 'PT404 workflow_not_found', 'a stranger learns nothing');
select * from finish();
