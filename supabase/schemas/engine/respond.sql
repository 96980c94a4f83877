-- A RESPOND node: {output: {status, headers, body}}, which answers whoever started the execution and waits
-- for it; {error} where that is no HTTP answer; {} once the execution has answered. The caller holds the
-- execution.
create function engine.answer(token engine.token, parameters jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_status text := coalesce(parameters ->> 'status', '200');
  v_headers jsonb := coalesce(nullif(parameters -> 'headers', 'null'), '{}');
  v_problem text;
begin
  if exists (
      select from public.workflow_executions e
      where e.id = token.execution_id and e.responded_by is not null) then
    return jsonb '{}';
  end if;
  if v_status !~ '^[2-5]\d\d$' then
    v_problem := format('status is 200 to 599, not %s', left(v_status, 100));
  elsif jsonb_typeof(v_headers) <> 'object' then
    v_problem := 'headers is an object';
  else
    select format('the header %s cannot be sent', left(h.key, 100)) into v_problem
    from jsonb_each(v_headers) h
    where h.key !~ '^[A-Za-z0-9!#$%&''*+.^_`|~-]+$'
      or jsonb_typeof(h.value) not in ('string', 'number', 'boolean', 'null')
      -- one line, of the characters that HTTP carries
      or h.value #>> '{}' !~ '^[\t -~\u0080-\u00ff]*$'
    limit 1;
  end if;
  if v_problem is not null then
    return jsonb_build_object('error', jsonb_build_object('code', 'response_invalid',
      'message', 'The answer cannot be sent: ' || v_problem));
  end if;
  update public.workflow_executions e set responded_by = token.id where e.id = token.execution_id;
  return jsonb_build_object('output', jsonb_build_object(
    'status', v_status::int,
    'headers', (
      select coalesce(jsonb_object_agg(h.key, h.value #>> '{}'), '{}') from jsonb_each(v_headers) h
      where h.value <> 'null'),
    'body', parameters -> 'body'));
end
$$;
comment on function engine.answer(engine.token, jsonb) is 'What a RESPOND node does.';

-- What to answer to a request that started an execution and waits for it; null where there is none. Asked
-- again and again while the client waits: one row, and one more once there is an answer.
create function engine.webhook_response(execution_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
declare
  v_execution record;
  v_response jsonb;
begin
  select e.status, e.end_time, e.responded_by, e.output, e.error into v_execution
  from public.workflow_executions e where e.id = webhook_response.execution_id;
  if not found then
    return null;
  end if;
  if v_execution.responded_by is not null then
    select n.output_data into v_response from public.node_executions n
    where n.execution_id = webhook_response.execution_id and n.id = v_execution.responded_by;
  end if;
  return jsonb_build_object(
    'ended', v_execution.end_time is not null, 'status', v_execution.status, 'response', v_response,
    'output', v_execution.output, 'error', v_execution.error);
end
$$;
comment on function engine.webhook_response(uuid) is
  'What to answer to the request that started an execution: {ended, status, response, output, error}. '
  'response: {status, headers, body} of the RESPOND node that came first, once it has.';
