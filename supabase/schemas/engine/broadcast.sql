-- Tells who listens on the private topic `workspace:<id>` of Supabase Realtime that executions changed: ids
-- and statuses, never data. Does nothing where there is no Realtime.
create function engine.broadcast(executions public.workflow_executions[])
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_send regproc;
begin
  if to_regnamespace('realtime') is null then
    return;
  end if;
  v_send := to_regprocedure('realtime.send(jsonb,text,text,boolean)');
  if v_send is null then
    return;
  end if;
  execute format(
    'select %s(jsonb_build_object(''id'', e.id, ''workflow_id'', e.workflow_id, ''status'', e.status),
       ''execution'', ''workspace:'' || e.workspace_id, true) from unnest($1) e', v_send)
  using executions;
end
$$;
comment on function engine.broadcast(public.workflow_executions[]) is
  'Broadcast the status of executions to their workspaces.';

-- Members listen to their workspaces' topics. Realtime's table belongs to the platform, so this is no
-- declaration.
create function engine.allow_listening()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if to_regclass('realtime.messages') is null then
    return;
  end if;
  execute 'drop policy if exists "members listen to their workspaces" on realtime.messages';
  execute $policy$
    create policy "members listen to their workspaces" on realtime.messages for select to authenticated
    using (
      extension = 'broadcast' and starts_with((select realtime.topic()), 'workspace:')
      and substr((select realtime.topic()), 11) = any (array(select r::text from workspaces.readable() r)))
  $policy$;
end
$$;
comment on function engine.allow_listening() is
  'The policy on realtime.messages. Idempotent; does nothing without Supabase Realtime.';
