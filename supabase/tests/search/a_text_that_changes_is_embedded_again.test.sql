\ir notes.sql
select plan(25);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann');

select test.note('one') as one, test.note('two', 'second') as two \gset
select is(test.jobs(), 'one pending, two pending', 'new rows have jobs');
select test.claim_texts() as jobs \gset
select is((select array_agg(j ->> 'content') from jsonb_array_elements(:'jobs') j), '{"one ","two second"}', 'a worker gets their texts');
select is((select array_agg(distinct j - 'row_id' - 'lease_token' - 'content' - 'content_hash' - 'source_id') from jsonb_array_elements(:'jobs') j),
  array[jsonb '{"model": "tiny", "attempts": 0, "model_id": 101, "provider": "openai", "dimensions": 3}'], 'and what is to be done with them');
select is(test.claim_texts('other'), '[]', 'another worker does not');
select is(test.finish_texts(test.embedded(:'jobs')), '{"written": 2, "stale": 0, "retried": 0, "dead": 0}', 'the vectors are written');
select is(test.vectors(), 'one, two', 'each of its text');
select is(test.jobs(), null, 'and nothing is left to do');

update test.notes set title = title;
select is(test.jobs(), null, 'a row that is written without a change of its text has no job');
update test.notes set "the text" = 'first' where id = :'one';
select is(test.jobs(), 'one pending', 'one whose text changes has');
update test.notes set "the text" = 'a' where id = :'one';
update test.notes set "the text" = 'b' where id = :'one';
select is(test.jobs(), 'one pending', 'one, however often it changes');
select is(test.vectors(), 'one (old), two', 'the old vector serves meanwhile');
select is(test.embed_all(), 1, 'and is replaced');
select is(test.vectors(), 'one, two', 'by the one of the last text');

update test.notes set "the text" = 'c' where id = :'one';
update test.notes set "the text" = 'b' where id = :'one';
select is(test.jobs(), null, 'back to the text that was embedded, nothing is to be done');
delete from test.notes where id = :'one';
select is(test.vectors(), 'two', 'the vector of a row that is deleted goes with it');
select test.act_as_role('postgres');

-- where no trigger has seen the change
update test.notes set "the text" = 'seen';
select test.claim_texts() as jobs \gset
alter table test.notes disable trigger user;
update test.notes set "the text" = 'unseen';
select is(test.finish_texts(test.embedded(:'jobs')) ->> 'stale', '1', 'a vector is not written if the text is another one by now');
select is(test.vectors(), 'two (old)', 'whoever changed it');
select is(test.claim_texts() -> 0 ->> 'content', 'two unseen', 'the new text is to be embedded');
update test.notes set "the text" = 'third';
select test.move_clock('61 s');
select is(test.embed_all(), 1, 'what a worker gets is the text as it is then');
select is(test.vectors(), 'two', 'and so is the vector');
update test.notes set title = ' ', "the text" = null;
insert into search.embedding_jobs (source_id, row_id, model_id, workspace_id, content_hash, size, enqueued_at, run_at)
select search.source_id('notes'), n.id, 101, n.workspace_id, '', 1, engine.now(), engine.now() from test.notes n;
select is(test.embed_all(), 0, 'nothing is embedded of a text that is blank by now');
select is(coalesce(test.vectors(), test.jobs()), null, 'and nothing of it stays');
alter table test.notes enable trigger user;
update test.notes set title = 'two';
select is(test.embed_all(), 1, 'all goes on');
update test.notes set title = '';
select is(coalesce(test.vectors(), test.jobs()), null, 'a text that becomes blank has no vector');
update test.notes set title = 'two';
select test.embed_all();

delete from public.workspaces where personal_for = :'ann';
select is(test.vectors(), null, 'and those of a workspace that is');
select * from finish();
