\ir ../helpers.sql
select plan(7);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
create function pg_temp.send(key text, hash text default 'a') returns jsonb language plpgsql as $$
declare
  v_begun jsonb := search.begin_steps(null, send.key, sha256(send.hash::bytea), '[{}]', '[]');
begin
  return case when (v_begun ->> 'completed')::boolean then v_begun else search.finish_steps((v_begun ->> 'request_id')::uuid,
    '[{"app_name": "a", "window_title": "", "element_path": "", "step_name": "s", "workflow_name": "f"}]') end;
end
$$;
select set_config('tandem.now', '2030-01-01T00:00:00Z', true) \g /dev/null
select pg_temp.send('k') #>> '{steps,0,id}' as first \gset
select is(pg_temp.send('k') #>> '{steps,0,id}', :'first', 'the same key is the same step');
select is(test.outcome($$select pg_temp.send('k', 'b')$$), 'PT409 idempotency_conflict', 'and no other');
select is((select count(*) from public.workflow_steps), 1::bigint, 'there is one row');
select isnt(pg_temp.send(null) #>> '{steps,0,id}', pg_temp.send(null) #>> '{steps,0,id}', 'without a key each is another');
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('25 hours') \g /dev/null
select search.claim_object_sweeps() \g /dev/null
select is((select array_agg(r.idempotency_key) from search.step_requests r), '{k}'::text[], 'those without one are forgotten after a day');
select test.move_clock('28 days') \g /dev/null
select search.claim_object_sweeps() \g /dev/null
select isnt_empty('select * from search.step_requests', 'the others are known');
select test.move_clock('2 days') \g /dev/null
select search.claim_object_sweeps() \g /dev/null
select is_empty('select * from search.step_requests', 'for a month');
select * from finish();
