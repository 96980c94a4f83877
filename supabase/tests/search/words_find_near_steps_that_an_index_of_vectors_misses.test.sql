\ir steps.sql
select plan(5);
create function test.similar(more text) returns text language plpgsql as $$
declare
  v_names text;
begin
  execute format('select string_agg(step_name, '', '' order by step_name)
    from public.search_steps_two_stage(%s)', more) into v_names;
  return v_names;
end
$$;
grant execute on function test.similar(text) to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann');
select test.step('Save the form') as indexed \gset
select test.step('Save the form again') as missed \gset
select test.step('Save the draft form') as draft \gset
select test.vector(:'indexed', test.numbers(1, 0));

select is(test.similar($$null, similarity_query => 'forms to save'$$), 'Save the form',
  'where all vectors are compared, those say what is near');

-- as in a workspace of many steps; a step without a vector stands for one that the index misses
select test.act_as_role('postgres');
create or replace function search.read_whole(out by_words int, out by_vectors int) language sql immutable set search_path = ''
as 'select 20000, -1';
select test.act_as(:'ann');
select is(test.similar($$null, similarity_query => 'forms to save'$$), 'Save the draft form, Save the form, Save the form again',
  'where an index is asked, the words of what is compared find more');
select is(test.similar($$'xylophone -draft', similarity_query => 'forms "to" save'$$), 'Save the form, Save the form again',
  'but nothing that the search excludes');
select is(test.similar($$null, test.numbers(1, 0)::extensions.vector$$), 'Save the form', 'a vector alone has no words');
select is(test.similar($$null, test.numbers(1, 0)::extensions.vector, similarity_query => 'draft'$$), 'Save the draft form, Save the form',
  'unless it comes with its text');
select * from finish();
