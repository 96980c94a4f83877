\ir ../helpers.sql
select plan(13);
create function test.sent() returns jsonb language plpgsql security definer as $$
declare
  v_claimed jsonb;
begin
  perform engine.tick();
  v_claimed := hil.claim_messages('s', 10);
  perform hil.finish_messages('s', (select jsonb_agg(jsonb_build_object('id', m ->> 'id', 'status', 'sent', 'external_id', m ->> 'id')) from jsonb_array_elements(v_claimed) m));
  return (select coalesce(jsonb_agg(concat_ws(' ', m ->> 'kind', m ->> 'channel', m ->> 'recipient') order by m ->> 'recipient'), '[]') from jsonb_array_elements(v_claimed) m);
end
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.move_clock('0') \g /dev/null
select test.integration('slack') as slack, test.integration('resend') as mail \gset
select test.run(test.workflow(json_build_object('ask', json_build_object('APPROVAL', json '{"message": "?", "channel": "slack", "to": "C1", "assignees": [{"slack": "U1"}], "reminders": [60, 120, 400], "escalation": {"after_seconds": 300, "channel": "email", "to": "head@example.com"}, "timeout_seconds": 600}',
  'credentials', json_build_object('slack', :'slack', 'email', :'mail'))), 'start>ask')) as id \gset
select id as q from human_interactions where execution_id = :'id' \gset
select test.act_as_role('postgres') \g /dev/null
select is(test.sent(), '["request slack C1", "request slack U1"]', 'the channel and the assignee are asked');
select test.move_clock('59 s') \g /dev/null
select is(test.sent(), '[]', 'before its time nobody is reminded');
select is(hil.may_decide(i, '{"email": "head@example.com"}'), false, 'and who is not asked yet does not decide') from human_interactions i where i.id = :'q';
select test.move_clock('1 s') \g /dev/null
select is(test.sent(), '["reminder slack C1", "reminder slack U1"]', 'then they are');
select is(test.sent(), '[]', 'once');
select test.move_clock('190 s') \g /dev/null
select is(test.sent(), '["reminder slack C1", "reminder slack U1"]', 'a reminder that was late comes late');
select test.move_clock('50 s') \g /dev/null
select is(test.sent(), '["escalation email head@example.com"]', 'then others are asked');
select is(hil.may_decide(i, '{"email": "head@example.com"}'), true, 'who may decide now') from human_interactions i where i.id = :'q';
select is(hil.may_decide(i, '{"slack": "U1"}'), true, 'like those before') from human_interactions i where i.id = :'q';
select test.move_clock('299 s') \g /dev/null
select engine.tick() \g /dev/null
select is((test.execution(:'id')).status, 'WAITING_FOR_HUMAN', 'it waits until its time is over');
select test.move_clock('1 s') \g /dev/null
select test.sent() \g /dev/null
select is((test.execution(:'id')).status, 'SUCCESS', 'and not longer');
select results_eq(format('select kind, recipient from hil.messages where interaction_id = %L and kind = ''decided'' order by 2', :'q'), $$values ('decided', 'C1'), ('decided', 'U1'), ('decided', 'head@example.com')$$, 'all who were asked are told');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
