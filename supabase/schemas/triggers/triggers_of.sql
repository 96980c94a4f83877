-- What a version's enabled triggers listen to, as trigger_index keeps it.
create function triggers.triggers_of(workflow_id uuid, version int)
returns table (
  node_id text,
  trigger_subtype text,
  index_key text,
  integration_id uuid,
  trigger_config jsonb
)
language sql
stable
security definer
set search_path = ''
as $$
  select n.node_id, n.node_subtype,
    case n.node_subtype
      when 'WEBHOOK' then btrim(n.parameters ->> 'path', '/')
      when 'CRON' then n.parameters ->> 'expression'
      when 'GITHUB' then coalesce(lower(n.parameters ->> 'repository'), '*')
      when 'SLACK' then coalesce(n.parameters ->> 'command', n.parameters ->> 'event', '*')
      when 'EMAIL' then coalesce(lower(n.parameters ->> 'address'), '*')
      else ''
    end,
    (select (c.value #>> '{}')::uuid from jsonb_each(n.credentials) c order by c.key limit 1),
    -- a default is a parameter that was left out
    coalesce((
      select jsonb_object_agg(p.key, p.value -> 'default')
      from public.node_specifications s
      cross join jsonb_each(s.specification_data #> '{parameters,properties}') p
      where s.node_type = n.node_type and s.node_subtype = n.node_subtype and p.value ? 'default'
    ), jsonb '{}') || n.parameters
  from public.nodes n
  where n.workflow_id = triggers_of.workflow_id and n.version = triggers_of.version
    and n.node_type = 'TRIGGER' and not n.disabled
$$;
comment on function triggers.triggers_of(uuid, int) is 'The enabled triggers of a version, ready for trigger_index.';
