\ir ../helpers.sql
select plan(7);
select test.sign_up('owner') as owner, test.sign_up('early') as early, test.sign_up('late') as late, test.sign_up('admin') as admin \gset
select test.act_as(:'owner') \g /dev/null
select (create_workspace('Team')).id as team, (create_workspace('Alone')).id as alone \gset
select (create_workflow('kept', workspace_id => :'team')).id as kept \gset
select test.act_as_role('postgres') \g /dev/null
insert into workspace_members (workspace_id, user_id, role, created_at) values
  (:'team', :'late', 'editor', now() + interval '2 s'), (:'team', :'early', 'editor', now() + interval '1 s');

delete from auth.users where id = :'owner';
select results_eq(format('select user_id from workspace_members where workspace_id = %L and role = ''owner''', :'team'), array[:'early'::uuid],
  'the longest-standing of the highest role inherits');
select is((select count(*) from workspace_members where workspace_id = :'team'), 2::bigint, 'the others stay');
select is((select name from workflows where id = :'kept'), 'kept', 'what the owner made stays with the workspace');
select is((select user_id from workflows where id = :'kept'), null, 'without the person');
select is((select count(*) from workspaces where id = :'alone'), 1::bigint, 'a workspace without members is left to the operator');

insert into workspace_members (workspace_id, user_id, role) values (:'team', :'admin', 'admin');
delete from auth.users where id = :'early';
select is((select role from workspace_members where user_id = :'admin' and workspace_id = :'team'), 'owner', 'a higher role goes before a longer stay');
delete from auth.users where id = :'late';
select is((select count(*) from workspace_members where workspace_id = :'team' and role = 'owner'), 1::bigint, 'a member who was no owner leaves no gap');
select * from finish();
