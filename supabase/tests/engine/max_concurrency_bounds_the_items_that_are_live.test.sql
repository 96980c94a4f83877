\ir ../helpers.sql
select plan(12);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}", "max_concurrency": 2}}, "a": {"NOOP": {}}, "b": {"NOOP": {}}, "got": {"MERGE": {"mode": "collect"}}}', 'start>each each>a a>b b>got') as flow \gset
select test.run(:'flow', '[1, 2, 3, 4, 5]') as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.claim() as tasks \gset
select is((select jsonb_agg(t -> 'input') from jsonb_array_elements(:'tasks') t), '[1, 2]', 'two items go out');
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 1, '2'))) \g /dev/null
select test.claim() as tasks2 \gset
select is((select jsonb_agg(jsonb_build_array(t -> 'node_id', t -> 'input')) from jsonb_array_elements(:'tasks2') t), '[["b", 2]]', 'an item that is further on is still live');
select test.finish(jsonb_build_array(test.success(:'tasks2'::jsonb -> 0, '2'))) \g /dev/null
select test.claim() as tasks2 \gset
select is((select jsonb_agg(jsonb_build_array(t -> 'node_id', t -> 'input')) from jsonb_array_elements(:'tasks2') t), '[["a", 3]]', 'the next goes out when one is through');
select is_empty('select test.violations()', 'no invariant is broken on the way');
select test.finish(jsonb_build_array(test.success(:'tasks'::jsonb -> 0, '1'), test.success(:'tasks2'::jsonb -> 0, '3'))) \g /dev/null
select test.work() \g /dev/null
select is((test.execution(:'id')).output, '{"got": [1, 2, 3, 4, 5]}', 'all come through, in their order');

-- items of sql nodes only: one after the other in one transition
select test.act_as(:'ann') \g /dev/null
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}", "max_concurrency": 1}}, "x": {"TRANSFORM": "{{ $.item }}"}, "got": {"MERGE": {"mode": "collect"}}}', 'start>each each>x x>got'),
  '[1, 2, 3, 4]'))).output, '{"got": [1, 2, 3, 4]}', 'without a worker too');
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}", "max_concurrency": 1}}, "x": {"TRANSFORM": "{{ $.item }}"}}', 'start>each each>x'),
  '[1, 2, 3, 4]'))).output, '{"x": 4}', 'and without a collect');

-- no item matches: the next ones go out all the same
select is((test.execution(test.run(test.workflow('{"each": {"FOR_EACH": {"items": "{{ $.input }}", "max_concurrency": 1}}, "x": {"TRANSFORM": "{{ $.item }}"}, "got": {"MERGE": {"mode": "collect"}}}', 'start>each each>x{$.item > 3} x>got'),
  '[1, 2, 3, 4]'))).output, '{"got": [4]}', 'an item that goes nowhere makes room');

-- nested, each bounded
select test.run(test.workflow('{"rows": {"FOR_EACH": {"items": "{{ $.input }}", "max_concurrency": 1}}, "cells": {"FOR_EACH": {"items": "{{ $.item }}", "max_concurrency": 2}}, "work": {"NOOP": {}},
  "row": {"MERGE": {"mode": "collect"}}, "all": {"MERGE": {"mode": "collect"}}}', 'start>rows rows>cells cells>work work>row row>all'), '[[1, 2, 3], [4]]') as id \gset
select test.act_as_role('postgres') \g /dev/null
select test.claim() as tasks \gset
select is((select jsonb_agg(t -> 'input') from jsonb_array_elements(:'tasks') t), '[1, 2]', 'the first row''s first cells');
select test.finish((select jsonb_agg(test.success(t, t -> 'input')) from jsonb_array_elements(:'tasks') t)) \g /dev/null
select test.claim() as tasks \gset
select is((select jsonb_agg(t -> 'input') from jsonb_array_elements(:'tasks') t), '[3]', 'the second row waits for the first one''s last cell');
select test.finish((select jsonb_agg(test.success(t, t -> 'input')) from jsonb_array_elements(:'tasks') t)) \g /dev/null
select test.work() \g /dev/null
select is((test.execution(:'id')).output, '{"all": [[1, 2, 3], [4]]}', 'bounds nest');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
