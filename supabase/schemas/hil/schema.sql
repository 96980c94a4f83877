create schema hil;
comment on schema hil is 'Human in the loop: who is asked, by what way, and what they answered.';
grant usage on schema hil to authenticated, service_role;
