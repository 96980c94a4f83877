\ir ../helpers.sql
select plan(10);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"make": {"TRANSFORM": {"n": "{{ $.input.n }}"}}, "big": {"TRANSFORM": "big"}, "small": {"TRANSFORM": "small"}, "always": {"TRANSFORM": "always"}}',
  'start>make make>big{$.input.n > 5} make?>small{$.input.n < 3} make>always{$.trigger.all == true}') as flow \gset
select is((test.execution(test.run(:'flow', '{"n": 9}'))).output, '{"big": "big"}', 'a MAIN connection carries only what its condition holds for');
select is((test.execution(test.run(:'flow', '{"n": 2, "all": true}'))).output, '{"small": "small", "always": "always"}', 'a CONDITIONAL one too; several may carry');
select test.run(:'flow', '{"n": 4}') as id \gset
select is((test.execution(:'id')).status, 'SUCCESS', 'when none does the branch ends');
select is((test.execution(:'id')).output, '{"make": {"n": 4}}', 'and its output is the execution''s');

-- what it sees
select is((test.execution(test.run(test.workflow('{"a": {"TRANSFORM": {"x": 1}}, "b": {"TRANSFORM": {"y": 2}}, "yes": {"TRANSFORM": "yes"}, "no": {"TRANSFORM": "no"}}',
  'start>a a>b b>yes{$.input.y == 2 && $.nodes.a.x == 1 && $.nodes.b.y == 2} b>no{$.input.x == 1}')))).output, '{"yes": "yes"}',
  'it sees the source''s output as its input, and what ran before, the source too');
select is((test.execution(test.run(test.workflow('{"check": {"IF": "$.input.n > 0"}, "a": {"TRANSFORM": "a"}, "b": {"TRANSFORM": "b"}, "c": {"TRANSFORM": "c"}}',
  'start>check check>a{$.input.n > 5} check?>b{$.input.n < 5} check?:1>c{$.input.n < 5}'), '{"n": 3}'))).output, '{"b": "b"}',
  'a CONDITIONAL connection belongs to its output as MAIN ones do');

-- on results of tasks, and beside an ERROR connection
select test.workflow('{"work": {"NOOP": {}, "error_handling": "CONTINUE_ERROR_OUTPUT_ON_ERROR", "max_retries": 0}, "good": {"TRANSFORM": "good"}, "bad": {"TRANSFORM": "{{ $.input.error.code }}"}}',
  'start>work work+>good{$.input.ok == true} work!>bad') as flow \gset
select test.run(:'flow') as id1, test.run(:'flow') as id2, test.run(:'flow') as id3 \gset
select test.act_as_role('postgres') \g /dev/null
select test.claim() as tasks \gset
select test.finish((select jsonb_agg(case t ->> 'execution_id' when :'id1' then test.success(t, '{"ok": true}') when :'id2' then test.success(t, '{"ok": 1}') else test.failure(t) end)
  from jsonb_array_elements(:'tasks') t)) \g /dev/null
select is((test.execution(:'id1')).output, '{"good": "good"}', 'a SUCCESS connection with a condition');
select is((test.execution(:'id2')).output, '{"work": {"ok": 1}}', 'that does not hold');
select is((test.execution(:'id3')).output, '{"bad": "boom"}', 'and an error past it');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
