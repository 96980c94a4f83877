\ir ../helpers.sql
select plan(28);
select test.sign_up('owner') as owner, test.sign_up('guest') as guest, test.sign_up('other') as other,
  test.sign_up('third') as third \gset

select test.act_as(:'owner') \g /dev/null
select (create_workspace('  Team ')).id as team \gset
select is((select name from workspaces where id = :'team'), 'Team', 'a workspace is made, its name trimmed');
select is((select role from workspace_members where workspace_id = :'team'), 'owner', 'its maker owns it');
select is(test.outcome($$select create_workspace(' ')$$), 'PT422 name_invalid', 'a name is needed');
select is(test.outcome(format('select create_workspace(%L)', repeat('x', 201))), 'PT422 name_invalid', 'of 200 characters at most');

select is(test.outcome(format($$select invite_member(%L, 'no address')$$, :'team')), 'PT422 email_invalid', 'no address, no invitation');
select is(test.outcome(format($$select invite_member(%L, 'a@example.com', 'king')$$, :'team')), 'PT422 role_unknown', 'no such role');
select is(test.outcome(format($$select invite_member(%L, 'a@example.com', null)$$, :'team')), 'PT422 role_unknown', 'no role at all');

select invite_member(:'team', 'Guest@Example.com', 'editor') as invitation \gset
select :'invitation'::jsonb ->> 'token' as token \gset
select is(:'invitation'::jsonb ->> 'email', 'guest@example.com', 'addresses are compared in lower case');
select ok(:'token' ~ '^[0-9a-f]{64}$', 'the token is long');

select test.act_as(:'other') \g /dev/null
select is(test.outcome(format('select accept_invitation(%L)', :'token')), 'PT404 invitation_not_found', 'it is not for another address');
select is(test.outcome($$select accept_invitation('guess')$$), 'PT404 invitation_not_found', 'a wrong token answers the same');
select is(test.outcome($$select accept_invitation(null)$$), 'PT404 invitation_not_found', 'and none');
select is_empty(format('select from workspaces where id = %L', :'team'), 'so the workspace stays unseen');

select test.act_as(:'guest') \g /dev/null
select is((accept_invitation(:'token')).role, 'editor', 'the invited person joins');
select is(test.outcome(format('select accept_invitation(%L)', :'token')), 'PT404 invitation_not_found', 'a token works once');
select is_empty('select id from workspace_invitations', 'editors do not see invitations');

-- one for a lower role changes nothing, one for a higher role raises
select test.act_as(:'owner') \g /dev/null
select invite_member(:'team', 'guest@example.com', 'viewer') ->> 'token' as lower,
  invite_member(:'team', 'guest@example.com', 'admin') ->> 'token' as higher,
  invite_member(:'team', 'other@example.com') ->> 'token' as late \gset
select is((select count(*) from (select id, accepted_at from workspace_invitations) i), 4::bigint, 'admins see them');
select test.act_as(:'guest') \g /dev/null
select is((accept_invitation(:'lower')).role, 'editor', 'an invitation never lowers a role');
select is((accept_invitation(:'higher')).role, 'admin', 'but raises it');

select test.move_clock('7 days 1 second') \g /dev/null
select test.act_as(:'other') \g /dev/null
select is(test.outcome(format('select accept_invitation(%L)', :'late')), 'PT404 invitation_not_found', 'it expires after a week');
select test.move_clock('-2 seconds') \g /dev/null
select is((accept_invitation(:'late')).role, 'editor', 'and not before');

-- an open one can be taken back, and does not outlive the rights of who wrote it
select test.move_clock('-6 days') \g /dev/null
select test.act_as(:'owner') \g /dev/null
select invite_member(:'team', 'third@example.com') as taken_back \gset
select test.act_as(:'other') \g /dev/null
select is(test.outcome(format('select revoke_invitation(%L)', :'taken_back'::jsonb ->> 'id')), 'PT403 role_insufficient', 'editors take none back');
select test.act_as(:'guest') \g /dev/null
select is(test.outcome(format('select revoke_invitation(%L)', :'taken_back'::jsonb ->> 'id')), 'ok', 'an admin does');
select is(test.outcome(format('select revoke_invitation(%L)', :'taken_back'::jsonb ->> 'id')), 'PT404 invitation_not_found', 'once');
select invite_member(:'team', 'third@example.com', 'admin') ->> 'token' as by_admin, invite_member(:'team', 'guest@example.com', 'admin') ->> 'token' as for_myself \gset
select test.act_as(:'third') \g /dev/null
select is(test.outcome(format('select accept_invitation(%L)', :'taken_back'::jsonb ->> 'token')), 'PT404 invitation_not_found', 'its token is worth nothing');
select test.act_as(:'owner') \g /dev/null
select remove_member(:'team', :'guest') \g /dev/null
select test.act_as(:'third') \g /dev/null
select is(test.outcome(format('select accept_invitation(%L)', :'by_admin')), 'PT404 invitation_not_found', 'what a removed admin wrote is void');
select test.act_as(:'guest') \g /dev/null
select is(test.outcome(format('select accept_invitation(%L)', :'for_myself')), 'PT404 invitation_not_found', 'so is the way back in');
select is_empty(format('select from workspaces where id = %L', :'team'), 'who was removed stays out');
select * from finish();
