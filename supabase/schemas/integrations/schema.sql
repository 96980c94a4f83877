create schema integrations;
comment on schema integrations is 'Connections of a workspace to other systems, and their encrypted secrets.';
grant usage on schema integrations to authenticated, service_role;
