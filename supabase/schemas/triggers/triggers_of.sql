-- What a version's enabled triggers listen to, as trigger_index keeps it. A credential that a trigger names
-- must be an integration of the workflow's workspace and of the right provider: otherwise nothing is
-- deployed, least of all without the check that it stands for. Locks the integrations, which stay until the
-- end.
create function triggers.triggers_of(workflow_id uuid, version int)
returns table (
  node_id text,
  trigger_subtype text,
  index_key text,
  integration_id uuid,
  trigger_config jsonb
)
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_problems jsonb;
begin
  perform from public.integrations i
  where i.id::text in (
    select lower(c.value) from public.nodes n
    cross join jsonb_each_text(n.credentials) c
    where n.workflow_id = triggers_of.workflow_id and n.version = triggers_of.version
      and n.node_type = 'TRIGGER' and not n.disabled and jsonb_typeof(n.credentials) = 'object')
    and i.workspace_id = (select w.workspace_id from public.workflows w where w.id = triggers_of.workflow_id)
  order by i.id
  for key share;

  with asked as (
    select n.node_id, n.ordinal, n.workspace_id, c ->> 'name' as credential,
      c -> 'providers' as providers, (c ->> 'required')::boolean as is_required,
      n.credentials ->> (c ->> 'name') as given
    from public.nodes n
    join public.node_specifications s on s.node_type = n.node_type and s.node_subtype = n.node_subtype
    cross join jsonb_array_elements(coalesce(s.specification_data -> 'credentials', '[]')) c
    where n.workflow_id = triggers_of.workflow_id and n.version = triggers_of.version
      and n.node_type = 'TRIGGER' and not n.disabled
  )
  select jsonb_agg(jsonb_build_object('node_id', a.node_id,
    'code', case when a.given is null then 'credentials_missing' else 'credential_unknown' end,
    'message', case
      when a.given is null then format('%s needs an integration as its credential', a.node_id)
      else format('%s names no integration of this workspace that is of %s', a.node_id,
        (select string_agg(p, ', ') from jsonb_array_elements_text(a.providers) p))
    end,
    'path', format('$.nodes[%s].credentials.%s', a.ordinal - 1, a.credential)) order by a.ordinal)
  into v_problems
  from asked a
  where (a.given is null and a.is_required) or (a.given is not null and not exists (
    select from public.integrations i
    where i.workspace_id = a.workspace_id and i.id::text = lower(a.given) and a.providers ? i.provider));
  if v_problems is not null then
    perform platform.fail(422, 'definition_invalid', 'The workflow''s triggers are not valid',
      v_problems::text);
  end if;

  return query
  select n.node_id, n.node_subtype,
    case n.node_subtype
      when 'WEBHOOK' then btrim(n.parameters ->> 'path', '/')
      when 'CRON' then n.parameters ->> 'expression'
      when 'GITHUB' then coalesce(lower(n.parameters ->> 'repository'), '*')
      when 'SLACK' then coalesce(n.parameters ->> 'command', n.parameters ->> 'event', '*')
      when 'EMAIL' then coalesce(lower(n.parameters ->> 'address'), '*')
      else ''
    end,
    (n.credentials ->> (s.specification_data #>> '{credentials,0,name}'))::uuid,
    -- a default is a parameter that was left out
    coalesce((
      select jsonb_object_agg(p.key, p.value -> 'default')
      from jsonb_each(s.specification_data #> '{parameters,properties}') p
      where p.value ? 'default'
    ), jsonb '{}') || n.parameters
  from public.nodes n
  join public.node_specifications s on s.node_type = n.node_type and s.node_subtype = n.node_subtype
  where n.workflow_id = triggers_of.workflow_id and n.version = triggers_of.version
    and n.node_type = 'TRIGGER' and not n.disabled;
end
$$;
comment on function triggers.triggers_of(uuid, int) is
  'The enabled triggers of a version, ready for trigger_index. Errors: definition_invalid.';
