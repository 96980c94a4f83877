-- Which workflows a user keeps at hand.
create table public.workflow_favorites (
  workspace_id uuid not null,
  workflow_id uuid not null,
  user_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
  created_at timestamptz not null default clock_timestamp(),
  primary key (user_id, workflow_id),
  constraint a_favorite_belongs_to_its_workflow foreign key (workspace_id, workflow_id)
    references public.workflows (workspace_id, id) on delete cascade
);
comment on table public.workflow_favorites is 'Each user''s favorite workflows.';
-- the foreign key
create index workflow_favorites_workflow on public.workflow_favorites (workspace_id, workflow_id);

alter table public.workflow_favorites enable row level security;
create policy "one's own, of workspaces one is in" on public.workflow_favorites for select to authenticated
  using (user_id = (select auth.uid()) and workspace_id = any (array(select workspaces.readable())));
grant select on public.workflow_favorites to authenticated, service_role;
-- no write: set_favorite() checks the workflow

create function workflows.mark_favorite(workflow_id uuid, is_favorite boolean)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  -- locked: somebody may be deleting it
  v_workflow public.workflows := workflows.found(mark_favorite.workflow_id, 'viewer', true);
  v_user uuid := (select auth.uid());
begin
  if v_user is null then
    perform platform.fail(422, 'user_needed',
      'A favorite is a user''s', 'Call it signed in, not with a secret key.');
  end if;
  if coalesce(mark_favorite.is_favorite, true) then
    insert into public.workflow_favorites (workspace_id, workflow_id, user_id, created_at)
    values (v_workflow.workspace_id, v_workflow.id, v_user, engine.now())
    on conflict do nothing;
    return true;
  end if;
  delete from public.workflow_favorites f where f.user_id = v_user and f.workflow_id = v_workflow.id;
  return false;
end
$$;
comment on function workflows.mark_favorite(uuid, boolean) is 'See public.set_favorite.';
grant execute on function workflows.mark_favorite(uuid, boolean) to authenticated, service_role;

create function public.set_favorite(workflow_id uuid, is_favorite boolean default true)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  select workflows.mark_favorite(set_favorite.workflow_id, set_favorite.is_favorite)
$$;
comment on function public.set_favorite(uuid, boolean) is
  'Keep a workflow among the caller''s favorites, or no longer. Answers whether it is one. '
  'Errors: workflow_not_found, user_needed.';
grant execute on function public.set_favorite(uuid, boolean) to authenticated, service_role;
