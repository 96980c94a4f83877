create schema workflows;
comment on schema workflows is 'Definitions: validated, kept in versions, compiled to nodes and connections.';
grant usage on schema workflows to authenticated, service_role;
