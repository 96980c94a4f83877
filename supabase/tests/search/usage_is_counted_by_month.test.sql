\ir ../helpers.sql
select plan(7);
select platform.set('clock.movable', 'true') \g /dev/null
select test.sign_up('ann') as ann, test.sign_up('vic') as vic, test.sign_up('bob') as bob \gset
select test.act_as(:'bob') \g /dev/null
insert into public.workflow_steps (app_name, window_title, element_path, step_name, workflow_name)
values ('Chrome', 'Shop', '/', 'Bob''s', 'Order') returning id as others \gset
select test.act_as(:'ann') \g /dev/null
select workspaces.default_id() as ws \gset
select test.become_member(:'ws', :'vic', 'viewer') \g /dev/null
insert into public.workflow_steps (app_name, window_title, element_path, step_name, workflow_name)
values ('Chrome', 'Shop', '/', 'One', 'Order') returning id as one \gset
insert into public.workflow_steps (app_name, window_title, element_path, step_name, workflow_name)
values ('Chrome', 'Shop', '/', 'Two', 'Order') returning id as two \gset
select test.act_as(:'vic') \g /dev/null
select set_config('tandem.now', '2026-11-30 23:30:00+00', true) \g /dev/null
select set_config('timezone', 'Asia/Tokyo', true) \g /dev/null
select is(public.record_step_usage(array[:'one', :'two', :'one', :'others']::uuid[], array[:'one']::uuid[]), 2, 'a reader counts, of what is read');
select set_config('tandem.now', '2026-12-01 00:30:00+00', true) \g /dev/null
select is(public.record_step_usage(appeared => array[:'one']::uuid[]), 1, 'in the next month again');
select results_eq(
  $$select s.step_name, a.month, a.times_appeared_in_search, a.times_viewed, a.times_executed
    from public.step_analytics a join public.workflow_steps s on s.id = a.step_id order by 1, 2$$,
  $$values ('One', date '2026-11-01', 2, 1, 0), ('One', date '2026-12-01', 1, 0, 0), ('Two', date '2026-11-01', 1, 0, 0)$$,
  'by month, whatever the caller''s time zone');
select is(public.record_step_usage(), 0, 'nothing is nothing');
select is(test.outcome($$select public.record_step_usage(array(select gen_random_uuid() from generate_series(1, 600)), array(select gen_random_uuid() from generate_series(1, 401)))$$),
  'PT422 too_many_steps', 'a call has an end');
select is(test.outcome($$update public.step_analytics set times_viewed = 1000$$), '42501', 'nobody writes numbers');
select test.act_as(:'bob') \g /dev/null
select is_empty('select from public.step_analytics', 'nor counts or sees those of others');
select * from finish();
