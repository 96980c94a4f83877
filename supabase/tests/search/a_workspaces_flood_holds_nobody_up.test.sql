\ir notes.sql
select plan(10);
select test.sign_up('ann') as ann, test.sign_up('bob') as bob, test.sign_up('cyd') as cyd \gset
-- how many texts of whom a claim has
create function test.claimed(capacity int) returns text language sql as $$
  select string_agg(format('%s %s', k.who, k.n), ', ' order by k.who)
  from (select split_part(j ->> 'content', ' ', 1) as who, count(*) as n from jsonb_array_elements(test.claim_texts('w', claimed.capacity)) j group by 1) k
$$;
create function test.jobs_read() returns bigint language sql security definer as $$
  select idx_tup_fetch from pg_stat_xact_user_tables where relid = 'search.embedding_jobs'::regclass
$$;
grant execute on function test.claimed(int), test.jobs_read() to authenticated;

select test.act_as(:'ann');
insert into test.notes (title) select 'ann ' || i from generate_series(1, 100) i;
insert into test.notes (title) select 'ann ' || i from generate_series(1, 100) i;
insert into test.notes (title) select 'ann ' || i from generate_series(1, 2000) i;
select test.act_as(:'bob');
select test.note('bob');
select is(test.claimed(20), 'ann 19, bob 1', 'who has one text is in the next claim, whoever came first');
insert into test.notes (title) select 'bob ' || i from generate_series(1, 101) i;
-- nor the claim itself, although nothing is analysed
select test.jobs_read() as before \gset
select is(test.claimed(20), 'ann 10, bob 10', 'urgent ones of one workspace leave room for many of another');
select cmp_ok(test.jobs_read() - :before, '<', 500::bigint, 'jobs that are not claimed are hardly read');
select test.act_as(:'cyd');
select test.note('cyd');
select test.note('cyd');
select is(test.claimed(21), 'ann 10, bob 9, cyd 2', 'who has little gets all of it');
select test.note('cyd');
select matches(test.claimed(1), '^(ann|cyd) 1$', 'who has urgent texts goes before who has others, where there is no room for all');
select is((select count(*) from generate_series(1, 60) i where test.claimed(1) = 'bob 1'), 0::bigint, 'so it goes on');
delete from test.notes where title like 'cyd%';

-- what a change of model brings waits for all of them, and is shared too
select test.act_as_role('postgres');
delete from test.notes where title like 'ann%';
select search.set_model('notes', 'small', 4);
select search.tend_sources(), search.tend_sources(), search.tend_sources();
update search.embedding_jobs set priority = 2;
select test.act_as(:'ann');
select test.note('ann');
select test.act_as(:'bob');
select is(test.claimed(11), 'ann 1, bob 10', 'a change of model gets the room that is left');

select test.act_as_role('postgres');
insert into test.notes (title, workspace_id) select 'more ' || i, n.workspace_id from generate_series(1, 120) i, (select workspace_id from test.notes limit 1) n;
update search.embedding_jobs j set priority = 2 where j.model_id = (select m.id from search.embedding_models m where m.name = 'small');
select ok((select count(*) from generate_series(1, 100) i where test.claim_texts('w', 1) -> 0 ->> 'model' = 'small') <@ int8range(1, 40),
  'and some claims of its own while texts for another model keep coming');

-- texts count by their length
select test.act_as_role('postgres');
delete from test.notes;
select test.act_as(:'ann');
insert into test.notes (title) select 'ann ' || repeat('x', 200000) from generate_series(1, 40);
select test.act_as(:'bob');
insert into test.notes (title) select 'bob ' || i from generate_series(1, 10) i;
select is(test.claimed(100), 'ann 16, bob 10', 'long texts of one leave room for those of another');

-- the jobs of each workspace lie together, all of them are of one priority, and the planner knows it
select test.act_as_role('postgres');
delete from test.notes;
select test.act_as(:'ann');
insert into test.notes (title) select 'ann ' || i from generate_series(1, 3000) i;
select test.act_as(:'bob');
insert into test.notes (title) select 'bob ' || i from generate_series(1, 3000) i;
select test.act_as_role('postgres');
analyze search.embedding_jobs;
select test.jobs_read() as before \gset
select test.claimed(20) \g /dev/null
select cmp_ok(test.jobs_read() - :before, '<', 500::bigint, 'no more are read where there are none of the most urgent ones');
select * from finish();
