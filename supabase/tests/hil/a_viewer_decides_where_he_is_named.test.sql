\ir ../helpers.sql
select plan(14);
create function test.ask(assignees json, more json default '{}') returns uuid language plpgsql security definer as $$
declare
  v_id uuid := test.run(test.workflow(json_build_object('ask', json_build_object('APPROVAL',
    jsonb_build_object('message', '?', 'assignees', ask.assignees) || ask.more::jsonb)), 'start>ask'));
begin
  return (select i.id from human_interactions i where i.execution_id = v_id);
end
$$;
create function test.decides(question uuid, who uuid) returns text language plpgsql as $$
begin
  perform test.act_as(decides.who);
  return test.outcome(format('select respond_to_interaction(%L, ''approve'')', decides.question));
end
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann, test.sign_up('ben') as ben, test.sign_up('vic') as vic, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select workspaces.default_id() as space \gset
select test.become_member(:'space', :'ben', 'editor'), test.become_member(:'space', :'vic', 'viewer') \g /dev/null
select is(test.decides(test.ask('[]'), :'vic'), 'PT403 role_insufficient', 'a question for nobody in particular is not for viewers');
select test.act_as(:'ann') \g /dev/null
select is(test.decides(test.ask('[{"role": "editor"}]'), :'vic'), 'PT403 role_insufficient', 'nor is one for editors');
select test.act_as(:'ann') \g /dev/null
select is(test.decides(test.ask('[{"role": "admin"}]'), :'vic'), 'PT403 role_insufficient', 'nor one for admins');
select test.act_as(:'ann') \g /dev/null
select is(test.decides(test.ask(json_build_array(json_build_object('user', :'vic'))), :'vic'), 'ok', 'who is named decides');
select test.act_as(:'ann') \g /dev/null
select is(test.decides(test.ask('[{"email": "VIC@example.com"}]'), :'vic'), 'ok', 'by his address as well');
select test.act_as(:'ann') \g /dev/null
select test.ask('[{"role": "viewer"}]') as q \gset
select test.act_as(:'vic') \g /dev/null
select is(jsonb_path_query_array(list_my_interactions(:'space'), '$.items[*].id'), jsonb_build_array(:'q'), 'the role of viewers names them');
select is(test.decides(:'q', :'vic'), 'ok', 'so each of them decides');
select test.act_as(:'ann') \g /dev/null
select is(test.decides(test.ask('[{"role": "viewer"}]'), :'ben'), 'ok', 'and whoever may more');
select test.act_as(:'ann') \g /dev/null
select is(test.decides(test.ask('[{"role": "viewer"}]'), :'eve'), 'PT404 interaction_not_found', 'but no stranger');
select test.act_as_role('postgres') \g /dev/null
select is(array(select hil.recipients(:'space', 'email', null, '[{"role": "viewer"}]') order by 1), '{ann@example.com,ben@example.com,vic@example.com}',
  'they get the mail');
select is(array(select hil.recipients(:'space', 'email', null, '[{"role": "editor"}]') order by 1), '{ann@example.com,ben@example.com}', 'of editors they do not');
select matches(hil.request_problem('APPROVAL', '{"message": "?", "assignees": [{"role": "boss"}]}'), 'assignees is a list', 'there is no other role to ask');
-- who signed up without an address is not whom an empty one names
select test.act_as_role('postgres') \g /dev/null
insert into auth.users (id, email) values (gen_random_uuid(), '') returning id as nameless \gset
select test.sign_up('host') as host \gset
select test.act_as(:'host') \g /dev/null
select test.become_member(workspaces.default_id(), :'nameless', 'viewer') \g /dev/null
select test.run(test.workflow('{"ask": {"APPROVAL": {"message": "?", "assignees": [{"email": "{{ $.input.who }}"}]}}}', 'start>ask'), '{"who": ""}') as id \gset
select id as q from human_interactions where execution_id = :'id' \gset
select test.act_as(:'nameless') \g /dev/null
select is(test.outcome(format('select respond_to_interaction(%L, ''approve'')', :'q')), 'PT403 role_insufficient', 'an empty address names nobody');
select is((select status from human_interactions where id = :'q'), 'pending', 'and nothing is decided');
select * from finish();
