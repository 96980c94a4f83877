\ir ../helpers.sql
select plan(22);
select platform.set('clock.movable', 'true') \g /dev/null
select test.sign_up('ann') as ann, test.sign_up('vic') as vic, test.sign_up('bob') as bob \gset
select test.act_as(:'ann') \g /dev/null
select workspaces.default_id() as ws \gset
select test.become_member(:'ws', :'vic', 'viewer') \g /dev/null
insert into public.workflow_steps (app_name, window_title, element_path, step_name, workflow_name)
values ('Chrome', 'Shop', '/', 'Pay', 'Order') returning id as step \gset
select set_config('tandem.now', '2026-11-21 10:00:00+00', true) \g /dev/null
select is_empty('select * from public.workflow_step_stats', 'no statistics before the first execution');
select is(
  (select (t.succeeded, t.failed, t.duration_ms, t.last_executed_at)::text from public.increment_step_stats(:'step', true, 1000) t),
  (select (1, 0, 1000, timestamptz '2026-11-21 10:00:00+00')::text), 'the first one begins the average');
select is((public.increment_step_stats(:'step', false, 503)).duration_ms, 901, 'the next counts a fifth, rounded: 800 + 100.6');
select is((public.increment_step_stats(:'step', true, null)).duration_ms, 901, 'an execution that does not say how long it took leaves it');
select is((public.increment_step_stats(:'step', true, 2147483647)).duration_ms, 429497450, 'the longest duration fits');
select is((select (succeeded, failed)::text from public.workflow_step_stats), '(3,1)', 'each is counted');
select set_config('tandem.now', '2026-11-20 10:00:00+00', true) \g /dev/null
select is((public.increment_step_stats(:'step', true, 1)).last_executed_at, timestamptz '2026-11-21 10:00:00+00',
  'a clock that goes back does not make it older');
select is(test.outcome(format('select public.increment_step_stats(%L, true, -1)', :'step')), 'PT422 outcomes_invalid', 'a negative duration is refused');
select throws_like(format('select public.increment_step_stats(%L, null, -1)', :'step'), '%cannot be counted%', 'with all that is wrong');
select is(test.outcome(format('select public.increment_step_stats(%L, true, %L)', :'step', 'NaN')), '22P02', 'what is no number is refused');
select is(test.outcome(format('select public.increment_step_stats(%L, true, 1)', gen_random_uuid())), 'PT404 step_not_found', 'an unknown step');
select test.act_as(:'bob') \g /dev/null
select is(test.outcome(format('select public.increment_step_stats(%L, true, 1)', :'step')), 'PT404 step_not_found', 'and another''s are the same');
select test.act_as(:'vic') \g /dev/null
select is(test.outcome(format('select public.increment_step_stats(%L, true, 1)', :'step')), 'PT403 role_insufficient', 'a viewer does not count');
select is((select succeeded from public.workflow_step_stats), 4, 'but reads');
select test.act_as(:'ann') \g /dev/null
select is((select (month, times_executed)::text from public.step_analytics where month = '2026-11-01'), '(2026-11-01,5)', 'the month counts them too');
insert into public.workflow_steps (app_name, window_title, element_path, step_name, workflow_name)
values ('Chrome', 'Shop', '/', 'Seen', 'Order') returning id as seen \gset
select public.record_step_usage(array[:'seen'::uuid]) \g /dev/null
select is((public.increment_step_stats(:'seen', true, 7)).duration_ms, 7, 'a step that was only found has its first execution');
select is((select (times_appeared_in_search, times_executed)::text from public.step_analytics where step_id = :'seen'), '(1,1)', 'in the same month');
select test.act_as_role('service_role') \g /dev/null
select is((public.increment_step_stats(:'seen', true, 12)).succeeded, 2, 'a service counts for anybody');
select is(test.outcome(format('select public.increment_step_stats(%L, true, 1)', gen_random_uuid())), 'PT404 step_not_found', 'what is there');
select test.act_as(:'bob') \g /dev/null
select test.outcome(format('select public.increment_step_stats(%L, true, 1)', :'seen')) \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select is((select times_executed from public.step_analytics where step_id = :'seen'), 2, 'a month counts nothing of what was refused');
update public.workflow_step_stats set succeeded = 2147483647 where step_id = :'step';
select test.act_as(:'ann') \g /dev/null
select is((public.increment_step_stats(:'step', true, 1)).succeeded, 2147483647, 'a counter that is full stays full');
delete from public.workflow_steps where id in (:'step', :'seen');
select is_empty('select from public.workflow_step_stats union all select from public.step_analytics', 'a deleted step leaves none');
select * from finish();
