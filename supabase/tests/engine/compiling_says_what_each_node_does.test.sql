\ir ../helpers.sql
select plan(27);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select jsonb_object_agg(p.node_id, to_jsonb(p)) as p from test.compiled(test.definition('{
  "check": {"IF": "$.input.a"}, "turn": {"SWITCH": {"rules": ["{{ $.input.k == 1 }}", "$.trigger.k == 2"]}},
  "pick": {"FILTER": {"items": "{{ $.input.list }}", "condition": "$.item.n == $.nodes.shape.n"}},
  "shape": {"TRANSFORM": {"n": "{{ $.input.n }}"}}, "each": {"FOR_EACH": {"items": "{{ $.input }}", "max_concurrency": 2}},
  "work": {"NOOP": {}}, "gather": {"MERGE": {"mode": "collect"}}, "other": {"MERGE": {"mode": "collect"}},
  "join": {"MERGE": {"mode": "append"}},
  "pause": {"WAIT": {"seconds": 5}}, "call": {"SUB_WORKFLOW": {"workflow_id": "{{ $.input.id }}"}},
  "query": {"SQL_FUNCTION": {"function": "total"}}, "halt": {"STOP": {}},
  "off": {"FILTER": {"items": "{{ $.nodes.call.x }}", "condition": "$.item"}, "disabled": true},
  "gone": {"MERGE": {"mode": "all"}, "disabled": true}, "past": {"FOR_EACH": {"items": []}, "disabled": true}}',
  'start>check check:0>turn check:1>join@3 turn:0>shape shape>pick pick>each each>work work>gather work>other gather>join@1 other>join@1
   join>pause{$.input[0] == $.nodes.join[0] && $.vars.on == true} pause>call call?>query{$.execution.mode == "MANUAL"}
   query+>halt{$.now.size() == 1} query!>halt call>off off>gone gone>past')
  || '{"pin_data": {"call": null, "work": {"a": 1}, "off": 1}}') p \gset

select is((select jsonb_object_agg(k, v -> 'handler') from jsonb_each(:'p') e (k, v)), '{
  "start": "pass", "check": "branch", "turn": "switch", "shape": "output", "pick": "filter", "each": "for_each", "work": null,
  "gather": "merge", "other": "merge", "join": "merge", "pause": "wait", "call": "call_workflow", "query": null, "halt": "stop",
  "off": "pass", "gone": "pass", "past": "pass"}', 'each does what it does');
select set_eq($$select k from jsonb_each($$ || quote_literal(:'p') || $$) e (k, v) where v ->> 'executor' = 'edge'$$, array['work', 'query'],
  'edge nodes have no handler');
select is((select jsonb_object_agg(k, jsonb_build_array(v -> 'merge_mode', v -> 'inputs')) from jsonb_each(:'p') e (k, v) where v ->> 'merge_mode' <> ''),
  '{"gather": ["collect", [0]], "other": ["collect", [0]], "join": ["append", [1, 3]]}', 'a merge knows its mode and which inputs are connected; a disabled one is none');
select is((select jsonb_object_agg(k, v -> 'collects') from jsonb_each(:'p') e (k, v) where v -> 'collects' <> 'null'), '{"each": ["gather", "other"]}',
  'a FOR_EACH knows where its items are collected; a disabled one is none');
select is((select bool_and((v -> 'has_joins')::boolean) from jsonb_each(:'p') e (k, v)), true, 'every node knows that there are joins');
select is((select bool_or(p.has_joins) from test.compiled(test.definition('{"m": {"MERGE": {"mode": "all"}, "disabled": true}, "a": {"NOOP": {}}}', 'start>m m>a')) p), false,
  'or that there are none');

select is(:'p'::jsonb #> '{turn,bindings}', '[{"at": "{rules,0}", "predicate": "($.\"input\".\"k\" == 1)"}, {"at": "{rules,1}", "predicate": "($.\"trigger\".\"k\" == 2)"}]',
  'each rule is a predicate');
select is(:'p'::jsonb #> '{turn,reads}', '["input", "trigger"]', 'the rules read');
select is(:'p'::jsonb #> '{pick,parameters}', '{"items": "{{ $.input.list }}", "condition": "strict ($.\"item\".\"n\" == $.\"nodes\".\"shape\".\"n\")"}',
  'a condition over items is kept as a path');
select is(:'p'::jsonb #> '{pick,bindings}', '[{"at": "{items}", "path": "$.\"input\".\"list\"", "many": false}]', 'and bound to nothing');
select is(:'p'::jsonb #> '{pick,reads}', '["input", "nodes"]', 'it reads like others, but its own item');
select is(:'p'::jsonb #> '{off,bindings}', 'null', 'a disabled node reads nothing');

select is(:'p'::jsonb #> '{join,edges}', '[{"type": "MAIN", "index": 0, "target": "pause", "target_index": 0,
  "predicate": "strict ($.\"input\"[0] == $.\"nodes\".\"join\"[0] && $.\"vars\".\"on\" == true)"}]', 'a condition goes with its connection');
select is(:'p'::jsonb #> '{join,edge_reads}', '["input", "nodes", "vars"]', 'and the source knows what its connections read');
select is(:'p'::jsonb #>> '{call,edges,0,type}', 'CONDITIONAL', 'a connection of type CONDITIONAL');
select is(:'p'::jsonb #> '{query,edges}', '[{"type": "SUCCESS", "index": 0, "target": "halt", "target_index": 0, "predicate": "($.\"now\".size() == 1)"},
  {"type": "ERROR", "index": 0, "target": "halt", "target_index": 0}]', 'a connection on error has none');
select is(:'p'::jsonb #> '{query,edge_reads}', '["now"]', 'of several connections');
select is(:'p'::jsonb #> '{check,edge_reads}', '[]', 'nothing is read where there is no condition');

select set_eq($$select k from jsonb_each($$ || quote_literal(:'p') || $$) e (k, v) where v -> 'is_referenced' = 'true'$$, array['shape', 'join'],
  'what a node, an item or a connection reads is referenced; what a disabled node reads is not');
select set_eq($$select k from jsonb_each($$ || quote_literal(:'p') || $$) e (k, v) where v -> 'keeps_ancestors' = 'true'$$,
  array['start', 'check', 'turn', 'shape', 'pick', 'each', 'work', 'gather', 'other', 'join'],
  'ancestors are kept up to the last reader, through loops and joins, and at the source of a connection that reads them');
select set_eq($$select k from jsonb_each($$ || quote_literal(:'p') || $$) e (k, v) where v -> 'runs_once' = 'true'$$,
  array['start', 'check', 'turn', 'shape', 'pick', 'each', 'work', 'gather', 'other'],
  'what has one way in runs once in its scope, but no merge that waits for inputs');
select is((select jsonb_object_agg(k, v -> 'pinned') from jsonb_each(:'p') e (k, v) where v -> 'pinned' <> 'null'), '{"work": {"a": 1}}', 'a pinned output');
select is((select array_agg(p.node_id || ':' || p.pinned::text order by p.ordinal) from test.compiled(
    test.definition('{"a": {"NOOP": {}}, "b": {"NOOP": {}}, "c": {"NOOP": {}, "disabled": true}}', 'start>a') || '{"pin_data": {"a": null, "c": 1}}') p where p.pinned is not null),
  '{a:null}', 'null is an output too; a disabled node has none');

-- one way in
select is((select array_agg(p.node_id order by p.ordinal) from test.compiled(test.definition(v.nodes::json, v.arrows)) p where p.runs_once), v.once::text[], v.why) from (values
  ('{"a": {"NOOP": {}}, "b": {"NOOP": {}}, "c": {"NOOP": {}}}', 'start>a start+>b a>b b>c', '{start,a}', 'what follows a node with two ways in does not run once'),
  ('{"a": {"NOOP": {}}, "b": {"NOOP": {}}, "c": {"NOOP": {}}}', 'start>a b>a b>c', '{start,a}', 'a way from where no trigger leads is none, and such a node never runs'),
  ('{"a": {"NOOP": {}}, "b": {"NOOP": {}}}', 'start>a a>b b>a', '{start}', 'a way back is a way in'),
  ('{"e": {"FOR_EACH": {"items": []}}, "a": {"NOOP": {}}, "b": {"NOOP": {}}, "c": {"MERGE": {"mode": "collect"}}, "m": {"MERGE": {"mode": "any"}}}',
    'start>e e>a e>b a>c b>c e!>m', '{start,e,a,b}', 'nor does a collect with two ways in, or a merge with one')
) v (nodes, arrows, once, why);
select * from finish();
