\ir ../helpers.sql
select plan(8);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
insert into public.workflow_steps (app_name, window_title, element_path, step_name, workflow_name) values ('a', '', '', 's', 'f') returning id as step \gset
select is(test.outcome(format('update public.workflow_steps set %I = %L', c, 'x')), '42501', 'a member writes no ' || c)
from unnest('{state_object_key,outcome_diff_key}'::text[]) c;
select is(test.outcome(format('insert into public.workflow_steps (app_name, window_title, element_path, step_name, workflow_name, %I)
  values (''a'', '''', '''', ''s'', ''f'', ''x'')', c)), '42501', 'nor with a new row: ' || c)
from unnest('{state_object_key,outcome_diff_key}'::text[]) c;
select test.act_as_role('postgres') \g /dev/null
select is(test.outcome(format('update public.workflow_steps set state_object_key = %L', gen_random_uuid() || '_state.json.gz')), '23514',
  'and nobody lets a row point at another''s object');
select is(test.outcome(format('update public.workflow_steps set state_object_key = %L', search.object_key(:'step', 'state'))), 'ok', 'its own is its own');

select ok(bool_and(search.step_id(:'step', i) < search.step_id(:'step', i + 1)), 'the steps of a request sort as they were given')
from generate_series(0, 498) i;
select ok(bool_and(left(search.step_id(:'step', i)::text, 13) = left(:'step', 13) and substr(search.step_id(:'step', i)::text, 15, 1) = '7'
  and substr(search.step_id(:'step', i)::text, 20, 1) in ('8', '9', 'a', 'b')), 'and by the time of the request') from generate_series(0, 499) i;
select * from finish();
