-- A version's nodes in normal form, filled when the version is made.
create table public.nodes (
  workspace_id uuid not null,
  workflow_id uuid not null,
  version int not null,
  node_id text not null,
  -- the place in the definition, from 1
  ordinal int not null,
  name text not null,
  description text,
  node_type text not null,
  node_subtype text not null,
  type_version int not null default 1,
  disabled boolean not null default false,
  position_x double precision not null default 0,
  position_y double precision not null default 0,
  parameters jsonb not null default '{}',
  credentials jsonb not null default '{}',
  attached_nodes jsonb not null default '[]',
  error_handling text not null default 'STOP_WORKFLOW_ON_ERROR',
  max_retries int not null default 3,
  -- seconds before the first retry; doubled for each further one
  retry_wait_time double precision not null default 5,
  timeout_seconds int not null default 60,
  notes text,
  primary key (workflow_id, version, node_id),
  -- what a foreign key that carries the workspace refers to
  constraint a_node_has_one_workspace unique (workspace_id, workflow_id, version, node_id),
  constraint a_node_belongs_to_its_version foreign key (workspace_id, workflow_id, version)
    references public.workflow_versions (workspace_id, workflow_id, version) on delete cascade,
  constraint a_node_type_is_known check (node_type in
    ('TRIGGER', 'AI_AGENT', 'EXTERNAL_ACTION', 'ACTION', 'FLOW', 'HUMAN_IN_THE_LOOP', 'TOOL', 'MEMORY')),
  constraint an_error_strategy_is_known check (error_handling in
    ('STOP_WORKFLOW_ON_ERROR', 'CONTINUE_REGULAR_OUTPUT_ON_ERROR', 'CONTINUE_ERROR_OUTPUT_ON_ERROR'))
);
comment on table public.nodes is 'The nodes of each version, in normal form.';
-- the foreign key, and "which workflows of mine use this kind of node"
create index nodes_kind on public.nodes (workspace_id, node_type, node_subtype);

alter table public.nodes enable row level security;
create policy "members read" on public.nodes for select to authenticated
  using (
    workspace_id = any (array(select workspaces.readable()))
    and workflow_id <> all (array(select workflows.deleted())));
grant select on public.nodes to authenticated, service_role;
-- no write: nodes come from a version's definition

create table public.node_connections (
  workspace_id uuid not null,
  workflow_id uuid not null,
  version int not null,
  -- the place in the definition, from 1: tokens leave in this order
  ordinal int not null,
  source_node_id text not null,
  target_node_id text not null,
  connection_type text not null default 'MAIN',
  -- the source's output and the target's input
  connection_index int not null default 0,
  target_index int not null default 0,
  label text,
  conditions jsonb,
  primary key (workflow_id, version, ordinal),
  constraint a_connection_belongs_to_its_version foreign key (workspace_id, workflow_id, version)
    references public.workflow_versions (workspace_id, workflow_id, version) on delete cascade,
  constraint a_source_is_a_node foreign key (workspace_id, workflow_id, version, source_node_id)
    references public.nodes (workspace_id, workflow_id, version, node_id) on delete cascade,
  constraint a_target_is_a_node foreign key (workspace_id, workflow_id, version, target_node_id)
    references public.nodes (workspace_id, workflow_id, version, node_id) on delete cascade,
  constraint a_connection_type_is_known check (connection_type in
    ('MAIN', 'ERROR', 'SUCCESS', 'CONDITIONAL', 'AI_AGENT', 'AI_CHAIN', 'AI_DOCUMENT', 'AI_EMBEDDING',
     'AI_LANGUAGE_MODEL', 'AI_MEMORY', 'AI_OUTPUT_PARSER', 'AI_RETRIEVER', 'AI_RERANKER', 'AI_TEXT_SPLITTER',
     'AI_TOOL', 'AI_VECTOR_STORE', 'MEMORY_ATTACHMENT', 'CONTEXT_PROVIDER'))
);
comment on table public.node_connections is 'The connections of each version, in normal form.';
-- the policy's column and the foreign keys: what leaves and what enters a node
create index node_connections_source
  on public.node_connections (workspace_id, workflow_id, version, source_node_id);
create index node_connections_target
  on public.node_connections (workspace_id, workflow_id, version, target_node_id);

alter table public.node_connections enable row level security;
create policy "members read" on public.node_connections for select to authenticated
  using (
    workspace_id = any (array(select workspaces.readable()))
    and workflow_id <> all (array(select workflows.deleted())));
grant select on public.node_connections to authenticated, service_role;
-- no write: connections come from a version's definition
