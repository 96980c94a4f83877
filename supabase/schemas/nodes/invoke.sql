-- Calls a function of this schema. platform.setup() gives it to the role tandem_nodes, which may do nothing
-- but what the project's owner grants it: a function sees what that role sees, not what the engine does.
create function nodes.invoke(name text, arguments jsonb, context jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_output jsonb;
begin
  execute format('select nodes.%I($1, $2)', invoke.name) into v_output using arguments, context;
  return v_output;
end
$$;
comment on function nodes.invoke(text, jsonb, jsonb) is 'Call a function of this schema with few rights.';

-- The role, and what it owns. Roles belong to the cluster, so this is no declaration.
create function nodes.give_to_role()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if not exists (select from pg_roles r where r.rolname = 'tandem_nodes') then
    begin
      create role tandem_nodes nologin noinherit nobypassrls;
    exception when duplicate_object or unique_violation then
      null; -- another database of this cluster made it just now
    end;
  end if;
  grant tandem_nodes to current_user;
  grant usage, create on schema nodes to tandem_nodes;
  alter function nodes.invoke(text, jsonb, jsonb) owner to tandem_nodes;
  revoke create on schema nodes from tandem_nodes;
end
$$;
comment on function nodes.give_to_role() is 'Give invoke() to the role tandem_nodes. Idempotent.';
