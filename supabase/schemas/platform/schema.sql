create schema platform;
comment on schema platform is
  'Ids, errors, settings and set-up: what every other domain stands on. Never exposed by the Data API.';
grant usage on schema platform to authenticated, service_role;
