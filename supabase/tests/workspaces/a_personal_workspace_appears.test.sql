-- At sign-up, or on first need; and sign-up never fails because of it.
\ir ../helpers.sql
select plan(10);
select test.sign_up('ann') as ann \gset
select test.sign_up('bob') as bob \gset

select is((select count(*) from workspaces where personal_for = :'ann'), 1::bigint, 'one at sign-up');
select is((select name from workspaces where personal_for = :'ann'), 'ann''s workspace', 'named after its owner');
select is((select role from workspace_members where user_id = :'ann'), 'owner', 'whose role is owner');

-- whoever was there before
delete from workspaces where personal_for = :'bob';
select test.act_as(:'bob') \g /dev/null
select isnt(workspaces.default_id(), null, 'made on first need');
select is(workspaces.default_id(), (select id from workspaces), 'and not again on the next');
select isnt((create_workflow('first')).workspace_id, null, 'a verb that needs one makes it');

-- who hands the personal workspace over and leaves it gets another on the next need
select test.act_as_role('postgres') \g /dev/null
select test.sign_up('leaver') as leaver, test.sign_up('heir') as heir \gset
insert into workspace_members (workspace_id, user_id, role) select id, :'heir', 'owner' from workspaces where personal_for = :'leaver';
select test.act_as(:'leaver') \g /dev/null
select workspaces.default_id() as handed_over \gset
select remove_member(:'handed_over') \g /dev/null
select isnt((create_workflow('after')).workspace_id, :'handed_over'::uuid, 'who left it gets a new one');

select test.act_as_role('service_role') \g /dev/null
select is(workspaces.default_id(), null, 'no user, no personal workspace');

-- whatever goes wrong with the workspace, the account is made
select test.act_as_role('postgres') \g /dev/null
alter table workspaces add constraint no_more check (personal_for is null) not valid;
set local client_min_messages = error;
select lives_ok($$select test.sign_up('cat')$$, 'sign-up never fails');
select is((select count(*) from auth.users where email = 'cat@example.com'), 1::bigint, 'and the account is there');
select * from finish();
