\ir ../helpers.sql
select plan(5);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
-- the last item's merge fires in the moment in which nothing else is live in the loop
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}", "max_concurrency": 1}}, "a": {"TRANSFORM": "{{ $.item }}a"}, "b": {"TRANSFORM": "{{ $.item }}b"}, "m": {"MERGE": {"mode": "append"}},
  "got": {"MERGE": {"mode": "collect"}}}', 'start>each each>a each>b a>m@0 b>m@1 m>got'), '["x", "y"]'))).output, '{"got": [["xa", "xb"], ["ya", "yb"]]}',
  'a collect waits for a merge that fires now');
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "inner": {"FOR_EACH": {"items": "{{ $.item }}"}}, "a": {"TRANSFORM": "{{ $.item }}a"}, "b": {"TRANSFORM": "{{ $.item }}b"}, "m": {"MERGE": {"mode": "append"}},
  "row": {"MERGE": {"mode": "collect"}}, "got": {"MERGE": {"mode": "collect"}}}', 'start>each each>inner inner>a inner>b a>m@0 b>m@1 m>row row>got'), '[["x"], ["y", "z"]]'))).output,
  '{"got": [[["xa", "xb"]], [["ya", "yb"], ["za", "zb"]]]}', 'an outer one too');

-- two executions in one call of finish: one has more items to send out, the other is complete
select test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}", "max_concurrency": 1}}, "work": {"NOOP": {}}, "got": {"MERGE": {"mode": "collect"}}}', 'start>each each>work work>got') as flow \gset
select test.run(:'flow', '[1, 2]') as more, test.run(:'flow', '[3]') as complete \gset
select test.act_as_role('postgres') \g /dev/null
select test.finish((select jsonb_agg(test.success(t, t -> 'input')) from jsonb_array_elements(test.claim()) t)) \g /dev/null
select is((test.execution(:'complete')).output, '{"got": [3]}', 'an execution''s join does not depend on what another one in the same call does');
select test.work() \g /dev/null
select is((test.execution(:'more')).output, '{"got": [1, 2]}', 'each goes on');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
