create schema hil;
comment on schema hil is 'Human in the loop: what people are asked, what they answer, and what that decides.';
grant usage on schema hil to authenticated, service_role;
