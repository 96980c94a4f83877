-- Executions that have ended and whose nodes' steps are still to be counted: one row for each, of workflows
-- that record their steps (settings.record_steps), written with the end.
create table search.ended_executions (
  execution_id uuid primary key,
  -- the end, or when it is tried again: somebody else held what it counts
  due_at timestamptz not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
comment on table search.ended_executions is 'Ended executions whose nodes'' steps are still to be counted.';
alter table search.ended_executions enable row level security;
-- no policy and no grant: the engine's
-- counting takes the oldest
create index ended_executions_due on search.ended_executions (due_at);

-- A node's parameters without what looks like a secret: they are shown to whoever searches, and sent to
-- whoever embeds. Credentials proper are not parameters.
create function search.without_secrets(content jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  c_secret constant text := search.secret_names()
    || '|passphrase|session[-_]?id|connection[-_]?string|^(auth|bearer|dsn|jwt|otp|pass|pin)$';
begin
  return case jsonb_typeof(content)
    when 'object' then (
      select coalesce(jsonb_object_agg(e.key, case
        when e.key ~* c_secret and jsonb_typeof(e.value) in ('string', 'object', 'array')
          then jsonb '"[removed]"'
        -- not the number of tokens
        when e.key ~* 'passw|pwd|secret|^(otp|pass|pin)$' and jsonb_typeof(e.value) = 'number'
          then jsonb '"[removed]"'
        -- {"name": "Authorization", "value": "..."}
        when e.key = 'value' and exists (
            select from unnest('{name,key,header,field}'::text[]) n where content ->> n ~* c_secret)
          then jsonb '"[removed]"'
        else search.without_secrets(e.value)
      end), '{}')
      from jsonb_each(content) e)
    when 'array' then (
      select coalesce(jsonb_agg(search.without_secrets(e.value) order by e.ordinality), '[]')
      from jsonb_array_elements(content) with ordinality e)
    when 'string' then to_jsonb(search.text_without_secrets(content #>> '{}'))
    else content
  end;
end
$$;
comment on function search.without_secrets(jsonb) is
  'A value without what its names or forms say is a secret.';

create function search.secret_names()
returns text
language sql
immutable
set search_path = ''
as $$
  select 'authorization|cookie|token|secret|passw|pwd|api[-_]?key|access[-_]?key|private[-_]?key|credential'
    '|signature'
$$;
comment on function search.secret_names() is 'What names of secrets have in them, as a regular expression.';

-- A text's secrets by the form that they have, and by the names before them: in addresses, headers, JSON and
-- code. What is far behind is not looked at, and cut off. No expression has a part without bounds before what
-- it looks for: it would take the square of the text's length.
create function search.text_without_secrets(content text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  c_most constant int := 20000;
  c_name constant text := '((?:' || search.secret_names() || ')[\w.-]{0,40}';
  v_text text := content;
begin
  if length(v_text) > c_most then
    -- not in the middle of something
    v_text := regexp_replace(left(v_text, c_most), '\S{1,250}$', '');
  end if;
  -- https://user:password@host, Bearer ..., keys of well-known services, tokens, private keys
  v_text := regexp_replace(v_text,
    '(://)[^/@\s]+@|(\m(?:bearer|basic)\s{1,8})[^\s{"'']+', '\1\2[removed]', 'gi');
  v_text := regexp_replace(v_text,
    '\m(?:[sr]k[-_]|pk[-_]|gh[opsru]_|github_pat_|glpat-|xox[a-z]-|A[KS]IA|AIza|ya29\.|eyJ)[\w.-]{12,}',
    '[removed]', 'g');
  v_text := regexp_replace(v_text,
    '(hooks\.slack\.com/(?:services|workflows)/)[^\s"''?#]+', '\1[removed]', 'gi');
  v_text := regexp_replace(v_text,
    '(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)[^-]*', '\1[removed]', 'g');
  -- name=value, name: value; quoted, the sign may stand free
  v_text := regexp_replace(v_text,
    c_name || '["''\\]{0,2}\s{0,8}[:=]\s{0,8}\\?)(?:"[^"]*|''[^'']*)', '\1[removed]', 'gi');
  v_text := regexp_replace(v_text,
    c_name || '(?:=|:\s{0,8}))[^\s"''&#;,{}[]+', '\1[removed]', 'gi');
  return regexp_replace(v_text,
    '([?&;](?:auth|code|jwt|key|pass|pin|session|sid|sig)=)[^\s"''&#]+', '\1[removed]', 'gi');
end
$$;
comment on function search.text_without_secrets(text) is 'A text without what looks like a secret.';

-- The nodes whose runs are executions of a step: no trigger, nor what only passes its input on (disabled) or
-- gives what was pinned.
create function search.recorded_nodes(execution_ids uuid[])
returns table (execution_id uuid, node_id text)
language sql
stable
security definer
set search_path = ''
as $$
  select e.id, p.node_id
  from public.workflow_executions e
  join engine.plan p on p.workflow_id = e.workflow_id and p.version = e.version
  where e.id = any (recorded_nodes.execution_ids) and p.node_type <> 'TRIGGER' and not p.is_disabled
    and (p.pinned is null or e.mode <> 'MANUAL')
$$;
comment on function search.recorded_nodes(uuid[]) is 'The nodes whose runs count as executions of steps.';

-- Counts the runs of ended executions as executions of their nodes' steps, and makes the steps that are not
-- there yet. A run counts once, by its last attempt; what was skipped, canceled or taken over from another
-- execution does not. A step follows its node while the version runs that is deployed (or the current one).
create function search.record(execution_ids uuid[])
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into public.workflow_steps as s (
    workspace_id, user_id, app_name, window_title, element_path, step_name, definition, workflow_name,
    workflow_description, workflow_id, node_id, created_at, updated_at)
  select distinct on (w.id, n.node_id)
    w.workspace_id, w.user_id, left(n.node_type || '.' || n.node_subtype, 200), left(w.name, 500),
    left(n.node_id, 8000), coalesce(nullif(left(n.name, 1000), ''), left(n.node_id, 1000)),
    search.cut_utf8(search.without_secrets(n.parameters)::text, 10000), w.name, w.description, w.id,
    n.node_id, engine.now(), engine.now()
  from public.workflow_executions e
  join public.workflows w on w.id = e.workflow_id and w.deleted_at is null
  join public.nodes n on n.workflow_id = e.workflow_id and n.version = e.version
  join search.recorded_nodes(execution_ids) r on r.execution_id = e.id and r.node_id = n.node_id
  where e.id = any (execution_ids)
    and exists (
      select from public.node_executions x
      where x.execution_id = e.id and x.node_id = n.node_id and x.reused_from is null
        and x.status in ('SUCCESS', 'ERROR'))
    and (
      e.version = coalesce(w.deployed_version, w.current_version)
      or not exists (
        select from public.workflow_steps k
        where k.workspace_id = w.workspace_id and k.workflow_id = w.id and k.node_id = n.node_id))
  order by w.id, n.node_id, e.version desc
  on conflict (workspace_id, workflow_id, node_id) where workflow_id is not null do update set
    app_name = excluded.app_name, window_title = excluded.window_title, step_name = excluded.step_name,
    definition = excluded.definition, workflow_name = excluded.workflow_name,
    workflow_description = excluded.workflow_description
  where (s.app_name, s.window_title, s.step_name, s.definition, s.workflow_name, s.workflow_description)
    is distinct from (excluded.app_name, excluded.window_title, excluded.step_name, excluded.definition,
      excluded.workflow_name, excluded.workflow_description);

  perform search.add_outcomes(
    array_agg(r.step_id order by r.end_time, r.id), array_agg(r.status = 'SUCCESS' order by r.end_time, r.id),
    array_agg(r.duration order by r.end_time, r.id), array_agg(r.end_time order by r.end_time, r.id))
  from (
    select distinct on (x.execution_id, x.node_id, x.scope, x.run_index)
      s.id as step_id, x.id, x.status, x.end_time,
      least(greatest(extract(epoch from x.end_time - x.start_time) * 1000, 0), 2147483647)::int as duration
    from public.workflow_executions e
    join search.recorded_nodes(execution_ids) r on r.execution_id = e.id
    join public.node_executions x on x.execution_id = e.id and x.node_id = r.node_id
    join public.workflow_steps s
      on s.workspace_id = e.workspace_id and s.workflow_id = e.workflow_id and s.node_id = x.node_id
    where e.id = any (execution_ids) and x.reused_from is null and x.run_index is not null
      and x.status in ('SUCCESS', 'ERROR')
    order by x.execution_id, x.node_id, x.scope, x.run_index, x.attempt desc) r
  having count(*) > 0;
end
$$;
comment on function search.record(uuid[]) is
  'Count the node runs of ended executions as executions of steps.';

-- A batch of ended executions; answers how many. What is counted is no longer due, in one transaction. Where
-- a batch cannot be counted, each of its executions is tried alone: one that is at fault itself is given up,
-- and one whose steps somebody else holds comes later, with all of its workflow, so that it keeps nobody
-- waiting.
create function search.record_executions(batch int default 50)
returns int
language plpgsql
volatile
security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set lock_timeout = '200ms'
as $$
declare
  c_most_held constant int := 5;
  v_now timestamptz := engine.now();
  v_ended uuid[];
  v_execution uuid;
  v_workflow uuid;
  v_held uuid[] := array[]::uuid[];
  v_later uuid[] := array[]::uuid[];
  v_done int := 0;
begin
  -- two at once would count in different orders what the same nodes did
  if not pg_try_advisory_xact_lock(hashtext('tandem:record')) then
    return 0;
  end if;
  v_ended := array(
    select m.execution_id from search.ended_executions m
    where m.due_at <= v_now order by m.due_at limit record_executions.batch);
  if v_ended = '{}' then
    return 0;
  end if;
  begin
    perform search.record(v_ended);
    delete from search.ended_executions m where m.execution_id = any (v_ended);
    return cardinality(v_ended);
  exception when others then
    null; -- one by one
  end;
  for v_execution, v_workflow in
    select m.id, e.workflow_id
    from unnest(v_ended) with ordinality m (id, nth)
    left join public.workflow_executions e on e.id = m.id
    order by m.nth
  loop
    if v_workflow = any (v_held) then
      v_later := v_later || v_execution;
      continue;
    end if;
    -- what is counted stays locked while others are waited for
    exit when cardinality(v_held) >= c_most_held;
    begin
      perform search.record(array[v_execution]);
      delete from search.ended_executions m where m.execution_id = v_execution;
      v_done := v_done + 1;
    exception
    when serialization_failure or deadlock_detected or lock_not_available then
      v_held := v_held || v_workflow;
      v_later := v_later || v_execution;
    when others then
      raise warning 'The steps of execution % are not counted: %', v_execution, sqlerrm;
      delete from search.ended_executions m where m.execution_id = v_execution;
      v_done := v_done + 1;
    end;
  end loop;
  update search.ended_executions m set due_at = v_now + interval '10 seconds'
  where m.execution_id = any (v_later);
  return v_done;
end
$$;
comment on function search.record_executions(int) is
  'Count the steps of executions that have ended. Called beside the tick.';

create function search.cut_utf8(content text, bytes int)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_cut text := left(content, bytes);
begin
  while octet_length(v_cut) > bytes loop
    v_cut := left(v_cut, least(
      length(v_cut) - 1, (length(v_cut)::bigint * bytes / octet_length(v_cut))::int));
  end loop;
  return v_cut;
end
$$;
comment on function search.cut_utf8(text, int) is 'The beginning of a text that has at most so many bytes.';
