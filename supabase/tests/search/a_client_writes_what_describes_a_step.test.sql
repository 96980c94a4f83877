\ir ../helpers.sql
select plan(18);
select test.sign_up('ann') as ann, test.sign_up('vic') as vic, test.sign_up('bob') as bob \gset
select test.act_as(:'ann') \g /dev/null
select workspaces.default_id() as ws \gset
select test.become_member(:'ws', :'vic', 'viewer') \g /dev/null
create function pg_temp.add(more jsonb) returns text language sql as $$
  select test.outcome(format('insert into public.workflow_steps (%s) values (%s)',
    (select string_agg(quote_ident(key), ', ' order by key) from jsonb_each(v)),
    (select string_agg(quote_nullable(value), ', ' order by key) from jsonb_each_text(v))))
  from (select jsonb '{"app_name": "Chrome", "window_title": "Shop", "element_path": "/", "step_name": "Pay", "workflow_name": "Order"}' || more) x (v)
$$;
select is(pg_temp.add('{}'), 'ok', 'an editor adds a step');
select is((select user_id from public.workflow_steps), :'ann'::uuid, 'which is his');
select is(pg_temp.add('{"state_object_key": "other.json.gz"}'), '42501', 'objects are not said to be there');
select is(pg_temp.add(jsonb_build_object('workflow_id', gen_random_uuid(), 'node_id', 'x')), '42501', 'steps of nodes are the engine''s');
select is(pg_temp.add(jsonb_build_object('user_id', :'bob')), '42501', 'nobody adds in another''s name');
select is(pg_temp.add('{"created_at": "2020-01-01"}'), '42501', 'nor in another time');
select is(pg_temp.add('{"app_name": ""}'), '23514', 'an app has a name');
select is(pg_temp.add('{"step_name": null}'), '23502', 'a step too');
select is(pg_temp.add(jsonb_build_object('definition', repeat('ä', 16384))), 'ok', 'a definition may have 32 kB');
select is(pg_temp.add(jsonb_build_object('definition', repeat('ä', 16385))), '23514', 'and not more');
select is(pg_temp.add(jsonb_build_object('window_title', repeat(chr(128512), 500), 'app_name', repeat(chr(128512), 200))), 'ok', 'the longest names fit the indexes');
select is((select count(*) from public.workflow_steps where search_vector @@ to_tsquery('english', 'paying')), 3::bigint, 'words are found by their stems');
select is(test.outcome(format('update public.workflow_steps set workspace_id = %L', gen_random_uuid())), '42501', 'a step keeps its workspace');
select test.act_as(:'vic') \g /dev/null
select is(pg_temp.add(jsonb_build_object('workspace_id', :'ws')), '42501', 'a viewer adds none');
delete from public.workflow_steps;
update public.workflow_steps set step_name = 'mine';
select test.act_as(:'bob') \g /dev/null
delete from public.workflow_steps;
select is(pg_temp.add(jsonb_build_object('workspace_id', :'ws')), '42501', 'a stranger neither');
select is_empty('select from public.workflow_steps', 'who sees none');
select test.act_as(:'ann') \g /dev/null
select is((select count(*) from public.workflow_steps where step_name = 'Pay'), 3::bigint, 'all are as they were');
delete from public.workflow_steps;
select is_empty('select from public.workflow_steps', 'an editor deletes them');
select * from finish();
