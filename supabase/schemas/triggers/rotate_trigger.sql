-- A webhook's URL became known to whom it should not: the old one answers 404 from the commit on.
create function triggers.rotate(workflow_id uuid, node_id text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_workflow public.workflows := triggers.take_workflow(rotate.workflow_id, 'keep');
  v_id uuid := gen_random_uuid();
begin
  -- others have no URL of their own
  update triggers.trigger_ids k set id = v_id
  where k.workflow_id = v_workflow.id and k.node_id = rotate.node_id and k.trigger_subtype = 'WEBHOOK';
  if not found then
    perform platform.fail(404, 'trigger_not_found',
      format('%s is no WEBHOOK trigger that was ever deployed', rotate.node_id),
      'Name the node of a deployed webhook.');
  end if;
  update public.trigger_index t set id = v_id
  where t.workflow_id = v_workflow.id and t.node_id = rotate.node_id and t.trigger_subtype = 'WEBHOOK';
  return jsonb_build_object('trigger', coalesce(
    (select t from jsonb_array_elements(triggers.deployed(v_workflow.id)) t where t ->> 'id' = v_id::text),
    jsonb_build_object('id', v_id, 'node_id', rotate.node_id, 'subtype', 'WEBHOOK')));
end
$$;
comment on function triggers.rotate(uuid, text) is 'See public.rotate_trigger.';
grant execute on function triggers.rotate(uuid, text) to authenticated, service_role;

create function public.rotate_trigger(workflow_id uuid, node_id text)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
as $$
  select triggers.rotate(rotate_trigger.workflow_id, rotate_trigger.node_id)
$$;
comment on function public.rotate_trigger(uuid, text) is
  'Give a webhook another URL; the old one is no more: {trigger}. '
  'Errors: workflow_not_found, role_insufficient, trigger_not_found.';
grant execute on function public.rotate_trigger(uuid, text) to authenticated, service_role;
