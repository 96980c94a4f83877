create schema triggers;
comment on schema triggers is 'What starts workflows: deployed triggers and the deliveries that match them.';
grant usage on schema triggers to authenticated, service_role;
