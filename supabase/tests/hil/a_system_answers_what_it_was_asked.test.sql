\ir ../helpers.sql
select plan(7);
create function test.ask(parameters jsonb, integration uuid) returns uuid language plpgsql security definer as $$
declare
  v_id uuid := test.run(test.workflow(json_build_object('ask', json_build_object('APPROVAL', jsonb '{"message": "?"}' || ask.parameters,
    'credentials', json_build_object('webhook', ask.integration))), 'start>ask'));
begin
  return (select i.id from human_interactions i where i.execution_id = v_id);
end
$$;
create function test.answered(question uuid, integration uuid) returns text language sql security definer as $$
  select concat_ws(' ', a ->> 'status', a ->> 'result', a ->> 'code') from hil.receive('webhook', answered.integration, gen_random_uuid()::text, '{}', null,
    jsonb_build_object('action', jsonb_build_object('interaction_id', answered.question, 'value', 'approve'), 'decision', 'approve')) a
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'eve') \g /dev/null
select test.integration('webhook', '{"type": "standard_webhooks"}') as theirs \gset
select test.act_as(:'ann') \g /dev/null
select test.integration('webhook', '{"type": "standard_webhooks"}') as hook \gset
select (integrations.create(null, 'webhook', 'another', null, '{"type": "standard_webhooks"}', jsonb_build_object('signing', 'gAAAAA' || repeat('x', 94)))).id as other \gset
select test.ask('{"channel": "webhook", "to": "https://example.com/x"}', :'hook') as q \gset
select is(test.answered(:'q', :'theirs'), 'unmatched unmatched', 'to a stranger''s webhook there is no such question');
select is(test.answered(:'q', :'other'), 'error forbidden role_insufficient', 'through another webhook it was not asked');
select is(test.answered(:'q', :'hook'), 'matched decided', 'through its own it was: the question''s id is enough');
select test.ask('{"channel": "webhook", "to": "https://example.com/x", "assignees": [{"role": "admin"}]}', :'hook') as q \gset
select is(test.answered(:'q', :'hook'), 'error forbidden role_insufficient', 'where people are asked a system does not answer');
select test.ask('{"channel": "in_app"}', :'hook') as q \gset
select is(test.answered(:'q', :'hook'), 'error forbidden role_insufficient', 'nor what was asked otherwise');
select is((select status from human_interactions where id = :'q'), 'pending', 'it is still open');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
