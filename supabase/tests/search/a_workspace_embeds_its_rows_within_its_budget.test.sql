\ir notes.sql
select plan(15);
select test.sign_up('ann') as ann, test.sign_up('bob') as bob, test.sign_up('cyd') as cyd \gset
set tandem.now = '2026-01-01 00:00:00+00';
create function test.counters() returns text language sql as $$
  select format('%s pending, %s in flight, %s held', pending, in_flight, held) from public.get_embedding_status() where source = 'notes'
$$;
create function test.ring() returns boolean language sql security definer as $$ select search.ring() $$;
create function test.ready() returns bigint language sql security definer as $$ select count(*) from search.ready_models(engine.now()) $$;
create function test.budgets_read() returns bigint language sql security definer as $$
  select seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables where relid = 'search.token_budgets'::regclass
$$;
grant execute on function test.budgets_read(), test.counters(), test.ring(), test.ready() to authenticated;

select test.act_as(:'ann');
insert into test.notes (title) select repeat('x', 39) from generate_series(1, 100); -- of 10 tokens each
select test.claim_texts('w', 30) as jobs \gset
select is(jsonb_array_length(:'jobs'), 30, 'without a setting there is no limit');
select test.finish_texts(test.embedded(:'jobs')) \g /dev/null

select test.act_as_role('postgres');
select platform.set('embeddings.row_tokens_per_minute', '205');
select test.act_as(:'ann');
select test.claim_texts() as jobs \gset
select is(jsonb_array_length(:'jobs'), 21, 'a workspace gets what its budget allows, and the end of its last text');
select test.budgets_read() as before \gset
select is(test.counters(), '49 pending, 21 in flight, 49 held', 'then its rows are held');
select cmp_ok(test.budgets_read() - :before, '<', 10::bigint, 'budgets are not looked at for each of them');
select is(test.claim_texts(), '[]', 'for all workers');
select test.finish_texts(test.embedded(:'jobs')) \g /dev/null
select is(test.ring(), false, 'and nobody is called for them');
select test.act_as(:'bob');
select test.note('bob');
select is(test.ring(), true, 'another workspace is not held up');
select test.claim_texts() as jobs \gset
select is(jsonb_array_length(:'jobs'), 1, 'its text is claimed');
select test.act_as(:'ann');
set tandem.now = '2026-01-01 00:00:30+00';
select is(jsonb_array_length(test.claim_texts()), 10, 'in half a minute half of the budget is there, less what was overspent');
select test.act_as_role('postgres');
select platform.set('embeddings.row_tokens_per_minute', '0');
select test.act_as(:'bob');
select test.note('bob, later');
select is(test.claim_texts(), '[]', 'a budget of nothing stops all');
select is(test.counters(), '1 pending, 1 in flight, 1 held', 'and all are held');
select test.act_as(:'cyd');
select test.note('cyd');
select is(test.counters(), '1 pending, 0 in flight, 1 held', 'also of who never had any embedded');
select is(test.ready(), 0::bigint, 'and nobody is called in vain');
delete from test.notes where title = 'cyd';
select test.act_as(:'bob');
delete from test.notes where title = 'bob, later';
select test.act_as_role('postgres');
select platform.set('embeddings.row_tokens_per_minute', 'null');
select test.act_as(:'ann');
select is(test.counters(), '39 pending, 10 in flight, 0 held', 'without the limit none is held');
select is(jsonb_array_length(test.claim_texts()), 39, 'and all are claimed');
select * from finish();
