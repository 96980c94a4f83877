\ir ../helpers.sql
select plan(9);
create function test.filtered(items text, condition text, input jsonb) returns jsonb language sql as $$
  select (test.execution(test.run(test.workflow(
    json_build_object('keep', json_build_object('FILTER', json_build_object('items', filtered.items, 'condition', filtered.condition))),
    'start>keep'), filtered.input))).output -> 'keep'
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select is(test.filtered('{{ $.input.list }}', '$.item.n > 1', '{"list": [{"n": 3}, {"n": 1}, {"m": 9}, {"n": 2}]}'), '[{"n": 3}, {"n": 2}]', 'matching items, in their order');
select is(test.filtered('{{ $.input.list[*] }}', '$.item > 1', '{"list": [1, 2, 3]}'), '[2, 3]', 'every value that a path finds is an item');
select is(test.filtered('{{ $.input.list }}', '$.item > $.input.least', '{"list": [1, 2, 3], "least": 3}'), '[]', 'the condition sees the input too; none may match');
select is(test.filtered('{{ $.input.list }}', '$.item > 0', '{"list": [[1, 2], 3]}'), '[[1, 2], 3]', 'an item that is a list matches when one of its values does');
select is(test.filtered('{{ $.input.list }}', '$.item > 0', '{"list": 5}'), '[5]', 'a single value is a list of one');
select is(test.filtered('{{ $.input.list }}', '$.item > 0', '{"list": null}'), '[]', 'null an empty one');
select is(test.filtered('{{ $.input.list }}', '$.item > 0', '{}'), '[]', 'and so is what is not there');
select is(test.filtered('{{ $.input.list }}', '$.item == null', '{"list": [null, 1]}'), '[null]', 'null is an item like others');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
