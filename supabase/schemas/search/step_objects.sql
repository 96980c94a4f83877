-- Whatever writes the keys: a row points at objects of its own or at none.
alter table public.workflow_steps
  add constraint a_state_lies_at_its_steps_key check (state_object_key = id::text || '_state.json.gz'),
  add constraint an_outcome_lies_at_its_steps_key check (outcome_diff_key = id::text || '_outcome.json.gz');

-- Where an object of a step lies, for whoever may read the step.
create function search.step_object(step_id uuid, kind text)
returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_key text;
begin
  select case step_object.kind when 'state' then s.state_object_key when 'outcome' then s.outcome_diff_key end
  into v_key
  from public.workflow_steps s where s.id = step_object.step_id;
  if not found then
    perform workspaces.not_found('step', step_object.step_id);
  end if;
  if v_key is null then
    perform platform.fail(404, 'object_not_found', format('This step has no %s', step_object.kind),
      'Steps have one when they are created with it.');
  end if;
  return v_key;
end
$$;
comment on function search.step_object(uuid, text) is
  'The key of a step''s state or outcome in object storage. Errors: step_not_found, object_not_found.';
grant execute on function search.step_object(uuid, text) to authenticated, service_role;
