\ir notes.sql
select plan(28);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann');
select test.note('a'), test.note('b'), test.note('c'), test.note('d'), test.note('e'), test.note(' ');
select test.act_as_role('postgres');
select test.embed_all();
select test.tend(5);
select is((select array_agg(task) from search.embedding_sources where name = 'notes'), '{null}', 'all is filled');

create function test.state() returns text language sql as $$
  select concat_ws(' ', m.name, '>' || n.name, s.task)
  from search.embedding_sources s join search.embedding_models m on m.id = s.serving_model left join search.embedding_models n on n.id = s.next_model
  where s.name = 'notes'
$$;
select is(test.outcome($$select search.set_model('letters', 'small', 4)$$), 'PT404 embedding_source_not_found', 'an unknown source is told');
select is(test.outcome($$select search.set_model('notes', 'small', 3)$$), 'PT404 embedding_model_not_found', 'and an unknown model');
select search.set_model('notes', 'small', 4);
select is(test.state(), 'tiny >small fill', 'the old model serves');
select is(test.jobs(), null, 'nothing is enqueued at once');
select test.tend(2);
select is(test.jobs(), 'a/small pending, b/small pending', 'then batch by batch');
select test.embed_all();
select is(test.vectors(), 'a, a/small, b, b/small, c, d, e', 'vectors of both models stand beside each other');
select is((select id from search.serving_model('notes')), 101::smallint, 'the old ones serve');
select test.act_as(:'ann');
select results_eq($$select serving_model, next_model, done, pending from public.get_embedding_status() where source = 'notes'$$,
  $$values ('tiny', 'small', 0.4, 0::bigint)$$, 'the status says how far it is');
-- meanwhile
update test.notes set "the text" = 'new' where title in ('a', 'd');
delete from test.notes where title = 'b';
select test.note('f');
select is(test.jobs(), 'a pending, a/small pending, d pending, d/small pending, f pending, f/small pending', 'what changes is embedded by both');
select test.act_as_role('postgres');
select test.tend(5);
select is(test.state(), 'tiny >small fill', 'as long as one is missing, the old model serves');
select test.claim_texts() as jobs \gset
select test.claim_texts() as more \gset
select isnt(:'jobs'::jsonb -> 0 ->> 'model', :'more'::jsonb -> 0 ->> 'model', 'a claim is of one model');
select :'jobs'::jsonb || :'more'::jsonb as jobs \gset
select test.finish_texts(test.embedded(jsonb_path_query_array(:'jobs', '$[*] ? (@.model == "tiny")')));
select test.finish_texts(test.not_embedded(jsonb_path_query_array(:'jobs', '$[*] ? (@.model == "small")'), '{"code": "x", "message": "x", "retryable": false}'));
select test.tend(5);
select is(test.state(), 'tiny >small fill', 'also while one was given up');
select cmp_ok(search.drop_dead('notes'), '>', 0, 'unless the operator does without it');
select search.refill('notes');
select is(test.outcome($$select search.refill('letters')$$), 'PT404 embedding_source_not_found', 'of a source that is there');
select test.tend(6);
select test.embed_all();
select test.tend(1);
select is(test.state(), 'small sweep', 'when none is missing, the new model serves');
select is((select id from search.serving_model('notes')), 102::smallint, 'at once');
select test.tend(2);
select matches(test.vectors(), '^a/small, c, c/small', 'then the old ones are removed');
select test.tend(5);
select is(test.vectors(), 'a/small, c/small, d/small, e/small, f/small', 'all of them');
select is(test.state(), 'small', 'and it is done');

-- given up half way
select search.set_model('notes', 'tiny', 3);
select test.tend(2);
select test.embed_all();
select is(test.vectors(), 'a, a/small, c, c/small, d/small, e/small, f/small', 'back again');
select test.tend(1);
select search.set_model('notes', 'small', 4);
select is(test.state(), 'small sweep', 'a change is given up by naming the model that serves');
select is(test.jobs(), 'd pending, e pending', 'its jobs');
select is(test.embed_all(), 0, 'are no work any more');
select test.tend(6);
select is(test.jobs(), null, 'and go');
select is(test.vectors(), 'a/small, c/small, d/small, e/small, f/small', 'as do its vectors');

-- rows that came without a trigger
alter table test.notes disable trigger user;
insert into test.notes (workspace_id, title) select n.workspace_id, 'quiet' from test.notes n limit 1;
update test.notes set title = 'silent' where title = 'a';
alter table test.notes enable trigger user;
select search.refill('notes');
select test.tend(8);
select is(test.jobs(), 'quiet/small pending, silent/small pending', 'a refill finds what is missing, and what is of another text');
select test.embed_all();
select is(test.vectors(), 'c/small, d/small, e/small, f/small, quiet/small, silent/small', 'and all is true again');
select * from finish();
