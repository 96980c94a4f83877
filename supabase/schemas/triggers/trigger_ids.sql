-- The id that a trigger node has whenever it is deployed: through updates, rollbacks, undeploying and
-- deploying again, so that the URL of a webhook stays. A node that becomes another kind of trigger gets
-- another one.
create table triggers.trigger_ids (
  -- random: it is part of the webhook's URL and cannot be guessed
  id uuid not null unique default gen_random_uuid(),
  workspace_id uuid not null,
  workflow_id uuid not null,
  node_id text not null,
  trigger_subtype text not null,
  primary key (workflow_id, node_id, trigger_subtype),
  constraint an_id_belongs_to_a_workflow foreign key (workspace_id, workflow_id)
    references public.workflows (workspace_id, id) on delete cascade
);
comment on table triggers.trigger_ids is 'The lasting ids of trigger nodes, deployed or not.';
alter table triggers.trigger_ids enable row level security;
-- no policy and no grant: deploying keeps it
