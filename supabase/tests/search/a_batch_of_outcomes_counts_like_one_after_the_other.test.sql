\ir ../helpers.sql
select plan(16);
select test.sign_up('ann') as ann, test.sign_up('vic') as vic, test.sign_up('bob') as bob \gset
select test.act_as(:'bob') \g /dev/null
insert into public.workflow_steps (app_name, window_title, element_path, step_name, workflow_name)
values ('Chrome', 'Shop', '/', 'Bob''s', 'Order') returning id as others \gset
select test.act_as(:'ann') \g /dev/null
select workspaces.default_id() as ws \gset
select test.become_member(:'ws', :'vic', 'viewer') \g /dev/null
insert into public.workflow_steps (app_name, window_title, element_path, step_name, workflow_name)
select 'Chrome', 'Shop', '/', 'Step ' || i, 'Order' from generate_series(1, 6) i;
-- outcomes of three steps, with repetitions; the other three take the same one at a time
create temp table outcome as
select (array['Step 1', 'Step 2', 'Step 3'])[1 + (i * 7 + i / 5) % 3] as step_name, i % 4 <> 0 as success,
  case when i % 6 <> 0 then (i * 7919) % 5000 end as duration_ms, i
from generate_series(1, 40) i;
create function pg_temp.step(name text) returns uuid language sql as 'select s.id from public.workflow_steps s where s.step_name = step.name';
select public.increment_step_stats_batch((
  select jsonb_agg(jsonb_build_object('step_id', pg_temp.step(step_name), 'success', success, 'duration_ms', duration_ms) order by i)
  from outcome where i <= 25)) as first \gset
select is(:'first'::jsonb, jsonb '{"counted": 25, "unknown": []}', 'a batch is counted');
select public.increment_step_stats_batch((
  select jsonb_agg(jsonb_build_object('step_id', pg_temp.step(step_name), 'success', success, 'duration_ms', duration_ms) order by i)
  from outcome where i > 25)) \g /dev/null
do $$
declare o record;
begin
  for o in select * from outcome order by i loop
    perform public.increment_step_stats(pg_temp.step('Step ' || substr(o.step_name, 6)::int + 3), o.success, o.duration_ms);
  end loop;
end $$;
select results_eq(
  $$select succeeded, failed, duration_ms from public.workflow_step_stats t join public.workflow_steps s on s.id = t.step_id
    where s.step_name <= 'Step 3' order by s.step_name$$,
  $$select succeeded, failed, duration_ms from public.workflow_step_stats t join public.workflow_steps s on s.id = t.step_id
    where s.step_name > 'Step 3' order by s.step_name$$, 'both ways give the same');
select is_empty(
  $$select * from public.workflow_step_stats t
    where abs(search.document_rank(t.succeeded, t.failed, t.duration_ms, t.last_executed_at, 'infinity') - t.stored_rank * 5) > 5$$,
  'and a stored rank that is at most 5 off');
select is((select sum(succeeded + failed) from public.workflow_step_stats), 80::bigint, 'of all');
select is((select sum(times_executed) from public.step_analytics), 80::bigint, 'in the months too');
select is(
  public.increment_step_stats_batch(jsonb_build_array(
    jsonb_build_object('step_id', :'others', 'success', true),
    jsonb_build_object('step_id', pg_temp.step('Step 1'), 'success', true),
    jsonb_build_object('step_id', '00000000-0000-7000-8000-000000000000', 'success', true))),
  jsonb_build_object('counted', 1, 'unknown', jsonb_build_array('00000000-0000-7000-8000-000000000000', :'others')),
  'steps that are gone or another''s are told, the others counted');
select is(public.increment_step_stats_batch('[]'), jsonb '{"counted": 0, "unknown": []}', 'nothing is nothing');
create function pg_temp.problems(outcomes jsonb, field text default 'path') returns jsonb language plpgsql as $$
declare
  v_hint text;
begin
  perform public.increment_step_stats_batch(outcomes);
  return 'null';
exception when sqlstate 'PT422' then
  get stacked diagnostics v_hint = pg_exception_hint;
  return (select jsonb_agg(p ->> problems.field order by o) from jsonb_array_elements(v_hint::jsonb) with ordinality x (p, o));
end $$;
select is(pg_temp.problems(jsonb_build_array(
    jsonb_build_object('step_id', pg_temp.step('Step 1'), 'success', true, 'duration_ms', -1),
    jsonb_build_object('step_id', 'x', 'success', 'yes', 'duration_ms', 1.5),
    jsonb_build_object('step_id', pg_temp.step('Step 1'), 'success', true, 'duration_ms', 'NaN'),
    '7', 'null',
    jsonb_build_object('step_id', pg_temp.step('Step 1'), 'success', true, 'duration_ms', 3000000000))),
  jsonb '["$[0].duration_ms", "$[1].duration_ms", "$[1].step_id", "$[1].success", "$[2].duration_ms", "$[3].step_id", "$[3].success", "$[4].step_id", "$[4].success", "$[5].duration_ms"]',
  'all that is wrong is told at once');
select is(pg_temp.problems('[{"step_id": "x", "success": 1, "duration_ms": -1}]', 'message'),
  jsonb '["duration_ms is not a whole number of milliseconds from 0 to 2147483647", "step_id is not the id of a step", "success is not true or false"]',
  'each message names its field');
select is((select sum(succeeded + failed) from public.workflow_step_stats), 81::bigint, 'and nothing counted');
select is(test.outcome($$select public.increment_step_stats_batch('{}')$$), 'PT422 outcomes_invalid', 'an object is no batch');
select is(test.outcome($$select public.increment_step_stats_batch(null)$$), 'PT422 outcomes_invalid', 'null neither');
select is(test.outcome($$select public.increment_step_stats_batch((select jsonb_agg(jsonb '{}') from generate_series(1, 1001)))$$),
  'PT422 outcomes_invalid', 'a batch has an end');
select is(
  (public.increment_step_stats_batch((
    select jsonb_agg(jsonb_build_object('step_id', pg_temp.step('Step 1'), 'success', true, 'duration_ms', null)) from generate_series(1, 1000)))
   ->> 'counted')::int, 1000, 'a thousand of one step are counted');
select test.act_as(:'vic') \g /dev/null
select is(test.outcome(format('select public.increment_step_stats_batch(%L)',
  jsonb_build_array(jsonb_build_object('step_id', pg_temp.step('Step 1'), 'success', true)))), 'PT403 role_insufficient', 'a viewer does not count');
select is((select max(succeeded) > 1000 from public.workflow_step_stats), true, 'and nothing was lost');
select * from finish();
