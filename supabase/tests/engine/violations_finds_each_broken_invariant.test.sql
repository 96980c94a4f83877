\ir ../helpers.sql
select plan(15);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"work": {"NOOP": {}, "retry_wait_time": 60}, "again": {"IF": "$.execution.node_runs < 2"}}', 'start>again again>again again:1>work again>work') as flow \gset
-- an execution with a leased task and a waiting retry, and one that has ended
select test.run(:'flow') as live, test.run(test.workflow('{}', '')) as ended \gset
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('0') \g /dev/null
select test.claim('w', 2) as tasks \gset
select test.finish(jsonb_build_array(test.failure(:'tasks'::jsonb -> 0))) \g /dev/null
select id as task from engine.tasks \gset
select id as wait from engine.waits \gset
select is_empty('select * from engine.violations()', 'a live execution with a lease, a wait and counters breaks nothing');
select isnt((select count(*) from engine.node_runs), 0::bigint, 'and has counters');

-- breaks something, asks, and takes it back
create function pg_temp.broken(change text) returns text[] language plpgsql as $$
declare
  v_rules text[];
begin
  execute change;
  v_rules := array(select distinct v.rule || coalesce(' ' || v.execution_id, '') from engine.violations() v order by 1);
  raise exception using errcode = 'UNDO1';
exception when sqlstate 'UNDO1' then
  return v_rules;
end
$$;
create table test.breaks (what text, change text, rules text[]);
insert into test.breaks values
  ('a live execution has a live token', format('delete from engine.tasks; delete from engine.waits; delete from engine.node_runs where execution_id = %L', :'live'),
    array['a live execution has a live token ' || :'live']),
  ('a token belongs to a live execution (task)', format('delete from engine.node_runs; update engine.tasks set execution_id = %L', :'ended'), array['a token belongs to a live execution ' || :'ended']),
  ('a token belongs to a live execution (wait)', format('update engine.waits set execution_id = %L', :'ended'), array['a token belongs to a live execution ' || :'ended']),
  ('a token is in one place', format('update engine.tasks set id = %L', :'wait'), array['a token is in one place ' || :'live']),
  ('a live token has not ended', format('insert into node_executions (execution_id, id, workspace_id, node_id, node_type, run_index, status, start_time, end_time)
      select execution_id, id, workspace_id, node_id, ''x'', run_index, ''SUCCESS'', now(), now() from engine.tasks'), array['a live token has not ended ' || :'live']),
  ('a token stands at a compiled node', 'update engine.tasks set version = 2', array['a token stands at a compiled node ' || :'live']),
  ('a lease that expired is taken back', 'update engine.tasks set lease_until = engine.now() - interval ''61 s''', array['a lease that expired is taken back ' || :'live']),
  ('... but not at once', 'update engine.tasks set lease_until = engine.now() - interval ''59 s''', '{}'),
  ('a wait that is due ends', 'update engine.waits set until = engine.now() - interval ''61 s''', array['a wait that is due ends ' || :'live']),
  ('a run counter agrees with its runs', 'update engine.node_runs set runs = runs + 1 where node_id = ''again''', array['a run counter agrees with its runs ' || :'live']),
  ('a counter belongs to a live execution', format('insert into engine.node_runs values (%L, ''start'', 1)', :'ended'), array['a counter belongs to a live execution ' || :'ended']);
select is(pg_temp.broken(b.change), b.rules, b.what) from test.breaks b;
select set_eq(
  $$select distinct m[1] from pg_proc p, regexp_matches(p.prosrc, 'select ''([a-z ]+)'',', 'g') m where p.oid = 'engine.violations()'::regprocedure$$,
  $$select regexp_replace(what, ' \(.*', '') from test.breaks where rules <> '{}'$$, 'every rule has a case');
select is_empty('select * from engine.violations()', 'all is as before');
select * from finish();
