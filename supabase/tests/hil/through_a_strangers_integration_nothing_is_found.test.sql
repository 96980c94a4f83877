\ir ../helpers.sql
select plan(25);
create function test.ask(parameters jsonb, way text) returns uuid language plpgsql as $$
declare
  v_integration uuid := (select id from integrations i where i.workspace_id = workspaces.default_id()
    and i.provider = case ask.way when 'email' then 'postmark' else ask.way end);
  v_id uuid := test.run(test.workflow(json_build_object('ask', json_build_object('INPUT', jsonb '{"message": "?", "schema": {"properties": {"why": {"type": "string"}}}}' || ask.parameters,
    'credentials', json_build_object(ask.way, v_integration))), 'start>ask'));
begin
  return (select i.id from human_interactions i where i.execution_id = v_id);
end
$$;
-- by way: the token of its message
create function test.sent() returns jsonb language plpgsql security definer as $$
declare
  v_claimed jsonb := hil.claim_messages('s', 20);
begin
  perform hil.finish_messages('s', (select jsonb_agg(jsonb_build_object('id', m ->> 'id', 'status', 'sent', 'external_id',
      case m ->> 'channel' when 'slack' then '1.1' when 'email' then '<m-1@example.com>' end,
    'thread', case m ->> 'channel' when 'slack' then jsonb '{"team": "T1", "channel": "C1", "ts": "1.1", "thread_ts": "1.1"}'
      when 'email' then jsonb '{"message_ids": ["<m-1@example.com>", "<m-1.root@example.com>"]}' end)) from jsonb_array_elements(v_claimed) m));
  return (select jsonb_object_agg(m ->> 'channel', m -> 'token') from jsonb_array_elements(v_claimed) m);
end
$$;
create function test.received(integration uuid, hints jsonb) returns text language sql security definer as $$
  select concat_ws(' ', a ->> 'status', a ->> 'result', a ->> 'code') || case when a ?| '{outcome,decided_by}' or a ->> 'interaction_id' is not null then ' and more' else '' end
  from (select provider from integrations where id = received.integration) i,
    hil.receive(i.provider, received.integration, gen_random_uuid()::text, '{}', null, received.hints || '{"decision": "answer", "data": {"why": "x"}}') a
$$;
create function test.replied(integration uuid, hints jsonb) returns jsonb language sql security definer as $$
  select hil.receive_delivery((select provider from integrations where id = replied.integration), replied.integration, gen_random_uuid()::text, '{}', null, replied.hints, only_replies => true)
$$;
create function test.many(integration uuid, hints jsonb) returns text language plpgsql security definer as $$
declare
  v_id uuid := (hil.store(jsonb_build_array(jsonb_build_object('provider', 'webhook', 'integration_id', many.integration, 'message_id', gen_random_uuid(), 'raw', '{}'::jsonb,
    'hints', many.hints || '{"decision": "answer", "data": {"why": "x"}}')), true) #>> '{0,response_id}')::uuid;
begin
  return hil.process_stored(array[v_id]) #>> '{0,status}';
end
$$;
create function test.form(integration uuid, question uuid) returns jsonb language sql security definer as $$ select hil.form_for(form.integration, form.question, '{"slack": "U1", "channel": "C1"}') $$;
grant execute on all functions in schema test to authenticated;

select test.sign_up('ann') as ann, test.sign_up('eve') as eve \gset
select test.act_as(:'eve') \g /dev/null
select workspaces.default_id() as theirs, test.integration('slack') as slack, test.integration('postmark') as mail, test.integration('webhook', '{"type": "standard_webhooks"}') as hook \gset
select test.act_as(:'ann') \g /dev/null
select test.integration('slack') as own_slack, test.integration('postmark') as own_mail, test.integration('webhook', '{"type": "standard_webhooks"}') as own_hook \gset
select test.ask('{"channel": "slack", "to": "C1", "correlation_id": "o-1"}', 'slack') as s, test.ask('{"channel": "email", "to": "boss@example.com", "correlation_id": "o-2"}', 'email') as m,
  test.ask('{"channel": "webhook", "to": "https://example.com/x", "correlation_id": "o-3"}', 'webhook') as w \gset
select test.sent() as tokens \gset

select is(test.received(:'hook', jsonb_build_object('token', :'tokens'::jsonb -> way)), 'unmatched unmatched', 'the token of a ' || way || ' message, through a webhook') from unnest('{slack,email,webhook}'::text[]) way;
select is(test.received(:'mail', jsonb_build_object('token', :'tokens'::jsonb -> 'email', 'email', jsonb_build_object('from', 'boss@example.com', 'tag', :'tokens'::jsonb -> 'email'))), 'unmatched unmatched', 'its reply address');
select is(test.received(:'hook', jsonb_build_object('action', jsonb_build_object('interaction_id', q, 'value', 'answer'))), 'unmatched unmatched', 'the id of a question') from unnest(array[:'s', :'m', :'w']::uuid[]) q;
select is(test.received(:'slack', jsonb_build_object('action', jsonb_build_object('interaction_id', :'s', 'value', 'answer'), 'slack', jsonb '{"team": "T1", "channel": "C1", "user": "U1"}')), 'unmatched unmatched', 'a button that carries it');
select is(test.received(:'slack', '{"slack": {"team": "T1", "channel": "C1", "thread_ts": "1.1", "user": "U1"}}'), 'unmatched unmatched', 'the thread');
select is(test.received(:'mail', jsonb_build_object('email', jsonb_build_object('from', 'boss@example.com', 'in_reply_to', id, 'references', jsonb_build_array(id)))), 'unmatched unmatched', 'the mail ' || id)
  from unnest('{<m-1@example.com>,<m-1.root@example.com>}'::text[]) id;
select is(test.received(:'mail', '{"email": {"from": "boss@example.com"}}'), 'unmatched unmatched', 'the only question of a sender');
select is(test.received(:'hook', jsonb_build_object('correlation_id', id)), 'unmatched unmatched', 'the asker''s own id ' || id) from unnest('{o-1,o-2,o-3}'::text[]) id;
select is(test.many(:'hook', jsonb_build_object('token', :'tokens'::jsonb -> 'webhook')), 'unmatched', 'of many at once, the token');
select is(test.many(:'hook', jsonb_build_object('action', jsonb_build_object('interaction_id', :'w', 'value', 'answer'))), 'unmatched', 'of many at once, the id');
select is(test.replied(:'slack', '{"slack": {"team": "T1", "channel": "C1", "thread_ts": "1.1", "user": "U1"}, "text": "x"}'), null, 'a stranger''s hook for events keeps nothing of a thread');
select is(test.replied(:'mail', jsonb_build_object('token', :'tokens'::jsonb -> 'email', 'email', jsonb '{"from": "boss@example.com", "in_reply_to": "<m-1@example.com>"}', 'text', 'x')), null, 'nor of a mail');
select is(test.form(:'slack', :'s'), null, 'nor is it shown the form');
select isnt(test.form(:'own_slack', :'s'), null, 'which its own is');

select test.act_as_role('postgres') \g /dev/null
select is((select count(*) from human_interactions where status <> 'pending'), 0::bigint, 'nothing was decided');
select is((select count(*) from hil.tokens where used_at is not null), 0::bigint, 'no token was used');
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select assign_response(%L, %L)', (select id from hil_responses where workspace_id = :'theirs' limit 1), :'m')), 'PT404 interaction_not_found', 'nor may its admin say that it is meant');
select is((select count(*) from hil_responses where workspace_id <> :'theirs') + (select count(*) from pending_interaction_timeouts) + (select count(*) from interaction_metrics), 0::bigint, 'nothing is seen');
select * from finish();
