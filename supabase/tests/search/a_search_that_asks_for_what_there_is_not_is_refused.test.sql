\ir steps.sql
select plan(7);
select test.sign_up('ann') as ann \gset
create function test.hint(statement text) returns text language plpgsql as $$
declare
  v_hint text;
begin
  execute statement;
  return null;
exception when others then
  get stacked diagnostics v_hint = pg_exception_hint;
  return v_hint;
end
$$;
grant execute on function test.hint(text) to authenticated;
select test.act_as(:'ann');
select is(
  (select string_agg(p ->> 'path', ', ' order by p ->> 'path') from jsonb_array_elements(test.hint($$
    select public.search_steps_two_stage(repeat('x', 100001), stage1_limit => 0, stage2_limit => 1001, mode => 'keyword', ranking => 'best',
      min_succeeded => -1, min_similarity => 2, date_from => '2026-01-02', date_to => '2026-01-01', similarity_query => ' ',
      query_embedding => '[0,0]', embedding_type => 'name')$$)::jsonb) p),
  'date_to, embedding_type, min_similarity, min_succeeded, mode, query_embedding, ranking, search_query, similarity_query, stage1_limit, stage2_limit',
  'all problems at once');
select is(
  (select array_agg(p ->> 'message') from jsonb_array_elements(test.hint($$
    select public.search_steps_keyword('x', min_succeeded => -1, ranking => 'best')$$)::jsonb) p),
  array['ranking is not document or robust', 'min_succeeded is negative'], 'each message names its field');
select is(test.outcome($$select public.search_steps_keyword('x', result_limit => 0)$$), 'PT422 search_invalid', 'no rows');
select is(test.outcome($$select public.search_steps_keyword('x', result_limit => 2001)$$), 'PT422 search_invalid', 'too many');
select is(test.outcome($$select public.search_steps_keyword('x', order_by => 'name')$$), 'PT422 search_invalid', 'another order');
select is(test.outcome($$select public.search_steps_similarity('{}')$$), 'PT422 search_invalid', 'nothing to compare with');
select is(test.outcome($$select public.search_steps_keyword(null, result_limit => null)$$), 'PT422 search_invalid', 'null is no number');
select * from finish();
