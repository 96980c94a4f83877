\ir steps.sql
select plan(11);
select test.sign_up('ann') as ann \gset
select test.sign_up('bob') as bob \gset
select test.act_as(:'bob');
select test.step('Save the secret plan') as secret \gset
select test.vector(:'secret', test.numbers(1));
select test.refresh();
select workspaces.default_id() as bobs \gset
select test.act_as(:'ann');
select test.step('Save a file') as own \gset
select test.vector(:'own', test.numbers(1));
select workspaces.default_id() as anns \gset

select is(test.found('save'), 'Save a file', 'a search finds the caller''s');
select is(test.found('secret'), null, 'and no other');
select is(test.found('sekret'), null, 'not even a word of others');
select is((select array_agg(step_id) from public.search_steps_two_stage('secret', test.numbers(1)::extensions.vector, mode => 'hybrid')), array[:'own'::uuid],
  'nor by vector');
select is((select array_agg(step_id) from public.search_steps_similarity(array[:'own', :'secret']::uuid[], test.numbers(1)::extensions.vector)), array[:'own'::uuid],
  'nor when its id is known');
select is(test.outcome(format('select public.search_steps_keyword(''save'', workspace_id => %L)', :'bobs')), 'PT404 workspace_not_found',
  'nor in their workspace');
select is(test.found('save', format('workspace_id => %L', :'anns')), 'Save a file', 'one workspace may be named');
select test.act_as_role('service_role');
select is(test.outcome('select public.search_steps_keyword(''save'')'), 'PT422 workspace_needed', 'who sees all must name one');
select is(test.found('secret', format('workspace_id => %L', :'bobs')), 'Save the secret plan', 'and finds it there');
select test.act_as_role('anon');
select is(test.outcome('select public.search_steps_keyword(''save'')'), '42501', 'nobody else searches');
select test.act_as_role('postgres');
insert into public.workspace_members (workspace_id, user_id, role) values (:'bobs', :'ann', 'viewer');
select test.act_as(:'ann');
select is(test.found('save'), 'Save a file, Save the secret plan', 'members search all of their workspaces');
select * from finish();
