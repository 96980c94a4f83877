\ir steps.sql
select plan(7);
create function test.plan(frequencies bigint[]) returns text language sql as $$
  select search.plan_candidates(array(select chr(96 + i) from generate_series(1, cardinality(frequencies)) i), frequencies, 1000000, 8000)::text
$$;
select is(test.plan('{100,7000,7001}'), $$'a' | 'b'$$, 'rare words, as many as fit')
union all select is(test.plan('{100,90000,95000,120000}'), $$'a' | 'b' & 'c' & 'd'$$, 'beside a handful, steps that have several common words');
select is(test.plan('{9000,200000}'), $$'a' & 'b'$$, 'a common word needs another one');
select is(test.plan('{20000,90000,100000}'), $$'a' & ( 'b' | 'c' )$$, 'any other one');
select is(test.plan('{90000,95000,100000,110000}'), $$'a' & 'b' & ( 'c' | 'd' )$$, 'the commoner they are, the more of them');
select is(test.plan('{140000,600000,700000}'), null, 'until all are too common');
select is(test.plan('{140000}'), null, 'as one may be');
select * from finish();
