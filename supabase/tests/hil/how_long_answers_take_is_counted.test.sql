\ir ../helpers.sql
select plan(10);
create function test.ask(flow uuid) returns uuid language plpgsql security definer as $$
declare
  v_id uuid := test.run(ask.flow);
begin
  return (select i.id from human_interactions i where i.execution_id = v_id);
end
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann, test.sign_up('ben') as ben, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select workspaces.default_id() as space \gset
select test.become_member(:'space', :'ben', 'editor') \g /dev/null
select set_config('tandem.now', '2027-01-01 10:00:00+00', true) \g /dev/null
select test.workflow('{"ask": {"APPROVAL": {"message": "?", "title": "Refund", "timeout_seconds": 600, "priority": "high"}}}', 'start>ask') as flow \gset
select test.ask(:'flow') as q1, test.ask(:'flow') as q2, test.ask(:'flow') as q3, test.ask(:'flow') as q4, test.ask(:'flow') as q5 \gset
select results_eq('select title, seconds_left::int, timeout_action, priority from pending_interaction_timeouts', $$select 'Refund', 600, 'continue', 'high' from generate_series(1, 5)$$, 'what waits says how long it may');
select set_config('tandem.now', '2027-01-01 10:00:10+00', true) \g /dev/null
select respond_to_interaction(:'q1', 'approve') \g /dev/null
select set_config('tandem.now', '2027-01-01 10:00:30+00', true) \g /dev/null
select respond_to_interaction(:'q2', 'reject') \g /dev/null
select test.act_as(:'ben') \g /dev/null
select set_config('tandem.now', '2027-01-01 10:02:00+00', true) \g /dev/null
select respond_to_interaction(:'q3', 'approve') \g /dev/null
select set_config('tandem.now', '2027-01-01 10:09:50+00', true) \g /dev/null
select is((select array_agg(seconds_left::int) from pending_interaction_timeouts where seconds_left < 60), '{10,10}', 'the rest is about to run out');
select is((select id from pending_interaction_timeouts order by timeout_at, id limit 1), :'q4', 'the next first');
select test.act_as(:'ann') \g /dev/null
select cancel_interaction(:'q4') \g /dev/null
select results_eq(format('select assignee, answers, approved, rejected, answered, average_seconds::numeric, median_seconds::numeric from interaction_metrics where workspace_id = %L order by answers desc', :'space'),
  format($$values (%L, 2::bigint, 1::bigint, 1::bigint, 0::bigint, 20.0::numeric, 20.0::numeric), (%L, 1::bigint, 1::bigint, 0::bigint, 0::bigint, 120.0, 120.0)$$, 'user:' || :'ann', 'user:' || :'ben'),
  'answers are counted by who gave them, with the time that they took');
select is((select distinct channel_type from interaction_metrics), 'in_app', 'and by the way in which they were asked for');
select is((select p95_seconds::numeric from interaction_metrics where assignee = 'user:' || :'ann'), 29.0::numeric, 'most of them took no longer than this');
select is((select max(last_answer_at) from interaction_metrics), timestamptz '2027-01-01 10:02:00+00', 'the last one was then');
select test.act_as(:'eve') \g /dev/null
select is_empty('select * from interaction_metrics', 'a stranger sees none of it');
select is_empty('select * from pending_interaction_timeouts', 'nor what waits');
select is_empty('select test.violations()', 'no invariant is broken');
select * from finish();
