create schema workspaces;
comment on schema workspaces is 'Who may do what: the predicates of every policy, and the verbs of tenancy.';
grant usage on schema workspaces to authenticated, service_role;
