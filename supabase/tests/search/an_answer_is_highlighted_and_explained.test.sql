\ir steps.sql
select plan(7);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann');
select test.step('Save <b>all</b> & "save" again', 'Chrome', 'Save it''s') as one \gset
select test.step('Open a file'), test.step('Close a file'), test.step('Move a file');
select is((select highlights from public.search_steps_keyword('save', with_highlights => true)), jsonb '{
  "step_name": "<mark>Save</mark> &lt;b&gt;all&lt;/b&gt; &amp; &quot;<mark>save</mark>&quot; again",
  "window_title": "<mark>Save</mark> it&#39;s"}', 'words are marked in escaped text, in the fields that have them');
select is((select highlights from public.search_steps_keyword('save')), null, 'where asked for');

select f.explanation as e, f.text_score as score, f.ranking, f.combined_score as combined
from public.search_steps_two_stage('save files again', with_explanation => true) f where f.step_id = :'one' \gset
select is(:'e'::jsonb #>> '{text,words}' is null, false, 'every word is told');
select is((select array_agg(w ->> 'word' order by w ->> 'word') from jsonb_array_elements(:'e'::jsonb #> '{text,words}') w), '{file,save}',
  'that is none of the stop words');
select ok(abs((select sum((w ->> 'score')::numeric) from jsonb_array_elements(:'e'::jsonb #> '{text,words}') w) - :score) < 0.00001,
  'their scores add up to the text''s');
select is((:'e'::jsonb ->> 'combined')::numeric, :combined, 'the parts are of this answer');
select is(:'e'::jsonb #>> '{text,found_by}', 'words', 'and say what found it');
select * from finish();
