\ir ../helpers.sql
select plan(13);
create function test.shares(tasks jsonb) returns jsonb language sql security definer as $$
  select jsonb_object_agg(split_part(u.email, '@', 1), n) from (
    select t ->> 'workspace_id' as space, count(*) as n from jsonb_array_elements(shares.tasks) t group by 1) c
  join public.workspaces w on w.id = c.space::uuid join auth.users u on u.id = w.personal_for
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann, test.sign_up('bob') as bob, test.sign_up('dan') as dan \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "work": {"NOOP": {}}}', 'start>each each>work') as flood \gset
select test.run(:'flood', (select jsonb_agg(i) from generate_series(1, 500) i)) \g /dev/null
select test.act_as(:'bob') \g /dev/null
select test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "work": {"NOOP": {}}}', 'start>each each>work') as flow \gset
select test.run(:'flow', '[1]') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select is((select count(*) from engine.tasks), 501::bigint, 'one workspace floods the queue, another has one task');
select test.claim('w', 20) as tasks \gset
select is(test.shares(:'tasks'), '{"ann": 19, "bob": 1}', 'the single task is in the next batch, and nothing of the capacity is wasted');
select is(jsonb_array_length(test.claim('w', 20)), 20, 'alone, a workspace has all of it');

-- by weight
select test.act_as(:'bob') \g /dev/null
select test.run(:'flow', (select jsonb_agg(i) from generate_series(1, 100) i)) \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select is(test.shares(test.claim('w', 20)), '{"ann": 10, "bob": 10}', 'two share evenly');
update workspaces set weight = 3 where personal_for = :'bob';
select is(test.shares(test.claim('w', 20)), '{"ann": 5, "bob": 15}', 'or by their weights');

-- one task at a time: everybody's turn comes
select test.act_as(:'dan') \g /dev/null
select test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "work": {"NOOP": {}}}', 'start>each each>work'), '[1, 2]') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
update workspaces set weight = 1;
select test.claim('one', 1) || test.claim('one', 1) || test.claim('one', 1) as tasks \gset
select is(test.shares(:'tasks'), '{"ann": 1, "bob": 1, "dan": 1}', 'a worker with capacity for one goes round');

-- leases at work are capped
update workspaces set max_leases = (select count(*) + 3 from engine.tasks where lease_token is not null and workspace_id = workspaces.id) where personal_for = :'ann';
select is(test.shares(test.claim('w', 64)), '{"ann": 3, "bob": 60, "dan": 1}', 'a workspace at its cap leaves the rest to the others');
select is(test.shares(test.claim('w', 64)), '{"bob": 14}', 'and gets none');
select is(test.claim('w', 64), '[]', 'although it has much to do');
select is((select count(*) from engine.tasks where lease_token is null), 442::bigint, 'that waits');
select test.finish(jsonb_build_array((select test.success(to_jsonb(t)) from engine.tasks t join workspaces w on w.id = t.workspace_id where w.personal_for = :'ann' and t.lease_token is not null limit 1))) \g /dev/null
select is(jsonb_array_length(test.claim('w', 64)), 1, 'until one of its tasks ends');
select is(jsonb_array_length(test.claim('w', -5)), 0, 'no capacity, no tasks');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
