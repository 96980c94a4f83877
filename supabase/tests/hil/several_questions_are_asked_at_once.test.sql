\ir ../helpers.sql
select plan(13);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
-- in branches that meet
select test.run(test.workflow('{"a": {"APPROVAL": {"message": "a"}}, "b": {"APPROVAL": {"message": "b"}}, "work": {"NOOP": {}}, "both": {"MERGE": {"mode": "append"}}}', 'start>a start>b start>work a>both@0 b>both@1')) as id \gset
select is((test.execution(:'id')).status, 'RUNNING', 'while work is left an execution runs');
select test.work() \g /dev/null
select is((test.execution(:'id')).status, 'WAITING_FOR_HUMAN', 'when it is done it waits for people');
select respond_to_interaction(id, 'approve', '1') from human_interactions where execution_id = :'id' and node_id = 'b' \g /dev/null
select is((test.execution(:'id')).status, 'WAITING_FOR_HUMAN', 'also where one has come to a merge');
select is_empty('select test.violations()', 'which breaks nothing');
select respond_to_interaction(id, 'approve', '2') from human_interactions where execution_id = :'id' and node_id = 'a' \g /dev/null
select is(jsonb_path_query_array((test.execution(:'id')).output, '$.both[*].data'), '[2, 1]', 'both answers meet');
-- one of them is answered, and work follows
select test.run(test.workflow('{"a": {"APPROVAL": {"message": "a"}}, "b": {"APPROVAL": {"message": "b"}}, "work": {"NOOP": {}}}', 'start>a start>b a>work')) as id \gset
select respond_to_interaction(id, 'approve') from human_interactions where execution_id = :'id' and node_id = 'a' \g /dev/null
select is((test.execution(:'id')).status, 'RUNNING', 'work that follows an answer makes it run again');
select is_empty('select test.violations()', 'which breaks nothing');
select test.work() \g /dev/null
select pause_execution(:'id') \g /dev/null
select is((resume_execution(:'id')).status, 'WAITING_FOR_HUMAN', 'what is resumed waits on');
-- in items, and in a loop
select test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "ask": {"SELECTION": {"message": "{{ $.item }}?", "options": [{"value": "x"}, {"value": "y"}]}}, "got": {"MERGE": {"mode": "collect"}}}', 'start>each each>ask ask>got'), '["p", "q"]') as id \gset
select respond_to_interaction(id, 'answer', case request_data ->> 'message' when 'p?' then jsonb '"x"' else '"y"' end) from human_interactions where execution_id = :'id' order by id desc \g /dev/null
select is(jsonb_path_query_array((test.execution(:'id')).output, '$.got[*].data'), '["x", "y"]', 'each item has its own');
select test.run(test.workflow('{"ask": {"REVIEW": {"message": "again?"}}, "done": {"TRANSFORM": "{{ $.execution.node_runs }}"}}', 'start>ask ask>done ask:1>ask')) as id \gset
select respond_to_interaction(id, 'ignore') from human_interactions where execution_id = :'id' and status = 'pending' \g /dev/null
select is((select array_agg(status || ' ' || run_index order by id) from human_interactions where execution_id = :'id'), '{responded 0,pending 1}', 'and each lap');
-- a retry asks again
select cancel_execution(:'id') \g /dev/null
select (retry_execution(:'id')).id as again \gset
select is((select count(*) from human_interactions where execution_id = :'again' and status = 'pending'), 1::bigint, 'a retry asks anew');
select is((test.execution(:'again')).status, 'WAITING_FOR_HUMAN', 'and waits for it');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
