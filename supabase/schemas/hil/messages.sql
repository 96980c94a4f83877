-- What is to be sent, written with what it tells of: a sender takes it from here and says how it went.
create table hil.messages (
  id uuid primary key default platform.uuid7(),
  workspace_id uuid not null,
  interaction_id uuid not null,
  kind text not null,
  channel text not null,
  integration_id uuid,
  -- a Slack channel or user, an email address, a URL
  recipient text not null,
  content jsonb not null,
  -- decided: the message that it follows
  follows uuid,
  status text not null default 'pending',
  attempt int not null default 0,
  due_at timestamptz not null,
  worker_id text,
  lease_until timestamptz,
  sent_at timestamptz,
  -- the provider's id: Message-ID, a Slack timestamp
  external_id text,
  -- Slack: {team, channel, ts, thread_ts}
  thread jsonb,
  error jsonb,
  created_at timestamptz not null default clock_timestamp(),
  constraint a_message_belongs_to_its_interaction foreign key (workspace_id, interaction_id)
    references public.human_interactions (workspace_id, id) on delete cascade,
  constraint a_kind_is_known check (kind in ('request', 'reminder', 'escalation', 'decided', 'notice')),
  constraint a_channel_is_known check (channel in ('slack', 'email', 'webhook')),
  constraint a_status_is_known check (status in ('pending', 'sent', 'failed')),
  constraint only_a_decision_follows check ((kind = 'decided') = (follows is not null))
) with (fillfactor = 80);
comment on table hil.messages is 'Messages to be sent and how that went: the outbox of interactions.';
-- the sender: what is due
create index messages_due on hil.messages (due_at) where status = 'pending';
-- of an interaction, and the foreign key
create index messages_of_interaction on hil.messages (interaction_id, workspace_id);
-- an answer by mail, or in a thread
create index messages_external on hil.messages (external_id, integration_id) where external_id is not null;
-- an answer by mail to a message whose id the provider replaced: what it referred to is still there
create index messages_mail_ids on hil.messages using gin ((thread -> 'message_ids')) where channel = 'email';
create index messages_recipient on hil.messages (workspace_id, channel, lower(recipient));
alter table hil.messages enable row level security;
-- no policy and no grant: the sender's connection

-- Single-use links. The token itself is made when a message is sent and is nowhere else.
create table hil.tokens (
  token_hash bytea primary key,
  interaction_id uuid not null references public.human_interactions (id) on delete cascade,
  -- whom it was sent to: {email} | {slack} | {webhook}
  assignee jsonb not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  -- others were asked instead
  revoked_at timestamptz
);
comment on table hil.tokens is 'Hashes of the tokens in links and reply addresses.';
-- those of an interaction, and the foreign key
create index tokens_of_interaction on hil.tokens (interaction_id);
alter table hil.tokens enable row level security;
-- no policy and no grant: the functions' connection

-- 256 random bits in 52 letters and digits: they fit the local part of an address, which may lose its case.
create function hil.new_token(interaction public.human_interactions, assignee jsonb)
returns text
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  c_alphabet constant text := 'abcdefghijklmnopqrstuvwxyz234567';
  v_bits bit varying := ('x' || encode(sha256(
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex')
    )::bit(256) || B'0000';
  v_token text := '';
begin
  for i in 0 .. 51 loop
    v_token := v_token || substr(c_alphabet, 1 + substring(v_bits from i * 5 + 1 for 5)::bit(5)::int, 1);
  end loop;
  insert into hil.tokens (token_hash, interaction_id, assignee, expires_at)
  values (hil.hash_of(v_token), interaction.id, new_token.assignee, interaction.timeout_at);
  return v_token;
end
$$;
comment on function hil.new_token(public.human_interactions, jsonb) is
  'A token for a link, shown once; its hash is kept.';

create function hil.hash_of(token text)
returns bytea
language sql
immutable
set search_path = ''
as $$
  select sha256(convert_to(lower(hash_of.token), 'UTF8'))
$$;
comment on function hil.hash_of(text) is 'What is kept of a token.';

-- Who gets the message: whom the node names, and the assignees that the channel reaches.
create function hil.recipients(
  workspace_id uuid, channel text, addressee text, assignees jsonb
)
returns setof text
language sql
stable
security definer
set search_path = ''
as $$
  select distinct r.recipient from (
    select nullif(btrim(recipients.addressee), '')
    union all
    select case recipients.channel when 'slack' then a ->> 'slack' when 'email' then lower(a ->> 'email') end
    from jsonb_array_elements(recipients.assignees) a
    union all
    select lower(u.email)
    from jsonb_array_elements(recipients.assignees) a
    join public.workspace_members m on m.workspace_id = recipients.workspace_id
      and (m.user_id::text = a ->> 'user'
        or workspaces.rank(m.role) >= hil.rank_asked(a ->> 'role'))
    join auth.users u on u.id = m.user_id
    -- with an address of its own the message goes there, and the members find it in the app
    where recipients.channel = 'email' and recipients.addressee is null
  ) r (recipient)
  where r.recipient is not null
  limit 50
$$;
comment on function hil.recipients(uuid, text, text, jsonb) is 'Whom a message goes to.';

create function hil.write_messages(
  interaction public.human_interactions, kind text, channel text, addressee text,
  assignees jsonb, at timestamptz
)
returns void
language sql
volatile
security definer
set search_path = ''
as $$
  insert into hil.messages (
    workspace_id, interaction_id, kind, channel, integration_id, recipient, content, due_at)
  select interaction.workspace_id, interaction.id, write_messages.kind, write_messages.channel,
    (interaction.credentials ->> write_messages.channel)::uuid, r,
    hil.content_of(interaction) || case write_messages.kind
      when 'escalation' then jsonb_build_object('escalated_from', hil.asked_before(interaction))
      else '{}' end,
    write_messages.at
  from hil.recipients(interaction.workspace_id, write_messages.channel, write_messages.addressee,
    write_messages.assignees) r
  where write_messages.channel <> 'in_app'
$$;
comment on function hil.write_messages(public.human_interactions, text, text, text, jsonb, timestamptz) is
  'Put messages of an interaction into the outbox.';

-- A member by name, where there is one.
create function hil.name_of(by jsonb)
returns text
language plpgsql  -- which keeps the plan
stable
security definer
set search_path = ''
as $$
begin
  return (
    select coalesce(nullif(u.raw_user_meta_data ->> 'full_name', ''), u.email) from auth.users u
    where u.id::text = name_of.by ->> 'user');
end
$$;
comment on function hil.name_of(jsonb) is 'What a member is called; null of others.';

-- For those who are asked next.
create function hil.asked_before(interaction public.human_interactions)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select left(coalesce(
    string_agg(coalesce(hil.name_of(a), a ->> 'email', 'Slack ' || (a ->> 'slack'),
      'The role ' || (a ->> 'role')), ', '
      order by o),
    case interaction.channel_type
      when 'email' then interaction.request_data ->> 'to'
      when 'slack' then 'Slack ' || (interaction.request_data ->> 'to')
      when 'webhook' then 'A system'
      else 'The editors' end), 200)
  from jsonb_array_elements(interaction.assignees) with ordinality u (a, o)
$$;
comment on function hil.asked_before(public.human_interactions) is
  'Who was asked before the escalation, for people.';

-- By all the ids that a mail names: the one that was sent may have been replaced by the provider's own.
create function hil.mails_answered(email jsonb)
returns setof hil.messages
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_ids text[] := array(
    select btrim(r, '<> ') from regexp_split_to_table(coalesce(email ->> 'in_reply_to', ''), '[\s,]+') r
    union
    select btrim(r, '<> ') from jsonb_array_elements_text(case jsonb_typeof(email -> 'references')
      when 'array' then email -> 'references'
      else to_jsonb(regexp_split_to_array(coalesce(email ->> 'references', ''), '[\s,]+')) end) r
    except select '');
begin
  return query
    select m.* from hil.messages m
    where m.external_id = any (v_ids) and m.channel = 'email'
    union
    select m.* from hil.messages m
    where m.channel = 'email' and m.thread -> 'message_ids'
      ?| array(select format('<%s>', r) from unnest(v_ids) r);
end
$$;
comment on function hil.mails_answered(jsonb) is
  'Messages that the In-Reply-To and References of a mail name.';

create function hil.content_of(interaction public.human_interactions)
returns jsonb
language plpgsql  -- which keeps the plan
stable
security definer
set search_path = ''
as $$
begin
  return jsonb_strip_nulls(jsonb_build_object(
      'interaction_id', interaction.id, 'type', interaction.interaction_type,
      'priority', interaction.priority,
      'title', interaction.request_data -> 'title', 'message', interaction.request_data -> 'message',
      'data', interaction.request_data -> 'data', 'schema', interaction.request_data -> 'schema',
      'options', interaction.request_data -> 'options', 'multiple', interaction.request_data -> 'multiple',
      'allow', interaction.request_data -> 'allow', 'quorum', interaction.quorum,
      'created_at', interaction.created_at, 'timeout_at', interaction.timeout_at,
      'workflow_id', interaction.workflow_id, 'execution_id', interaction.execution_id,
      'node_id', interaction.node_id, 'correlation_id', interaction.correlation_id,
      'workflow', (select w.name from public.workflows w where w.id = interaction.workflow_id)));
end
$$;
comment on function hil.content_of(public.human_interactions) is 'What a message about an interaction says.';

-- Leases messages that are due. Each comes with a fresh token for its links and its reply address (not of
-- what was decided, nor to a Slack channel where several have to agree), and with the thread of the message
-- that it follows.
create function hil.claim_messages(worker text, n int)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  c_lease constant interval := interval '60 seconds';
  v_now timestamptz := engine.now();
  v_messages jsonb := jsonb '[]';
  v_message hil.messages;
  v_first hil.messages;
  v_interaction public.human_interactions;
begin
  for v_message in
    update hil.messages m
    set attempt = m.attempt + 1, worker_id = claim_messages.worker, lease_until = v_now + c_lease,
      due_at = v_now + c_lease
    where m.id in (
      select d.id from hil.messages d
      where d.status = 'pending' and d.due_at <= v_now
        and (d.follows is null or exists (
          select from hil.messages f where f.id = d.follows and f.status = 'sent'))
      order by d.due_at, d.id
      limit least(greatest(claim_messages.n, 0), 100)
      for update skip locked)
    returning m.*
  loop
    select i.* into v_interaction from public.human_interactions i where i.id = v_message.interaction_id;
    -- nobody need be asked any more
    if v_message.kind <> 'decided' and v_interaction.status <> 'pending' then
      update hil.messages m
      set status = 'failed', worker_id = null, lease_until = null,
        error = jsonb '{"code": "interaction_ended", "message": "It was over before it was sent"}'
      where m.id = v_message.id;
      continue;
    end if;
    -- of an interaction: its first message there, so that what comes later stays in its thread
    select f.* into v_first from hil.messages f
    where f.interaction_id = v_message.interaction_id
      and f.status = 'sent' and f.channel = v_message.channel
      and (f.id = v_message.follows or v_message.follows is null and f.recipient = v_message.recipient)
    order by f.id limit 1;
    v_messages := v_messages || jsonb_build_array(jsonb_build_object(
      'id', v_message.id, 'workspace_id', v_message.workspace_id, 'interaction_id', v_message.interaction_id,
      'kind', v_message.kind, 'channel', v_message.channel, 'integration_id', v_message.integration_id,
      'recipient', v_message.recipient, 'content', v_message.content, 'attempt', v_message.attempt,
      'external_id', v_first.external_id, 'thread', v_first.thread,
      'token', case when v_message.kind not in ('decided', 'notice') and v_interaction.status = 'pending'
          -- a channel's link does not say who opens it: one person could agree by it, and once more by the
          -- button
          and not (v_interaction.quorum > 1 and v_message.channel = 'slack'
            and v_message.recipient !~ '^[UW][A-Z0-9]+$')
        then hil.new_token(v_interaction, jsonb_build_object(v_message.channel, v_message.recipient)) end));
  end loop;
  return v_messages;
end
$$;
comment on function hil.claim_messages(text, int) is
  'Lease messages: [{id, workspace_id, interaction_id, kind, channel, integration_id, recipient, content, '
  'attempt, token, external_id, thread}]; the last two of the message that it follows.';

-- What became of leased messages. One that may be tried again waits longer each time, eight times in all.
create function hil.finish_messages(worker text, results jsonb)
returns int
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  c_attempts constant int := 8;
  v_now timestamptz := engine.now();
  v_result record;
  v_message hil.messages;
  v_done int := 0;
begin
  for v_result in
    select r.* from jsonb_to_recordset(finish_messages.results) r (
      id uuid, status text, external_id text, thread jsonb, error jsonb, retry_after_seconds float8)
    order by r.id
  loop
    update hil.messages m
    set status = case
        when v_result.status = 'sent' then 'sent'
        when v_result.status = 'retry' and m.attempt < c_attempts and (m.kind = 'decided' or exists (
            select from public.human_interactions i where i.id = m.interaction_id and i.status = 'pending'))
          then 'pending'
        else 'failed' end,
      due_at = v_now + make_interval(secs => least(coalesce(v_result.retry_after_seconds,
        5 * power(2, m.attempt - 1) * (1 + random() / 5)), 86400)),
      worker_id = null, lease_until = null,
      sent_at = case when v_result.status = 'sent' then v_now end,
      external_id = btrim(v_result.external_id, '<> '), thread = v_result.thread, error = v_result.error
    where m.id = v_result.id and m.worker_id = finish_messages.worker and m.status = 'pending'
    returning m.* into v_message;
    continue when v_message.id is null;
    v_done := v_done + 1;
    if v_message.status = 'failed' then
      update hil.messages f
      set status = 'failed',
        error = jsonb '{"code": "nothing_to_follow", "message": "What it follows was not sent"}'
      where f.workspace_id = v_message.workspace_id and f.interaction_id = v_message.interaction_id
        and f.follows = v_message.id and f.status = 'pending';
      perform hil.log(i, 'WARNING', format('A message to %s could not be sent: %s', v_message.recipient,
        coalesce(v_message.error ->> 'message', 'no reason given')), v_message.error, v_now)
      from public.human_interactions i where i.id = v_message.interaction_id;
    elsif v_message.status = 'sent' then
      -- who answers fast may have answered before we knew what he answers to
      perform hil.match_again(r.id) from public.hil_responses r
      where r.status = 'unmatched' and r.integration_id = v_message.integration_id
        and r.received_at > v_now - interval '10 minutes';
    end if;
    v_message := null;
  end loop;
  return v_done;
end
$$;
comment on function hil.finish_messages(text, jsonb) is
  'What became of leased messages: [{id, status: sent | retry | failed, external_id, thread, error, '
  'retry_after_seconds}]. Answers how many were this worker''s.';

create function hil.log(
  interaction public.human_interactions, level text, message text, data jsonb, at timestamptz
)
returns void
language plpgsql  -- which keeps the plan
volatile
security definer
set search_path = ''
as $$
begin
  perform engine.write_logs(array[hil.log_line(interaction, log.level, log.message, log.data)], log.at);
end
$$;
comment on function hil.log(public.human_interactions, text, text, jsonb, timestamptz) is
  'Log what happens to an interaction.';
