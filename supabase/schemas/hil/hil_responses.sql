-- All that people sent, before anything is made of it. A message of a provider is there once.
create table public.hil_responses (
  id uuid primary key default platform.uuid7(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  -- null while it belongs to no interaction
  workflow_id uuid,
  source_channel text not null,
  -- slack, resend, ..., webhook; in_app, link
  provider text not null,
  integration_id uuid,
  -- the provider's id of the message
  message_id text not null,
  raw_payload jsonb not null,
  headers jsonb,
  -- what the function read from it: see hil.receive()
  hints jsonb not null default '{}',
  status text not null default 'unprocessed',
  processed_at timestamptz,
  matched_interaction_id uuid,
  -- who sent it, as one key: user:<id>, email:<address>, slack:<id>
  responder text,
  responded_by jsonb,
  -- its vote, where it counted
  outcome text,
  data jsonb,
  comment text,
  ai_relevance_score numeric(3, 2),
  ai_reasoning text,
  -- what the classifier said
  classification jsonb,
  -- {code, message}: why it changed nothing; of processing_failed the reason, which its sender is not told
  error jsonb,
  -- a model is asked what it means, until then
  asked_until timestamptz,
  received_at timestamptz not null default clock_timestamp(),
  created_at timestamptz not null default clock_timestamp(),
  constraint a_message_is_taken_once unique nulls not distinct (provider, integration_id, message_id),
  constraint a_matched_interaction_is_of_the_workspace foreign key (workspace_id, matched_interaction_id)
    references public.human_interactions (workspace_id, id) on delete cascade,
  constraint a_source_channel_is_known check (source_channel in ('slack', 'email', 'webhook', 'in_app')),
  constraint a_processing_status_is_known check (
    status in ('unprocessed', 'matched', 'filtered_out', 'unmatched', 'error')),
  constraint a_vote_is_known check (outcome in ('approved', 'rejected', 'answered')),
  constraint what_is_matched_has_its_interaction
    check (status <> 'matched' or matched_interaction_id is not null)
);
comment on table public.hil_responses is 'What people sent in answer to interactions, as it came.';
-- the queue of those that somebody assigns by hand, newest first
create index hil_responses_queue on public.hil_responses (workspace_id, status, id desc);
-- the votes of an interaction, and the foreign key
create index hil_responses_matched on public.hil_responses (matched_interaction_id)
  where matched_interaction_id is not null;
-- what came before its question
create index hil_responses_unmatched on public.hil_responses (integration_id, received_at)
  where status = 'unmatched';
-- of those by the asker's own id
create index hil_responses_early on public.hil_responses (workspace_id, (hints ->> 'correlation_id'))
  where status = 'unmatched';
-- what is stored and not looked at yet, and whether an interaction that runs out may have an answer among it
create index hil_responses_unprocessed on public.hil_responses (workspace_id, received_at)
  where status = 'unprocessed';
-- what answered nothing, until hil.purge_responses() takes it
create index hil_responses_loose on public.hil_responses (workspace_id, received_at)
  where status in ('unmatched', 'filtered_out', 'error');

alter table public.hil_responses enable row level security;
create policy "admins read" on public.hil_responses for select to authenticated
  using (workspace_id = any (array(select workspaces.administered())));
grant select on public.hil_responses to authenticated, service_role;
-- no write: hil.receive() and respond_to_interaction() store; payloads may hold more than the answer: admins
-- only

-- What workspaces.responses_kept_days asks for: messages that answered nothing, oldest first, some of each
-- workspace. What was counted belongs to its interaction, and goes with it.
create function hil.purge_responses(batch int default 10000)
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_gone int;
begin
  delete from public.hil_responses r
  where r.id = any (array(
    select k.id
    from public.workspaces w
    cross join lateral (
      select k.id from public.hil_responses k
      where k.workspace_id = w.id and k.status in ('unmatched', 'filtered_out', 'error')
        and k.received_at < engine.now() - make_interval(days => w.responses_kept_days)
      order by k.received_at
      limit batch
      for update skip locked) k
    where w.responses_kept_days is not null));
  get diagnostics v_gone = row_count;
  return v_gone;
end
$$;
comment on function hil.purge_responses(int) is
  'Remove messages that answered nothing where the workspace keeps them only so long. Called by '
  'engine.maintain().';
