-- Embeds a source anew by another model: in the background, while the vectors of the old one serve, until
-- none of the new one's is missing. The model that serves already: a change under way is given up. For the
-- operator.
create function search.set_model(source text, model text, dimensions int)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_source search.embedding_sources;
  v_model smallint;
begin
  select * into v_source from search.embedding_sources s where s.name = set_model.source for update;
  if not found then
    perform search.no_source(set_model.source);
  end if;
  v_model := search.model_id(set_model.model, set_model.dimensions);
  if v_model = coalesce(v_source.next_model, v_source.serving_model) then
    return;
  end if;
  update search.embedding_sources s
  set next_model = nullif(v_model, s.serving_model), task_cursor = null, task_barrier = null,
    task = case when v_model = s.serving_model then 'sweep' else 'fill' end
  where s.id = v_source.id;
end
$$;
comment on function search.set_model(text, text, int) is
  'Change the model of a source. Errors: embedding_source_not_found, embedding_model_not_found.';

-- Goes over all rows of a source, and embeds those whose vector is missing or of another text: after rows
-- were written with triggers disabled, say. For the operator.
create function search.refill(source text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  update search.embedding_sources s set task = 'fill', task_cursor = null, task_barrier = null
  where s.name = refill.source;
  if not found then
    perform search.no_source(refill.source);
  end if;
end
$$;
comment on function search.refill(text) is
  'Look for rows without a true vector, and embed them. Errors: embedding_source_not_found.';

-- Dead jobs of a source are tried again. For the operator.
create function search.requeue_dead(source text)
returns int
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_count int;
begin
  update search.embedding_jobs j
  set state = 'pending', attempts = 0, run_at = engine.now(), error = null
  where j.state = 'dead' and j.source_id = search.source_id(requeue_dead.source);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function search.requeue_dead(text) is
  'Try dead jobs again; how many. Errors: embedding_source_not_found.';

-- Dead jobs of a source are given up, so that a change of its model does not wait for them: their rows stay
-- without a vector until they change. For the operator.
create function search.drop_dead(source text)
returns int
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_count int;
begin
  delete from search.embedding_jobs j
  where j.state = 'dead' and j.source_id = search.source_id(drop_dead.source);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function search.drop_dead(text) is
  'Give dead jobs up; how many. Errors: embedding_source_not_found.';

create function search.source_id(source text)
returns smallint
language plpgsql
stable
set search_path = ''
as $$
declare
  v_id smallint;
begin
  select s.id into v_id from search.embedding_sources s where s.name = source_id.source;
  if not found then
    perform search.no_source(source_id.source);
  end if;
  return v_id;
end
$$;
comment on function search.source_id(text) is 'The id of a source. Errors: embedding_source_not_found.';

create function search.no_source(source text)
returns void
language sql
volatile
set search_path = ''
as $$
  select platform.fail(404, 'embedding_source_not_found', format('No source %s', no_source.source),
    'See search.embedding_sources.')
$$;
comment on function search.no_source(text) is
  'The answer for an unknown source. Errors: embedding_source_not_found.';

create function search.model_id(model text, dimensions int)
returns smallint
language plpgsql
stable
set search_path = ''
as $$
declare
  v_id smallint;
begin
  select m.id into v_id from search.embedding_models m
  where m.name = model_id.model and m.dimensions = model_id.dimensions;
  if not found then
    perform platform.fail(404, 'embedding_model_not_found',
      format('No model %s with %s dimensions', model_id.model, model_id.dimensions),
      'Insert it into search.embedding_models.');
  end if;
  return v_id;
end
$$;
comment on function search.model_id(text, int) is 'The id of a model. Errors: embedding_model_not_found.';

-- What a source is searched by.
create function search.serving_model(source text)
returns table (id smallint, name text, dimensions int, provider text)
language sql
stable
security definer
set search_path = ''
rows 1
as $$
  select m.id, m.name, m.dimensions, m.provider
  from search.embedding_sources s
  join search.embedding_models m on m.id = s.serving_model
  where s.name = serving_model.source
$$;
comment on function search.serving_model(text) is 'The model whose vectors of a source serve.';
grant execute on function search.serving_model(text) to authenticated, service_role;
