-- Steps to be found, in short.
\ir ../helpers.sql

-- a step of the signed-in person, named; its id
create function test.step(name text, app text default 'Chrome', "window" text default 'Page', workflow text default 'Work',
  author text default null, definition text default 'run()') returns uuid language sql as $$
  insert into public.workflow_steps (step_name, app_name, window_title, element_path, workflow_name, author, definition)
  values (name, app, "window", 'Pane', workflow, author, definition) returning id
$$;

-- the names that a query finds, best first
create function test.found(query text, variadic more text[] default '{}') returns text language plpgsql as $$
declare
  v_names text;
begin
  execute format('select string_agg(f.step_name, '', '' order by f.o) from (
    select k.step_name, row_number() over () as o from public.search_steps_keyword(%L%s) k) f',
    query, (select string_agg(', ' || m, '') from unnest(more) m)) into v_names;
  return v_names;
end
$$;

create function test.refresh() returns int language sql security definer as $$ select search.refresh_corpora() $$;

-- how an execution of a step went, so often
create function test.executed(step uuid, succeeded int, failed int default 0, at timestamptz default engine.now())
returns void language sql security definer as $$
  insert into public.workflow_step_stats (step_id, workspace_id, succeeded, failed, duration_ms, last_executed_at, stored_rank)
  select s.id, s.workspace_id, executed.succeeded, executed.failed, 1000, executed.at,
    search.rank_bucket(null, executed.succeeded, executed.failed, 1000)
  from public.workflow_steps s where s.id = executed.step
$$;

-- a step's vector, as a worker writes it
create function test.vector(step uuid, embedding text, model int default 1) returns void language sql security definer as $$
  insert into search.vectors (source_id, row_id, model_id, workspace_id, dimensions, embedding, content_hash, embedded_at)
  select 1, s.id, vector.model, s.workspace_id, m.dimensions, vector.embedding::extensions.halfvec, '\x00', engine.now()
  from public.workflow_steps s, search.embedding_models m where s.id = vector.step and m.id = vector.model
$$;

-- a vector of 768 numbers that begins with some and goes on with zeros
create function test.numbers(variadic first float8[]) returns text language sql as $$
  select translate((first || array_fill(0::float8, array[768 - cardinality(first)]))::text, '{}', '[]')
$$;
grant execute on all functions in schema test to anon, authenticated, service_role;
