\ir steps.sql
select plan(16);
select test.sign_up('ann') as ann \gset
set tandem.now = '2026-03-01';
select test.act_as(:'ann');
select test.step('Save one') as one \gset
select test.step('Save two') as two \gset
select test.step('Save three') as three \gset
select test.step('Store four') as four \gset
select test.executed(:'one', 100), test.executed(:'two', 1, 1);
select test.vector(:'one', test.numbers(0, 1)), test.vector(:'two', test.numbers(1, 0)), test.vector(:'four', test.numbers(1, 0.1));

select results_eq(
  format('select step_id, ranking, keyword_rank is not null, similarity_score, combined_score from public.search_steps_two_stage(''save'', %L)', test.numbers(1, 0)),
  format('values (%L::uuid, 50.6::numeric, true, 1::numeric, 0.8518::numeric), (%L, 100, true, 0, 0.3), (%L, 0, true, null, 0)', :'two', :'one', :'three'),
  'combined: 0.3 * ranking / 100 + 0.7 * similarity; a step without a vector comes last and is not lost');
select is(
  (select string_agg(step_name, ', ') from public.search_steps_two_stage('save', test.numbers(1, 0)::extensions.vector, mode => 'hybrid')),
  'Save two, Store four, Save one, Save three', 'hybrid finds a step that shares no word');
select is(
  (select string_agg(step_name, ', ') from public.search_steps_two_stage('persist', test.numbers(1, 0)::extensions.vector)),
  'Save two, Store four, Save one', 'so do two stages where no step has a word of the search');
select is(
  (select string_agg(step_name, ', ') from public.search_steps_two_stage('persist -two', test.numbers(1, 0)::extensions.vector)),
  'Store four, Save one', 'but what is excluded');
select is(
  (select string_agg(step_name, ', ') from public.search_steps_two_stage('save', test.numbers(1, 0)::extensions.vector, min_similarity => 0.5)),
  'Save two', 'what is not similar enough is left out');
select is(
  (select string_agg(step_name, ', ') from public.search_steps_two_stage('save two', test.numbers(0, 1)::extensions.vector, stage1_limit => 1)),
  'Save two', 'the first stage keeps the best by words');
select results_eq($$select step_name, keyword_rank, similarity_score from public.search_steps_two_stage('save two')$$,
  $$select * from (values ('Save two', 1, null::numeric), ('Save one', 3, null), ('Save three', 2, null)) v$$,
  'without a vector the words decide, and say so');
select isnt(
  (select ranking from public.search_steps_two_stage('two', ranking => 'robust')),
  (select ranking from public.search_steps_two_stage('two')), 'the robust ranking is another one');

-- the search embeds for itself
select ok((select similarity_score is not null from public.search_steps_two_stage('two', similarity_query => 'save two')),
  'a text is embedded where the model is local');

-- one by one
select results_eq(
  format('select step_id, similarity_score from public.search_steps_similarity(array[%L, %L, %L]::uuid[], %L)', :'one', :'two', :'three', test.numbers(1, 0)),
  format('values (%L::uuid, 1::numeric), (%L, 0)', :'two', :'one'), 'similarity of given steps');

-- what cannot be compared
select is(test.outcome($$select public.search_steps_two_stage('save', '[1,2,3]')$$), 'PT422 embedding_dimensions_mismatch', 'another dimension');
select is(test.outcome(format($$select public.search_steps_two_stage('save', %L, embedding_model => 'gte-small')$$, test.numbers(1))),
  'PT422 embedding_model_mismatch', 'another model');
select is(test.outcome($$select public.search_steps_two_stage('save', '[NaN,1]')$$), '22000', 'what is not a number');
select is(test.outcome(format($$select public.search_steps_two_stage('save', %L)$$, test.numbers(0))), 'PT422 search_invalid', 'what points nowhere');
select is((select count(*) from public.search_steps_two_stage('save', test.numbers(3e38, 1)::extensions.vector)), 3::bigint, 'but any length');
select is((select max(similarity_score) from public.search_steps_two_stage('save', test.numbers(1e-30)::extensions.vector)), 1.000000, 'as short as may be');
select * from finish();
