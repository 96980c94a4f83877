\ir ../helpers.sql
select plan(28);
create function test.found(query text) returns text language sql as $$
  select coalesce(string_agg(w ->> 'name', ',' order by o), '')
  from jsonb_array_elements(list_workflows(query => found.query) -> 'workflows') with ordinality e (w, o)
$$;
grant execute on function test.found(text) to authenticated;
select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select (create_workflow('Order import', test.definition('{"fetch_rows": {"NOOP": {}}}', 'start>fetch_rows'), 'Reads files from the warehouse')).id as a \gset
select (create_workflow('Billing', tags => '{ops/mail,order}')).id as b \gset
select (create_workflow('Weather', description => 'An order of clouds')).id as c \gset
select is(test.found('order'), 'Order import,Billing,Weather', 'name before tags before description');
select is(test.found('orders'), 'Order import,Billing,Weather', 'whatever the ending');
select is(test.found('imp'), 'Order import', 'the last word may be unfinished');
select is(test.found('imp '), '', 'unless a space says it is not');
select is(test.found('order imp'), 'Order import', 'all words count');
select is(test.found('rows'), 'Order import', 'a part of a node''s name');
select is(test.found('noop'), 'Order import', 'a kind of node');
select is(test.found('mail'), 'Billing', 'a part of a tag');
select is(test.found('warehouse'), 'Order import', 'the description');
select is(test.found('"order import"'), 'Order import', 'a phrase');
select is(test.found('"import order"'), '', 'in its order');
select is(test.found('order -clouds'), 'Order import,Billing', 'without a word');
select is(test.found('weather or billing'), 'Billing,Weather', 'one or the other');
select is(test.found('  '), 'Weather,Billing,Order import', 'nothing to look for is the list');
select is(test.found('!!'), '', 'what has no word is not found');
select is(test.found(''' & | ! ( :*'), '', 'operators are no words');
select cmp_ok((list_workflows(query => 'order') #>> '{workflows,0,rank}')::float, '>', (list_workflows(query => 'order') #>> '{workflows,2,rank}')::float, 'the rank is told');
select is(list_workflows(query => 'order', page_size => 1, "cursor" => list_workflows(query => 'order', page_size => 1) ->> 'next_cursor') #>> '{workflows,0,name}', 'Billing', 'and paged');
select (create_workflow('Rechnungen prüfen', description => '毎朝東京のチームへ通知')).id as d \gset
select is(test.found('prufen') || test.found('PRÜFEN') || test.found('prü'), repeat('Rechnungen prüfen', 3), 'accents do not matter');
select is(test.found('東京'), 'Rechnungen prüfen', 'a word in the midst of Japanese');
select is(test.found('"東京"') || test.found('"京東"'), 'Rechnungen prüfen', 'a phrase of it');
select is(test.found('大阪') || test.found('東京 大阪'), '', 'what is not there is not found');
select delete_workflow(:'d') \g /dev/null
update workflows set name = 'Invoices' where id = :'b' \g /dev/null
select is(test.found('billing') || test.found('invoice'), 'Invoices', 'a new name is found');
select update_workflow(:'a', definition => test.definition('{"other": {"NOOP": {}}}', 'start>other')) \g /dev/null
select is(test.found('fetch') || '|' || test.found('other'), '|Order import', 'and new nodes');
select update_workflow(:'c', is_public => true) \g /dev/null
select test.act_as(:'eve') \g /dev/null
select is(test.found('order'), '', 'others find nothing');
select is(list_workflows(query => 'order', is_public => true) #>> '{workflows,0,name}', 'Weather', 'but what is public');
select is(list_workflows(is_public => true) #>> '{workflows,0,name}', 'Weather', 'which is also listed');
select is(test.found(:'ann') || test.found('public'), '', 'and do not get around the scope');
select * from finish();
