\ir ../helpers.sql
select plan(41);
create function test.names(answer jsonb) returns text language sql as $$
  select coalesce(string_agg(w ->> 'name', ',' order by o), '') from jsonb_array_elements(answer -> 'workflows') with ordinality e (w, o)
$$;
grant execute on function test.names(jsonb) to authenticated, service_role;
select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select (create_workspace('Team')).id as team, workspaces.default_id() as own \gset
select (create_session('editing', 'An afternoon')).id as session \gset
select set_config('tandem.now', '2030-01-01 10:00Z', true) \g /dev/null
select (create_workflow('Delta', tags => '{x,y}', folder => 'ops/mail', session_id => :'session')).id as d \gset
select test.move_clock('1 minute') \g /dev/null
select (create_workflow('alpha', test.definition('{"a": {"NOOP": {}}}', 'start>a'), tags => '{x}', folder => 'ops')).id as a \gset
select test.move_clock('1 minute') \g /dev/null
select (create_workflow('Charlie', test.definition('{"a": {"NOOP": {}}}', 'start>a'), workspace_id => :'team', folder => 'ops-old')).id as c \gset
select test.move_clock('1 minute') \g /dev/null
select (create_workflow('Bravo')).id as b \gset
select test.names(list_workflows()) as names \gset
select is(:'names'::text, 'Bravo,Charlie,alpha,Delta', 'all of mine, newest change first');
select is(test.names(list_workflows(:'team')), 'Charlie', 'of one workspace');
select is(test.names(list_workflows(order_by => 'name')), 'alpha,Bravo,Charlie,Delta', 'by name, whatever the case');
select is(test.names(list_workflows(order_by => 'name', order_direction => 'DESC')), 'Delta,Charlie,Bravo,alpha', 'the other way round');
select is(test.names(list_workflows(order_by => 'created_at', order_direction => 'asc')), 'Delta,alpha,Charlie,Bravo', 'by age');
select test.move_clock('1 minute') \g /dev/null
select update_workflow(:'d', name => 'Delta') \g /dev/null
select is(test.names(list_workflows()), 'Bravo,Charlie,alpha,Delta', 'saving the same is no change');
select update_workflow(:'d', description => 'late') \g /dev/null
select is(test.names(list_workflows()), 'Delta,Bravo,Charlie,alpha', 'a change is');
select test.run(:'c') \g /dev/null
select test.move_clock('1 minute') \g /dev/null
select test.run(:'a') \g /dev/null
select is(test.names(list_workflows(order_by => 'latest_execution')), 'alpha,Charlie,Bravo,Delta', 'by latest execution, the ones without last');
select is(list_workflows(order_by => 'latest_execution') #>> '{workflows,0,latest_execution_status}', 'RUNNING', 'which it tells');
select is(list_workflows(order_by => 'name') #>> '{workflows,1,latest_execution_status}', 'IDLE', 'or that there is none');

select is(test.names(list_workflows(tags => '{x}')), 'Delta,alpha', 'by a tag');
select is(test.names(list_workflows(tags => '{y,x}')), 'Delta', 'by all of several');
select is(test.names(list_workflows(folder => 'ops')), 'alpha', 'in a folder');
select is(test.names(list_workflows(folder => '/ops/', include_subfolders => true)), 'Delta,alpha', 'in and below, not beside');
select is(test.names(list_workflows(folder => '')), 'Bravo', 'in the root');
select is(test.names(list_workflows(folder => '', include_subfolders => true)), 'Delta,Bravo,Charlie,alpha', 'below the root is everywhere');
select is(test.names(list_workflows(session_id => :'session')), 'Delta', 'of a session');
select is(test.names(list_workflows(created_by => :'eve')), '', 'of somebody');
select is(test.names(list_workflows(created_by => :'ann', folder => 'ops-old')), 'Charlie', 'and filters add up');
select set_favorite(:'b') \g /dev/null
select is(test.names(list_workflows(is_favorite => true)), 'Bravo', 'favorites');
select is(test.names(list_workflows(is_favorite => false)), 'Delta,Charlie,alpha', 'others');
select is(list_workflows(is_favorite => true) #> '{workflows,0,is_favorite}', 'true', 'and it says so');
select deploy_workflow(:'a') \g /dev/null
select is(test.names(list_workflows(is_deployed => true)), 'alpha', 'deployed');
select is(test.names(list_workflows(is_deployed => false)), 'Delta,Bravo,Charlie', 'not deployed');
select archive_workflow(:'b') \g /dev/null
select is(test.names(list_workflows(status => '{archived}')), 'Bravo', 'by status');
select is(test.names(list_workflows(status => '{draft,active}', order_by => 'name')), 'alpha,Charlie,Delta', 'or by several');
select is(test.names(list_workflows(order_by => 'name')), 'alpha,Charlie,Delta', 'archived ones only when asked for');
select update_workflow(:'c', is_template => true, template_category => 'sales') \g /dev/null
select is(test.names(list_workflows(is_template => true)), 'Charlie', 'templates');
select is(test.names(list_workflows(is_template => true, template_category => 'legal')), '', 'of a category');

-- pages
select list_workflows(order_by => 'name', page_size => 2, with_total => true) as page \gset
select is(:'page'::jsonb -> 'total', '3', 'the total');
select is(test.names(:'page'), 'alpha,Charlie', 'a page');
select is(test.names(list_workflows(order_by => 'name', page_size => 2, "cursor" => :'page'::jsonb ->> 'next_cursor')), 'Delta', 'the next by cursor');
select is(list_workflows(order_by => 'name', page_size => 2, "cursor" => :'page'::jsonb ->> 'next_cursor') -> 'next_cursor', 'null', 'is the last');
select is(test.names(list_workflows(order_by => 'name', page_size => 2, page_offset => 1)), 'Charlie,Delta', 'or by offset');
select is(list_workflows(page_size => 1) -> 'total', 'null', 'no total unless asked');
select is(test.outcome($$select list_workflows("cursor" => 'x')$$), 'PT422 cursor_invalid', 'a cursor is one of ours');
select is(test.outcome(format('select list_workflows(order_by => ''created_at'', "cursor" => %L)', :'page'::jsonb ->> 'next_cursor')), 'PT422 cursor_invalid', 'of the same order');
select is(test.outcome($$select list_workflows(order_by => 'id; drop table x')$$), 'PT422 order_invalid', 'an order is one of ours');
select is(list_workflows(page_size => 1) #> '{workflows,0}' ? 'definition', false, 'rows are light');
select test.act_as(:'eve') \g /dev/null
select is(list_workflows(with_total => true), '{"workflows": [], "total": 0, "next_cursor": null}', 'others see nothing');
select is(test.outcome(format('select list_workflows(%L)', :'team')), 'PT404 workspace_not_found', 'and no foreign workspace');
select * from finish();
