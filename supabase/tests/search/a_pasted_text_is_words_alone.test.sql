\ir steps.sql
select plan(8);
create function test.read(query text) returns text language sql as $$
  select format('%s words, %s nodes demanded', cardinality(words), coalesce(numnode(demand), 0)) from search.read_query(query)
$$;
-- different words, none of them a stop word
create function test.words(n int, sep text) returns text language sql as $$ select string_agg('x' || i, sep) from generate_series(1, n) i $$;
select is(test.read(test.words(50, ' or ') || ' -y'), '50 words, 102 nodes demanded', 'fifty alternatives are typed');
select is(test.read(test.words(150, ' or ') || ' -y'), '151 words, 0 nodes demanded', 'a hundred and fifty are not');
select is(test.read('z ' || test.words(150, ' -')), '151 words, 0 nodes demanded', 'nor so many exclusions');
select is(test.read('"' || test.words(60, '" "') || '"'), '60 words, 0 nodes demanded', 'nor so many phrases');
select is(test.read(test.words(3000, ' ') || ' "one two"'), '3002 words, 0 nodes demanded', 'nor a book with a quotation');
select ok(numnode(demand) between 100 and 500, 'of a very long phrase the beginning is demanded') from search.read_query('"' || test.words(1500, ' ') || '"');
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann');
select test.step('Save a file'), test.step('Print');
select test.refresh();
select is(test.found(test.words(10000, ' ') || ' save'), 'Save a file', 'ten thousand words find what has one of them');
select is(test.found(test.words(2000, ' or ') || ' or save'), 'Save a file', 'and two thousand alternatives');
select * from finish();
