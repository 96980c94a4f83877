\ir notes.sql
select plan(9);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann');
insert into test.notes (title) select 'note ' || i from generate_series(1, 10000) i;
select results_eq('select pending from public.get_embedding_status() where source = ''notes''', 'values (10000::bigint)', 'ten thousand rows of one statement are ten thousand jobs');
select test.note('urgent');
select is((select array_agg(j ->> 'content') from jsonb_array_elements(test.claim_texts('w', 1)) j), '{"urgent "}', 'what somebody waits for goes first');
select is(jsonb_array_length(test.claim_texts('w', 100000)), 2048, 'a claim has its bounds');
select is(jsonb_array_length(test.claim_texts('w', 0)), 0, 'and may be of nothing');
select results_eq('select pending, in_flight from public.get_embedding_status() where source = ''notes''', 'values (7952::bigint, 2049::bigint)', 'the counters are exact');
update test.notes set "the text" = 'changed' where title like 'note %';
select results_eq('select pending, in_flight from public.get_embedding_status() where source = ''notes''', 'values (10000::bigint, 1::bigint)', 'a text that changes is no worker''s any more');
delete from test.notes;
select results_eq('select pending, in_flight from public.get_embedding_status() where source = ''notes''', 'values (0::bigint, 0::bigint)', 'and one that is gone nobody''s');

-- ten megabytes, and several
select test.note('long', repeat('x', 10000000));
select is((select length(j ->> 'content') from jsonb_array_elements(test.claim_texts()) j), 16 * 8191, 'a text is cut far beyond what the model reads');
insert into test.notes (title, "the text") select 'long', repeat('x', 200000) from generate_series(1, 20);
select is(jsonb_array_length(test.claim_texts()), 16, 'and a claim is of two million characters or little more');
select * from finish();
