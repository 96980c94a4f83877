\ir ../helpers.sql
select plan(24);
select test.sign_up('ann') as ann, test.sign_up('bob') as bob, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select (create_workspace('Team')).id as team \gset
select test.become_member(:'team', :'bob', 'viewer') \g /dev/null
select (create_workflow('a', folder => 'ops/mail/in', tags => '{x,y}')).id as a \gset
select create_workflow('b', folder => 'ops', tags => '{x}'), create_workflow('c') \g /dev/null
select (create_workflow('d', folder => 'sales', tags => '{z}', workspace_id => :'team')).id as d \gset
select results_eq('select * from list_folders()', $$values ('ops', 1::bigint, 2::bigint), ('ops/mail', 0, 1), ('ops/mail/in', 1, 1), ('sales', 1, 1)$$, 'folders, with those that only lead to others');
select results_eq(format('select * from list_folders(%L)', :'team'), $$values ('sales', 1::bigint, 1::bigint)$$, 'of one workspace');
select results_eq('select * from list_tags()', $$values ('x', 2::bigint), ('y', 1), ('z', 1)$$, 'tags');
select archive_workflow(:'a') \g /dev/null
select results_eq('select * from list_tags()', $$values ('x', 1::bigint), ('z', 1)$$, 'without archived workflows');
select is(test.outcome(format('update workflows set folder = ''a//b'' where id = %L', :'d')), '23514', 'a folder is a path, whoever writes it');

select is(set_favorite(:'d'), true, 'a favorite');
select is(set_favorite(:'d'), true, 'is one when it is set again');
select is(get_workflow(:'d') -> 'is_favorite', 'true', 'and known as one');
select test.act_as(:'bob') \g /dev/null
select is(get_workflow(:'d') -> 'is_favorite', 'false', 'it is not everybody''s');
select is_empty('select * from workflow_favorites', 'and nobody else sees it');
select is(set_favorite(:'d'), true, 'a viewer has his own');
select is(set_favorite(:'d', false), false, 'and takes it back');
select test.act_as(:'ann') \g /dev/null
select is((select count(*) from workflow_favorites), 1::bigint, 'the other''s stays');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select set_favorite(%L)', :'d')), 'PT404 workflow_not_found', 'what is not there is no favorite');
select test.act_as_role('service_role') \g /dev/null
select is(test.outcome(format('select set_favorite(%L)', :'d')), 'PT422 user_needed', 'a favorite is a user''s');

select test.act_as(:'ann') \g /dev/null
select (create_session('chat', ' Plans ', '{"model": "m"}', :'team')).id as session \gset
select results_eq(format('select session_type, title, metadata, user_id from sessions where id = %L', :'session'),
  format('values (''chat'', ''Plans'', jsonb ''{"model": "m"}'', %L::uuid)', :'ann'), 'a session');
select is((update_session(:'session', title => 'Other')).metadata, '{"model": "m"}', 'is changed in part');
select is(test.outcome($$select create_session('talk')$$), 'PT422 session_invalid', 'of a known type');
select is(test.outcome(format('select create_workflow(''x'', session_id => %L)', :'session')), 'PT404 session_not_found', 'a workflow comes from a session of its workspace');
select (create_workflow('y', session_id => :'session', workspace_id => :'team')).id as y \gset
select test.act_as(:'bob') \g /dev/null
select is((select title from sessions where id = :'session'), 'Other', 'members read it');
select is(test.outcome(format('select update_session(%L, title => ''Mine'')', :'session')), 'PT403 role_insufficient', 'but do not write it');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select delete_session(%L)', :'session')), 'PT404 session_not_found', 'others do not see it');
select test.act_as(:'ann') \g /dev/null
select delete_session(:'session') \g /dev/null
select is((select session_id from workflows where id = :'y'), null, 'a session goes without its workflows');
select is((select workspace_id from workflows where id = :'y'), :'team'::uuid, 'which stay where they are');
select * from finish();
