-- A question that a node of an execution asks people. Its id is the node run's: the token that waits.
create table public.human_interactions (
  id uuid primary key,
  workspace_id uuid not null,
  workflow_id uuid not null,
  execution_id uuid not null,
  node_id text not null,
  run_index int not null default 0,
  interaction_type text not null,
  -- how people are asked; whatever it is, the app can answer
  channel_type text not null,
  status text not null default 'pending',
  -- what it came to, as the node's output says it
  outcome text,
  priority text not null default 'normal',
  -- {title, message, data, to, schema, options, multiple, allow, timeout_action, default_response, reminders,
  --  escalation}
  request_data jsonb not null,
  -- the node's output: {outcome, data, comment, responded_by, responded_at, interaction_id, responses}
  response_data jsonb,
  -- who may decide: [{user} | {role} | {email} | {slack}]; empty: any editor, and whom the message is
  -- addressed to
  assignees jsonb not null default '[]',
  -- how many have to agree
  quorum int not null default 1,
  -- {slack | email | webhook: integration id}
  credentials jsonb not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null default clock_timestamp(),
  responded_at timestamptz,
  -- {user} | {email} | {slack} | {webhook} | {service}: whose answer decided
  responded_by jsonb,
  timeout_at timestamptz not null,
  -- reminders up to then have been sent
  reminded_at timestamptz,
  escalated_at timestamptz,
  -- what an answer may name instead of the id: the asker's own
  correlation_id text,
  tags text[] not null default '{}',
  -- who was asked wants another to be asked, and that was not clear or not allowed: {to, by, response_id,
  -- why, at}; an editor reassigns it
  wish jsonb,
  constraint an_interaction_has_one_workspace unique (workspace_id, id),
  constraint an_interaction_belongs_to_a_workflow foreign key (workspace_id, workflow_id)
    references public.workflows (workspace_id, id) on delete cascade,
  constraint an_interaction_type_is_known
    check (interaction_type in ('approval', 'input', 'selection', 'review')),
  constraint a_channel_is_known check (channel_type in ('slack', 'email', 'webhook', 'in_app')),
  constraint a_status_is_known check (status in ('pending', 'responded', 'timeout', 'error', 'cancelled')),
  constraint a_priority_is_known check (priority in ('low', 'normal', 'high', 'critical')),
  constraint an_outcome_is_known
    check (outcome in ('approved', 'rejected', 'answered', 'timed_out', 'cancelled')),
  constraint it_has_an_outcome_once_it_is_decided
    check ((outcome is null) = (status in ('pending', 'error'))),
  constraint a_status_has_its_outcome check (case status
    when 'responded' then outcome in ('approved', 'rejected', 'answered') and responded_at is not null
    when 'timeout' then outcome = 'timed_out'
    when 'cancelled' then outcome = 'cancelled'
    else true end),
  constraint a_quorum_is_1_to_100 check (quorum between 1 and 100),
  constraint a_correlation_id_has_1_to_255_characters check (length(correlation_id) between 1 and 255)
);
comment on table public.human_interactions is 'Questions that executions ask people, and what they came to.';
-- the policy, and the inbox
create index human_interactions_inbox on public.human_interactions (workspace_id, status, id desc);
-- all of a workflow: the foreign key
create index human_interactions_workflow on public.human_interactions (workspace_id, workflow_id);
-- of an execution
create index human_interactions_execution on public.human_interactions (execution_id);
-- what is about to run out
create index human_interactions_pending_timeout on public.human_interactions (timeout_at)
  where status = 'pending';
-- the answer that names it by the asker's own id
create index human_interactions_correlation on public.human_interactions (workspace_id, correlation_id)
  where correlation_id is not null;

create trigger touch before update on public.human_interactions
  for each row execute function platform.touch();

alter table public.human_interactions enable row level security;
create policy "members read" on public.human_interactions for select to authenticated
  using (
    workspace_id = any (array(select workspaces.readable()))
    and workflow_id <> all (array(select workflows.deleted())));
grant select on public.human_interactions to authenticated, service_role;
-- no write: respond_to_interaction() checks who decides, and the engine asks
