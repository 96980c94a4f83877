\ir ../helpers.sql
select plan(10);
create function test.received(message text, hints jsonb, integration uuid) returns text language sql security definer as $$
  select concat_ws(' ', a ->> 'status', a ->> 'result') from hil.receive('slack', received.integration, received.message, '{}', null, received.hints) a
$$;
create function test.kept() returns text language sql security definer as $$
  select string_agg(message_id, ', ' order by message_id) from public.hil_responses
$$;
create function test.maintain() returns void language sql security definer as $$ select engine.maintain() $$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann, test.sign_up('bob') as bob \gset
select test.act_as(:'bob') \g /dev/null
select test.integration('slack') as bobs \gset
select test.act_as(:'ann') \g /dev/null
select test.integration('slack') as slack \gset
select set_config('tandem.now', '2026-01-01 00:00:00+00', true) \g /dev/null
select is(test.received('bob''s', '{"text": "hello"}', :'bobs'), 'unmatched', 'a message answers nothing');
select is(test.received('old', '{"text": "hello"}', :'slack'), 'unmatched', 'nor does another''s');
select test.run(test.workflow(json_build_object('ask', jsonb_build_object(
  'APPROVAL', jsonb '{"message": "Go?", "channel": "slack", "to": "C1", "timeout_seconds": 31536000}',
  'credentials', jsonb_build_object('slack', :'slack'))), 'start>ask')) as execution \gset
select id as question from public.human_interactions where execution_id = :'execution' \gset
select is(test.received('answer', jsonb_build_object('slack', jsonb '{"team": "T", "channel": "C1", "user": "U1"}',
  'action', jsonb_build_object('interaction_id', :'question', 'value', 'approve')), :'slack'), 'matched decided', 'one decides');
select set_config('tandem.now', '2026-02-15 00:00:00+00', true) \g /dev/null
select is(test.received('young', '{"text": "hello"}', :'slack'), 'unmatched', 'one comes later');
select test.maintain() \g /dev/null
select is(test.kept(), 'answer, bob''s, old, young', 'all are kept');
update public.workspaces set responses_kept_days = 50 where id = workspaces.default_id();
select test.maintain() \g /dev/null
select is(test.kept(), 'answer, bob''s, old, young', 'as long as the workspace says');
select is(test.outcome('update public.workspaces set responses_kept_days = 29'), '23514', 'which is a month at least');
select is(test.outcome('update public.workspaces set responses_kept_days = 2147483647'), '23514', 'and no time that there never was');
update public.workspaces set responses_kept_days = 30 where id = workspaces.default_id();
select test.maintain() \g /dev/null
select is(test.kept(), 'answer, bob''s, young', 'then what answered nothing goes, of this workspace');
select test.maintain() \g /dev/null
select is(test.kept(), 'answer, bob''s, young', 'once');
select * from finish();
