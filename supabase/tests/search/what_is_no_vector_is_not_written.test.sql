\ir notes.sql

-- what becomes of a note whose vector is this, beside one that is well
create function test.answered(embedding jsonb) returns text language plpgsql as $$
declare
  v_results jsonb;
begin
  perform test.move_clock('1 day');
  update test.notes set "the text" = gen_random_uuid()::text where title = 'fine';
  v_results := test.embedded(test.claim_texts());
  return test.finish_texts((
    select jsonb_agg(r || case when n.title = 'odd' then jsonb_build_object('embedding', answered.embedding) else '{}' end)
    from jsonb_array_elements(v_results) r join test.notes n on n.id::text = r ->> 'row_id'));
end
$$;
grant execute on function test.answered(jsonb) to authenticated;

select plan(8);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann');
select set_config('tandem.now', '2030-01-01 12:00:00Z', true);
select test.note('fine'), test.note('odd');
\set one_each '{"dead": 0, "stale": 0, "retried": 1, "written": 1}'
select is(test.answered('[1, 2]'), :'one_each', 'a vector of another dimension fails, and nothing beside it');
select is(test.answered('[0, 0, 0]'), :'one_each', 'so does one of nothing but zeros, which has no direction');
select is(test.answered('[1, null, 2]'), :'one_each', 'one that holds what is no number: NaN in JSON');
select is(test.answered('[1e30, 1, 2]'), :'one_each', 'one beyond what is stored');
select is(test.answered('"Infinity"'), :'one_each', 'and what is no vector at all');
select is(test.jobs(), 'odd pending 5', 'it is tried again');
select is(test.answered('"[1, 2, 3]"'), '{"dead": 0, "stale": 0, "retried": 0, "written": 2}', 'a vector may come as text');
select is(test.vectors(), 'fine, odd', 'all is embedded');
select * from finish();
