\ir ../helpers.sql
select plan(42);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"work": {"NOOP": {}, "retry_wait_time": 60}, "again": {"IF": "$.execution.node_runs < 2"}}', 'start>again again>again again:1>work again>work') as flow \gset
-- an execution with a leased task and a waiting retry, and one that has ended
select test.run(:'flow') as live, test.run(test.workflow('{}', '')) as ended \gset
-- one whose merge waits for a timer, one that collects, one with a sub-workflow, and a delayed one under a limit
select test.workflow('{"wait": {"WAIT": {"seconds": 600}}, "m": {"MERGE": {"mode": "append"}}}', 'start>wait wait>m@0 start>m@1') as slow \gset
select test.run(:'slow') as joining, test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "go": {"IF": "$.item == 1"}, "wait": {"WAIT": {"seconds": 600}}, "got": {"MERGE": {"mode": "collect"}}}',
  'start>each each>go go>got go:1>wait wait>got'), '[1, 2]') as collecting,
  test.run(test.workflow(json_build_object('call', json_build_object('SUB_WORKFLOW', json_build_object('workflow_id', :'slow'))), 'start>call')) as parent \gset
select test.workflow('{"wait": {"WAIT": {"seconds": 600}}}', 'start>wait') as limited \gset
select (set_execution_limit(:'limited', 1)).id as "limit" \gset
select test.run(:'limited') as first, test.run(:'limited') as second \gset
select (start_execution(:'slow', start_at => now() + interval '1 hour')).id as later \gset
select test.run(:'slow') as paused, (start_execution(:'slow', executed_by_caller => true)).id as elsewhere \gset
select test.run(test.workflow('{"ask": {"APPROVAL": {"message": "?"}}}', 'start>ask')) as asking \gset
select pause_execution(:'paused') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select test.move_clock('0') \g /dev/null
select id as child from workflow_executions where parent_execution_id = :'parent' \gset
select test.claim('w', 2) as tasks \gset
select test.finish(jsonb_build_array(test.failure(:'tasks'::jsonb -> 0))) \g /dev/null
select id as task from engine.tasks \gset
select id as wait from engine.waits where kind = 'retry' \gset
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
  ('a live execution has a live token', format('delete from engine.tasks where execution_id = %1$L; delete from engine.waits where execution_id = %1$L; delete from engine.node_runs where execution_id = %1$L', :'live'),
    array['a live execution has a live token ' || :'live']),
  ('a token belongs to a live execution (task)', format('delete from engine.node_runs; update engine.tasks set execution_id = %L', :'ended'), array['a token belongs to a live execution ' || :'ended']),
  ('a token belongs to a live execution (wait)', format('update engine.waits set execution_id = %L where id = %L', :'ended', :'wait'), array['a token belongs to a live execution ' || :'ended']),
  ('a token is in one place', format('update engine.tasks set id = %L', :'wait'), array['a token is in one place ' || :'live']),
  ('a live token has not ended', format('insert into node_executions (execution_id, id, workspace_id, node_id, node_type, run_index, status, start_time, end_time)
      select execution_id, id, workspace_id, node_id, ''x'', run_index, ''SUCCESS'', now(), now() from engine.tasks'), array['a live token has not ended ' || :'live']),
  ('a token stands at a compiled node', 'update engine.tasks set version = 2', array['a token stands at a compiled node ' || :'live']),
  ('a lease that expired is taken back', 'update engine.tasks set lease_until = engine.now() - interval ''61 s''', array['a lease that expired is taken back ' || :'live']),
  ('... but not at once', 'update engine.tasks set lease_until = engine.now() - interval ''59 s''', '{}'),
  ('a wait that is due ends', format('update engine.waits set until = engine.now() - interval ''61 s'' where id = %L', :'wait'), array['a wait that is due ends ' || :'live']),
  ('a run counter agrees with its runs', 'update engine.node_runs set runs = runs + 1 where node_id = ''again''', array['a run counter agrees with its runs ' || :'live']),
  ('a counter belongs to a live execution', format('insert into engine.node_runs values (%L, '''', ''start'', 1)', :'ended'), array['a counter belongs to a live execution ' || :'ended']),
  ('a live execution can move', format('delete from engine.waits where execution_id = %L and kind = ''timer''', :'joining'), array['a live execution can move ' || :'joining']),
  ('a wait is held exactly while its execution is paused (held)', format('update engine.waits set is_held = true where execution_id = %L', :'joining'),
    array['a wait is held exactly while its execution is paused ' || :'joining']),
  ('a wait is held exactly while its execution is paused (not held)', format('update engine.waits set is_held = false where execution_id = %L', :'paused'),
    array['a wait is held exactly while its execution is paused ' || :'paused']),
  ('nothing of a paused execution is ready', format('update engine.tasks set execution_id = %L, lease_token = null, worker_id = null, leased_at = null, lease_until = null; delete from engine.node_runs', :'paused'),
    array['nothing of a paused execution is ready ' || :'paused']),
  ('a start waits exactly while its execution is new', format('update engine.waits set kind = ''timer'' where execution_id = %L', :'later'),
    array['a start waits exactly while its execution is new ' || :'later']),
  ('a collected result has its join', format('delete from engine.waits where execution_id = %L and kind = ''collect''', :'collecting'), array['a collected result has its join ' || :'collecting']),
  ('what joins keep belongs to a live execution', format('insert into engine.merged values (%L, '''', ''m'', 0)', :'ended'), array['what joins keep belongs to a live execution ' || :'ended']),
  ('a sub-workflow''s end is told', format('update engine.waits set until = ''infinity'' where execution_id = %L; delete from engine.waits where execution_id = %L;
      update workflow_executions set status = ''ERROR'', end_time = engine.now() - interval ''2 min'', error = ''{}'' where id = %2$L', :'parent', :'child'),
    array['a sub-workflow''s end is told ' || :'parent']),
  ('a sub-workflow that is waited for has its wait', format('update workflow_executions set parent_run_id = gen_random_uuid() where id = %L', :'child'),
    array['a sub-workflow that is waited for has its wait ' || :'child']),
  ('a cancellation is carried out', 'insert into engine.cancellations (execution_id) values (''00000000-0000-0000-0000-000000000001'')', array['a cancellation is carried out 00000000-0000-0000-0000-000000000001']),
  ('a slot belongs to a live execution', format('update engine.slots set execution_id = %L where execution_id = %L', :'ended', :'first'), array['a slot belongs to a live execution ' || :'ended']),
  ('an execution that its caller runs waits for him alone', format('update engine.waits set kind = ''timer'' where execution_id = %L', :'elsewhere'),
    array['an execution that its caller runs waits for him alone ' || :'elsewhere']),
  ('an execution that its caller runs waits for him alone (and others do not)', format('update engine.waits set kind = ''caller'' where execution_id = %L and kind = ''timer''', :'joining'),
    array['an execution that its caller runs waits for him alone ' || :'joining']),
  ('a question waits for its answer', format('insert into human_interactions (id, workspace_id, workflow_id, execution_id, node_id, interaction_type, channel_type, request_data, created_at, timeout_at)
      select gen_random_uuid(), workspace_id, workflow_id, execution_id, node_id, interaction_type, channel_type, request_data, created_at, timeout_at from human_interactions where execution_id = %L', :'asking'),
    array['a question waits for its answer ' || :'asking']),
  ('who waits for an answer has asked', format('delete from workflow_execution_pauses where execution_id = %1$L; delete from human_interactions where execution_id = %1$L', :'asking'),
    array['who waits for an answer has asked ' || :'asking']),
  ('who waits for an answer has asked (and is looked at)', format('delete from workflow_execution_pauses where execution_id = %1$L; update human_interactions set status = ''cancelled'', outcome = ''cancelled'' where execution_id = %1$L', :'asking'),
    array['who waits for an answer has asked ' || :'asking']),
  ('an execution waits for people exactly when nothing else moves', format('update workflow_executions set status = ''RUNNING'' where id = %L', :'asking'),
    array['an execution waits for people exactly when nothing else moves ' || :'asking']),
  ('a question''s pause ends with it', format('insert into workflow_execution_pauses (workspace_id, execution_id, paused_at, paused_node_id, pause_reason) select workspace_id, id, now(), ''ask'', ''human_interaction'' from workflow_executions where id = %L', :'asking'),
    array['a question''s pause ends with it ' || :'asking']),
  ('a stored answer is looked at', format('insert into hil_responses (workspace_id, source_channel, provider, message_id, raw_payload, received_at)
      select workspace_id, ''webhook'', ''webhook'', ''m'', ''{}'', engine.now() - interval ''61 s'' from workflow_executions where id = %L', :'asking'),
    array['a stored answer is looked at']),
  ('a limit is kept', 'update engine.slots set admitted_at = asked_at', array['a limit is kept']),
  ('an ended execution is counted', format('insert into search.ended_executions values (%L, engine.now() - interval ''11 min'')', :'ended'),
    array['an ended execution is counted ' || :'ended']),
  ('a lease on a text is taken back', format('insert into search.embedding_jobs (source_id, row_id, model_id, workspace_id, content_hash, size, enqueued_at, run_at, lease_token, lease_until, worker_id)
      select 1, id, 1, workspace_id, ''\x00'', 1, engine.now(), engine.now(), id, engine.now() - interval ''61 s'', ''w'' from workflow_executions where id = %L', :'asking'),
    array['a lease on a text is taken back']),
  ('uploads end with their request', format('with r as (insert into search.step_requests (workspace_id, request_hash, steps, objects, completed_at, forgotten_at)
        select workspace_id, ''\x00'', 1, 1, now(), now() from workflow_executions where id = %L returning *)
      insert into search.object_uploads select id, ''state'', workspace_id, id, sha256(''''), now() from r', :'asking'),
    array['uploads end with their request']),
  ('what was uploaded in vain is swept', format('insert into search.object_uploads select id, ''state'', workspace_id, null, sha256(''''), engine.now() - interval ''25 h'' from workflow_executions where id = %L', :'asking'),
    array['what was uploaded in vain is swept']),
  ('an object that a step points at stays', format('insert into workflow_steps (id, workspace_id, app_name, window_title, element_path, step_name, workflow_name, state_object_key)
      select id, workspace_id, ''a'', ''w'', ''e'', ''s'', ''w'', search.object_key(id, ''state'') from workflow_executions where id = %1$L;
      insert into search.object_deletions values (search.object_key(%1$L, ''state''), %1$L, engine.now(), 0, %1$L, engine.now())', :'asking'),
    array['an object that a step points at stays']),
  ('a vector has its row', format('insert into search.vectors (source_id, row_id, model_id, workspace_id, dimensions, embedding, content_hash, embedded_at)
      select 1, id, 2, workspace_id, 384, array_fill(1, array[384])::extensions.halfvec, ''\x00'', engine.now() from workflow_executions where id = %L', :'asking'),
    array['a vector has its row']),
  ('a vector has its row (a job too, but not at once)', format('insert into search.embedding_jobs (source_id, row_id, model_id, workspace_id, content_hash, size, enqueued_at, run_at)
      select 1, gen_random_uuid(), 1, workspace_id, ''\x00'', 1, engine.now() - i * interval ''31 min'', engine.now() from workflow_executions, generate_series(1, 2) i where id = %L', :'asking'),
    array['a vector has its row']);
select is(pg_temp.broken(b.change), b.rules, b.what) from test.breaks b;
select set_eq(
  $$select distinct replace(m[1], '''''', '''') from pg_proc p, regexp_matches(p.prosrc, 'select ''((?:[a-z -]|'''')+)'',', 'g') m where p.proname = 'violations' and p.pronamespace <> 'test'::regnamespace$$,
  $$select regexp_replace(what, ' \(.*', '') from test.breaks where rules <> '{}'$$, 'every rule has a case');
select is_empty('select * from engine.violations()', 'all is as before');
select * from finish();
