\ir ../helpers.sql
select plan(17);
create function test.conflict(statement text) returns jsonb language plpgsql as $$
declare
  v_hint text;
begin
  execute statement;
  return null;
exception when sqlstate 'PT409' then
  get stacked diagnostics v_hint = pg_exception_hint;
  return v_hint::jsonb;
end
$$;
grant execute on function test.conflict(text) to authenticated;
select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"a": {"NOOP": {}}}', 'start>a') as id \gset
select is((update_workflow(:'id', revision => 1, name => 'One')).revision, 2, 'who saw the latest saves');
select is(test.outcome(format('select update_workflow(%L, revision => 1, name => ''Two'')', :'id')), 'PT409 workflow_changed', 'who saw an older one does not');
select is(test.conflict(format('select update_workflow(%L, revision => 1, name => ''Two'')', :'id')) - '{hint,updated_at}'::text[],
  '{"current_version": 1, "revision": 2}', 'and is told the current one');
select isnt(test.conflict(format('select update_workflow(%L, revision => 1, name => ''Two'')', :'id')) ->> 'updated_at', null, 'and since when');
select is((select name from workflows where id = :'id'), 'One', 'nothing changed');
select is((update_workflow(:'id', name => 'Two')).revision, 3, 'who names no revision saves over it');
select is(test.outcome(format('select create_workflow_version(%L, revision => 1)', :'id')), 'PT409 workflow_changed', 'a next version too');
select is(test.outcome(format('select restore_workflow_version(%L, 1, revision => 1)', :'id')), 'PT409 workflow_changed', 'and a restored one');
update workflows set name = 'Three' where id = :'id' \g /dev/null
select is((select revision from workflows where id = :'id'), 4, 'a name that is changed without a verb counts');
update workflows set name = 'Three' where id = :'id' \g /dev/null
select is((select revision from workflows where id = :'id'), 4, 'the same name does not');
select deploy_workflow(:'id'), pause_workflow(:'id'), activate_workflow(:'id'), set_favorite(:'id') \g /dev/null
select is((select revision from workflows where id = :'id'), 4, 'nor do deploying, pausing, favorites');
select is((update_workflow(:'id', description => 'd', tags => '{b,a,b," "}', folder => ' /ops / mail/', icon_url => '/i.svg')).tags, '{b,a}'::text[], 'tags are kept once, in order');
select is((select folder from workflows where id = :'id'), 'ops/mail', 'a folder is a path');
select results_eq(format('select description, folder, icon_url, tags from update_workflow(%L, description => '''', folder => ''/'', icon_url => '''', tags => ''{}'')', :'id'),
  $$values (null::text, null::text, null::text, '{}'::text[])$$, 'empty values take a field away');
select is(test.outcome(format('select update_workflow(%L, icon_url => ''javascript:alert(1)'')', :'id')), 'PT422 workflow_invalid', 'an icon is a picture''s address');
select is(test.outcome(format('select update_workflow(%L, folder => %L)', :'id', repeat('x', 501))), 'PT422 folder_invalid', 'a folder has 500 characters at most');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select update_workflow(%L, revision => 1, name => ''Mine'')', :'id')), 'PT404 workflow_not_found', 'another''s workflow is not there');
select * from finish();
