-- The idempotency key of a start: the same delivery starts a node once, whatever version is deployed by then.
-- Hashed, because viewers see it at the execution and must not learn a trigger's id from it.
create function triggers.delivery_key(hook_id uuid, delivery_id text, node_id text)
returns text
language sql
immutable
set search_path = ''
as $$
  select encode(sha256(convert_to(hook_id || ':' || delivery_id || ':' || node_id, 'UTF8')), 'hex')
$$;
comment on function triggers.delivery_key(uuid, text, text) is
  'The idempotency key of a delivery to a node; null without a delivery id.';
