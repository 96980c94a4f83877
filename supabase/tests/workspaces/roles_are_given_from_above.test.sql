\ir ../helpers.sql
select plan(29);
select test.sign_up('owner') as owner, test.sign_up('admin') as admin, test.sign_up('editor') as editor,
  test.sign_up('viewer') as viewer, test.sign_up('stranger') as stranger \gset
select test.act_as(:'owner') \g /dev/null
select (create_workspace('Team')).id as team \gset
select test.act_as_role('postgres') \g /dev/null
insert into workspace_members (workspace_id, user_id, role)
values (:'team', :'admin', 'admin'), (:'team', :'editor', 'editor'), (:'team', :'viewer', 'viewer');

-- who may what to whom: the error, or ok
create table test.moves (actor uuid, statement text, expected text, why text);
insert into test.moves
select a.actor, format(m.call, :'team', m.target), m.expected, m.why
from (values
  ('viewer', 'select set_member_role(%L, %L, ''owner'')', :'viewer', 'PT403 role_insufficient', 'a viewer does not promote himself'),
  ('viewer', 'select set_member_role(%L, %L, ''viewer'')', :'editor', 'PT403 role_insufficient', 'nor lower others'),
  ('viewer', 'select remove_member(%L, %L)', :'editor', 'PT403 role_insufficient', 'nor remove them'),
  ('viewer', 'select invite_member(%L, ''x@example.com'', ''viewer'')', :'viewer', 'PT403 role_insufficient', 'nor invite'),
  ('editor', 'select set_member_role(%L, %L, ''admin'')', :'editor', 'PT403 role_insufficient', 'an editor does not promote himself'),
  ('editor', 'select remove_member(%L, %L)', :'viewer', 'PT403 role_insufficient', 'nor remove others'),
  ('editor', 'select invite_member(%L, ''x@example.com'', ''viewer'')', :'viewer', 'PT403 role_insufficient', 'nor invite'),
  ('admin', 'select set_member_role(%L, %L, ''owner'')', :'admin', 'PT403 role_insufficient', 'an admin does not make himself owner'),
  ('admin', 'select set_member_role(%L, %L, ''admin'')', :'owner', 'PT403 role_insufficient', 'nor lower an owner'),
  ('admin', 'select remove_member(%L, %L)', :'owner', 'PT403 role_insufficient', 'nor remove one'),
  ('admin', 'select set_member_role(%L, %L, ''owner'')', :'editor', 'PT403 role_insufficient', 'nor make one'),
  ('admin', 'select invite_member(%L, ''x@example.com'', ''owner'')', :'viewer', 'PT403 role_insufficient', 'nor invite one'),
  ('admin', 'select set_member_role(%L, %L, ''admin'')', :'editor', 'ok', 'but makes admins'),
  ('admin', 'select set_member_role(%L, %L, ''editor'')', :'editor', 'ok', 'and lowers them'),
  ('admin', 'select invite_member(%L, ''x@example.com'', ''admin'')', :'viewer', 'ok', 'and invites them'),
  ('admin', 'select set_member_role(%L, %L, ''editor'')', :'stranger', 'PT404 member_not_found', 'who is no member has no role'),
  ('admin', 'select set_member_role(%L, %L, ''chief'')', :'editor', 'PT422 role_unknown', 'and roles are known ones'),
  ('admin', 'select set_member_role(%L, %L, null)', :'editor', 'PT422 role_unknown', 'a role cannot be taken by giving none'),
  ('stranger', 'select set_member_role(%L, %L, ''owner'')', :'stranger', 'PT404 workspace_not_found', 'a stranger finds no workspace'),
  ('stranger', 'select remove_member(%L, %L)', :'viewer', 'PT404 workspace_not_found', 'to remove from'),
  ('stranger', 'select invite_member(%L, ''x@example.com'', ''owner'')', :'stranger', 'PT404 workspace_not_found', 'or to invite to'),
  ('owner', 'select remove_member(%L)', :'owner', 'PT409 last_owner', 'the last owner does not leave'),
  ('owner', 'select set_member_role(%L, %L, ''admin'')', :'owner', 'PT409 last_owner', 'nor step down'),
  ('owner', 'select set_member_role(%L, %L, ''owner'')', :'owner', 'ok', 'but may stay what he is')
) m (name, call, target, expected, why)
join (select :'owner'::uuid as actor, 'owner' as name union all select :'admin', 'admin' union all select :'editor', 'editor'
      union all select :'viewer', 'viewer' union all select :'stranger', 'stranger') a on a.name = m.name;

create function test.move(m test.moves) returns text language plpgsql as $$
declare
  v_got text;
begin
  perform test.act_as(m.actor);
  v_got := test.outcome(m.statement);
  perform test.act_as_role('postgres');
  return is(v_got, m.expected, m.why);
end
$$;
select test.move(m) from test.moves m;
select results_eq(
  format('select role from workspace_members where workspace_id = %L order by 1', :'team'), array['admin', 'editor', 'owner', 'viewer'],
  'nobody''s role has changed by what was refused');

select test.act_as(:'viewer') \g /dev/null
select is((remove_member(:'team')).role, 'viewer', 'anyone else may leave');
select is_empty(format('select from workspaces where id = %L', :'team'), 'and sees the workspace no more');

select test.act_as(:'owner') \g /dev/null
select is((set_member_role(:'team', :'admin', 'owner')).role, 'owner', 'an owner makes owners');
select is((remove_member(:'team')).role, 'owner', 'then the first may go');
select * from finish();
