-- The sources that come with Tandem, as a client fills them: steps, and one text for all steps of a workflow.
\ir notes.sql
select plan(7);
select test.sign_up('ann') as ann \gset
select test.sign_up('bob') as bob \gset
select test.act_as(:'ann');
insert into public.workflow_steps (app_name, window_title, element_path, step_name, definition, workflow_name, workflow_description)
select 'app', 'window', 'element', 'step ' || i, case when i < 3 then 'click' end, 'Orders', 'Take orders' from generate_series(1, 3) i;
select results_eq('select source, pending from public.get_embedding_status() where pending > 0',
  $$values ('steps.definition', 3::bigint), ('steps.workflow', 1)$$, 'each step has a text, the workflow one for all');
select test.act_as_role('postgres');
select results_eq('select content, model, dimensions from search.claim_embeddings(''w'', 10) order by 1',
  $$values ('Orders Take orders', 'local-lexical-v1', 768), ('step 1 click', 'local-lexical-v1', 768), ('step 2 click', 'local-lexical-v1', 768), ('step 3', 'local-lexical-v1', 768)$$,
  'a missing definition leaves the name');
select is((select sum((search.finish_embeddings('w', (
    select jsonb_agg(to_jsonb(j) - 'size' || jsonb_build_object('content_hash', encode(j.content_hash, 'hex'), 'embedding', search.local_lexical('x', 768)::text))
    from search.embedding_jobs j)) ->> 'written')::int)), 4::bigint, 'what was computed is written');
select test.act_as(:'ann');
select is((select count(*) from search.vectors), 4::bigint, 'a member reads the vectors');
select is(test.outcome('update search.vectors set dimensions = 1'), '42501', 'and writes none');
select test.act_as(:'bob');
select is((select count(*) from search.vectors), 0::bigint, 'nobody else reads them');
select is((select sum(pending + in_flight + failed + dead) from public.get_embedding_status()), 0::numeric, 'or counts them');
select * from finish();
