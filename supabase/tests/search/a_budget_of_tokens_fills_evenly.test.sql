\ir ../helpers.sql
select plan(12);
select platform.set('embeddings.tokens_per_minute', '600');
select test.sign_up('ann') as ann \gset
select test.sign_up('bob') as bob \gset
select test.act_as(:'ann');
select id as space from public.workspaces \gset
select set_config('tandem.now', '2030-01-01 12:00:00Z', true);
create function pg_temp.spend(tokens int, workspace uuid) returns text language sql as $$
  select test.outcome(format('select search.spend_tokens(%L, %s)', workspace, tokens))
$$;
select is(pg_temp.spend(400, :'space'), 'ok', 'a budget is full at first');
select is(pg_temp.spend(200, :'space'), 'ok', 'and can be spent at once');
select is(pg_temp.spend(1, :'space'), 'PT429 embedding_budget_exceeded', 'then it is empty');
select test.move_clock('10 s');
select is(pg_temp.spend(101, :'space'), 'PT429 embedding_budget_exceeded', 'after ten seconds a sixth of it is there');
select is(pg_temp.spend(100, :'space'), 'ok', 'and no more');
create function pg_temp.hint(statement text) returns text language plpgsql as $$
declare v_hint text; begin execute statement; return null; exception when others then get stacked diagnostics v_hint = pg_exception_hint; return v_hint; end $$;
select is((pg_temp.hint(format('select search.spend_tokens(%L, 50)', :'space'))::jsonb -> 'retry_after_seconds')::int, 5, 'the refusal says when there will be enough');
select test.move_clock('1 hour');
select is(pg_temp.spend(900, :'space'), 'ok', 'what is over the whole budget goes through when it is full');
select test.move_clock('30 s');
select is(pg_temp.spend(1, :'space'), 'PT429 embedding_budget_exceeded', 'and is paid off before the next');
select test.move_clock('1 hour');
select is(pg_temp.spend(500, :'space'), 'ok', 'two come at once');
select test.move_clock('-10 s');
select is(pg_temp.spend(100, :'space'), 'ok', 'who has waited for the other one comes with an earlier time');
select test.move_clock('10 s');
select is(pg_temp.spend(1, :'space'), 'PT429 embedding_budget_exceeded', 'time does not fill twice');
select test.act_as(:'bob');
select is(pg_temp.spend(1, :'space'), 'PT404 workspace_not_found', 'nobody spends what is not his');
select * from finish();
