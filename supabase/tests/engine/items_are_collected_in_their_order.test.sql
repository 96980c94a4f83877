\ir ../helpers.sql
select plan(24);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input.list }}"}}, "work": {"NOOP": {}}, "got": {"MERGE": {"mode": "collect"}}, "after": {"TRANSFORM": {"all": "{{ $.input }}", "again": "{{ $.nodes.got }}"}}}',
  'start>each each>work work>got got>after') as flow \gset
select test.run(:'flow', '{"list": ["a", "b", "c"]}') as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.claim() as tasks \gset
select is((select jsonb_agg(t -> 'input') from jsonb_array_elements(:'tasks') t), '["a", "b", "c"]', 'each item is an input');
select results_eq(format('select distinct status, waits_for from live_node_executions where execution_id = %L and node_id = ''got''', :'id'), $$values ('WAITING_INPUT', 'collect')$$, 'the collect is seen waiting');
select test.finish(jsonb_build_array(test.success(test.task(:'tasks', 'work', '"c"'), '3'))) \g /dev/null
select test.finish(jsonb_build_array(test.success(test.task(:'tasks', 'work', '"a"'), '1'))) \g /dev/null
select is((test.execution(:'id')).status, 'RUNNING', 'it waits for the last item');
select is_empty('select test.violations()', 'no invariant is broken while it waits');
select test.finish(jsonb_build_array(test.success(test.task(:'tasks', 'work', '"b"'), '2'))) \g /dev/null
select is((test.execution(:'id')).output, '{"after": {"all": [1, 2, 3], "again": [1, 2, 3]}}', 'the results come in the items'' order, in whichever they finished');
select is(test.story(:'id'), 'start[0]#1 SUCCESS, each[0]#1 SUCCESS, work[0]#1 SUCCESS, work[0]#1 SUCCESS, work[0]#1 SUCCESS, got[0]#1 SUCCESS, after[0]#1 SUCCESS', 'each item counts its own runs');
select is((select jsonb_agg(n -> 'item_index' order by (n -> 'item_index')) from jsonb_array_elements(get_execution(:'id') -> 'nodes') n where n ->> 'node_id' = 'work'), '[0, 1, 2]', 'and is told with each run');

-- no items
select test.act_as(:'ann') \g /dev/null
select is((test.execution(test.run(:'flow', '{"list": []}'))).output -> 'after' -> 'all', '[]', 'without items the collect gives an empty list');
select is((test.execution(test.run(:'flow', '{}'))).output -> 'after' -> 'all', '[]', 'null is no items');
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "work": {"NOOP": {}}}', 'start>each each>work'), '[]'))).output, '{"each": []}', 'without a collect the branch ends');

-- what an item sees
select test.workflow('{"first": {"TRANSFORM": {"n": 5}}, "each": {"FOR_EACH": {"items": "{{ $.trigger.list[*].v }}"}}, "a": {"TRANSFORM": ["{{ $.item }}", "{{ $.input }}", "{{ $.nodes.first.n }}"]},
  "b": {"TRANSFORM": ["{{ $.item }}", "{{ $.input[0] }}", "{{ $.nodes.a[2] }}"]}, "got": {"MERGE": {"mode": "collect"}}}', 'start>first first>each each>a a>b b>got') as flow \gset
select is((test.execution(test.run(:'flow', '{"list": [{"v": 1}, {"v": 2}]}'))).output, '{"got": [[1, 1, 5], [2, 2, 5]]}', 'an item sees itself, its input, and its own ancestors');
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "check": {"IF": "$.item.n > 1"}, "yes": {"TRANSFORM": "{{ $.item.n }}"}, "got": {"MERGE": {"mode": "collect"}}}',
  'start>each each>check check>yes yes>got'), '[{"n": 1}, {"n": 2}, {"n": 3}]'))).output, '{"got": [2, 3], "check": {"n": 1}}', 'items that end before the collect leave no gap in it');
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "x": {"TRANSFORM": "{{ $.item.n }}"}, "got": {"MERGE": {"mode": "collect"}}}',
  'start>each each>x{$.item.n > 1} x>got'), '[{"n": 1}, {"n": 2}, {"n": 3}]'))).output, '{"got": [2, 3]}', 'a condition may keep an item from going out');
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "x": {"TRANSFORM": "{{ $.item }}x"}, "y": {"TRANSFORM": "{{ $.item }}y"}, "got": {"MERGE": {"mode": "collect"}}}',
  'start>each each>x each>y x>got y>got'), '["a", "b"]'))).output, '{"got": ["ax", "ay", "bx", "by"]}', 'an item may bring several results');
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "got": {"MERGE": {"mode": "collect"}}}', 'start>each each>got'), '{"a": 1}'))).output, '{"got": [{"a": 1}]}',
  'a single value is one item, and may go straight to the collect');

-- a merge inside of items pairs what belongs to one item
select test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "a": {"NOOP": {}}, "b": {"TRANSFORM": "{{ $.item }}b"}, "m": {"MERGE": {"mode": "append"}}, "got": {"MERGE": {"mode": "collect"}}}',
  'start>each each>a each>b a>m@0 b>m@1 m>got'), '["x", "y"]') as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.claim() as tasks \gset
select test.finish(jsonb_build_array(test.success(test.task(:'tasks', 'a', '"y"'), '"ya"'))) \g /dev/null
select test.finish(jsonb_build_array(test.success(test.task(:'tasks', 'a', '"x"'), '"xa"'))) \g /dev/null
select is((test.execution(:'id')).output, '{"got": [["xa", "xb"], ["ya", "yb"]]}', 'a merge inside of items joins within one item');

-- nested
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"rows": {"FOR_EACH": {"items": "{{ $.input }}"}}, "cells": {"FOR_EACH": {"items": "{{ $.item }}"}}, "work": {"NOOP": {}}, "row": {"MERGE": {"mode": "collect"}},
  "mark": {"TRANSFORM": {"of": "{{ $.item }}", "is": "{{ $.input }}"}}, "all": {"MERGE": {"mode": "collect"}}}', 'start>rows rows>cells cells>work work>row row>mark mark>all') as flow \gset
select test.run(:'flow', '[[1, 2], [], [3]]') as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.work() \g /dev/null
select is((test.execution(:'id')).output, '{"all": [{"of": [1, 2], "is": [1, 2]}, {"of": [], "is": []}, {"of": [3], "is": [3]}]}', 'loops nest, and behind the inner collect the item is the outer one''s');
select test.act_as(:'ann') \g /dev/null
select test.run(:'flow', '[]') as id \gset
select is((test.execution(:'id')).output, '{"all": []}', 'also without outer items');

-- a loop over pages with items in each
select test.run(test.workflow('{"page": {"TRANSFORM": {"page": "{{ $.execution.node_runs }}", "list": [1, 2]}}, "each": {"FOR_EACH": {"items": "{{ $.input.list }}"}}, "work": {"NOOP": {}}, "got": {"MERGE": {"mode": "collect"}},
  "more": {"IF": "$.nodes.page.page < 3"}, "end": {"TRANSFORM": {"pages": "{{ $.nodes.page.page }}", "last": "{{ $.input }}"}}}',
  'start>page page>each each>work work>got got>more more>page more:1>end')) as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.work() as done \gset
select is(:done, 6, 'every page''s items are worked on');
select is((test.execution(:'id')).output, '{"end": {"pages": 3, "last": [1, 2]}}', 'pages follow each other');
select is(jsonb_array_length(test.outputs(:'id', 'got')), 3, 'each page is collected by itself');

-- two collects behind one loop
select test.act_as(:'ann') \g /dev/null
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "check": {"IF": "$.item > 2"}, "big": {"MERGE": {"mode": "collect"}}, "small": {"MERGE": {"mode": "collect"}}, "both": {"MERGE": {"mode": "append"}}}',
  'start>each each>check check>big check:1>small big>both@0 small>both@1'), '[1, 3, 2, 4]'))).output, '{"both": [[3, 4], [1, 2]]}', 'a loop may have two collects, and a merge waits for both');
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}"}}, "got": {"MERGE": {"mode": "collect"}}, "m": {"MERGE": {"mode": "append"}}, "quick": {"TRANSFORM": "q"}}',
  'start>each start>quick each>got got>m@0 quick>m@1'), '[1, 2]'))).output, '{"m": [[1, 2], "q"]}', 'a merge behind the collect waits for the items');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
