\ir ../helpers.sql
select plan(10);
create function test.problems(node jsonb) returns text language sql as $$
  select string_agg(d ->> 'code' || ' ' || regexp_replace(d ->> 'path', '^\$\.nodes\[1\]\.', ''), ', ' order by d ->> 'path')
  from jsonb_array_elements(validate_definition(test.definition(json_build_object('ask', problems.node), 'start>ask'), workspaces.default_id()) -> 'diagnostics') d
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.integration('slack') as slack \gset
select is(test.problems('{"APPROVAL": {"message": "?"}}'), null, 'in the app a question needs words only');
select is(test.problems('{"APPROVAL": {}}'), 'parameter_missing parameters.message', 'but those');
select is(test.problems('{"APPROVAL": {"message": "?", "channel": "slack", "to": "C1"}}'), 'credentials_missing credentials.slack', 'Slack needs an integration');
select is(test.problems('{"APPROVAL": {"message": "?", "escalation": {"after_seconds": 5, "channel": "email", "to": "a@b.example"}}}'), 'credentials_missing credentials.email', 'so does the escalation''s channel');
select is(test.problems(jsonb_build_object('APPROVAL', jsonb '{"message": "?", "channel": "slack", "to": "C1"}', 'credentials', jsonb_build_object('slack', :'slack'))), null, 'with it nothing is missing');
select is(test.problems(jsonb_build_object('APPROVAL', jsonb '{"message": "?", "channel": "slack"}', 'credentials', jsonb_build_object('slack', :'slack'))), 'parameter_missing parameters.to', 'but whom it goes to');
select is(test.problems('{"APPROVAL": {"message": "?", "channel": "{{ $.input.c }}"}}'), 'parameter_value parameters.channel', 'the channel is fixed');
select is(test.problems('{"INPUT": {"message": "?"}}'), 'parameter_missing parameters.schema', 'a form needs its fields');
select is(test.problems('{"SELECTION": {"message": "?", "options": []}}'), 'parameter_value parameters.options', 'a selection something to select');
select is(test.problems('{"REVIEW": {"message": "?", "allow": ["dance"]}}'), 'parameter_value parameters.allow[0]', 'a review what can be done');
select * from finish();
