-- A search for steps, as search.find_steps() takes it.
create type search.step_search as (
  query text,
  -- keyword, two_stage or hybrid
  mode text,
  embedding extensions.vector,
  -- what the embedding was made of, or is to be made of
  similarity_query text,
  embedding_model text,
  -- definition or workflow
  embedding_type text,
  filter search.step_filter,
  workspace_id uuid,
  kept int,
  answered int,
  -- document or robust
  ranking text,
  -- relevance or ranking
  order_by text,
  min_similarity double precision,
  "cursor" text,
  with_highlights boolean,
  with_explanation boolean
);
comment on type search.step_search is 'A search for steps.';

-- Refuses a search that asks for what there is not; all at once.
create function search.check_step_search(asked search.step_search)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  v_problems jsonb;
begin
  select jsonb_agg(jsonb_build_object(
    'code', 'value_invalid', 'path', p.path, 'message', p.path || ' ' || p.message))
  into v_problems
  from (values
    ('search_query', 'has more than 100000 characters', length((asked).query) > 100000),
    ('similarity_query', 'has more than 100000 characters', length((asked).similarity_query) > 100000),
    ('similarity_query', 'is empty', btrim((asked).similarity_query) = ''),
    ('query_embedding', 'has only zeros: it points nowhere',
      extensions.vector_norm((asked).embedding) = 0),
    ('mode', 'is not two_stage or hybrid',
      coalesce((asked).mode not in ('keyword', 'two_stage', 'hybrid'), true)),
    ('ranking', 'is not document or robust', coalesce((asked).ranking not in ('document', 'robust'), true)),
    ('order_by', 'is not relevance or ranking',
      coalesce((asked).order_by not in ('relevance', 'ranking'), true)),
    ('embedding_type', 'is not definition or workflow',
      coalesce((asked).embedding_type not in ('definition', 'workflow'), true)),
    ('result_limit', 'is not between 1 and 2000',
      (asked).mode is not distinct from 'keyword'
        and coalesce((asked).answered not between 1 and 2000, true)),
    ('stage1_limit', 'is not between 1 and 2000',
      (asked).mode is distinct from 'keyword' and coalesce((asked).kept not between 1 and 2000, true)),
    ('stage2_limit', 'is not between 1 and 1000',
      (asked).mode is distinct from 'keyword' and coalesce((asked).answered not between 1 and 1000, true)),
    ('min_succeeded', 'is negative', ((asked).filter).min_succeeded < 0),
    ('min_similarity', 'is not between -1 and 1', not (asked).min_similarity between -1 and 1),
    ('date_to', 'is before date_from', ((asked).filter).executed_to < ((asked).filter).executed_from)
  ) p (path, message, is_broken)
  where p.is_broken;
  if v_problems is not null then
    perform platform.fail(422, 'search_invalid', case jsonb_array_length(v_problems)
      when 1 then v_problems #>> '{0,message}'
      else format('The search has %s problems', jsonb_array_length(v_problems)) end, v_problems::text);
  end if;
end
$$;
comment on function search.check_step_search(search.step_search) is
  'Refuse a search that asks for what there is not. Errors: search_invalid.';

-- Where a caller searches: in one workspace, or in all of the caller's. Who sees all must say which.
create function search.workspaces_of_caller(workspace_id uuid)
returns uuid[]
language plpgsql
stable
set search_path = ''
as $$
begin
  if workspaces_of_caller.workspace_id is not null then
    perform workspaces.require(workspaces_of_caller.workspace_id, 'viewer');
    return array[workspaces_of_caller.workspace_id];
  elsif workspaces.caller_bypasses_rls() then
    perform platform.fail(422, 'workspace_needed', 'This caller sees every workspace, and must name one',
      'Give workspace_id.');
  end if;
  return array(select workspaces.readable());
end
$$;
comment on function search.workspaces_of_caller(uuid) is
  'The workspaces that a search goes through. Errors: workspace_not_found, workspace_needed.';

-- The vector that a search compares with, and whose vectors it compares. None without a vector or a text.
create function search.query_vector(asked search.step_search)
returns table (source_id smallint, model_id smallint, dimensions int, embedding extensions.halfvec)
language plpgsql
stable
set search_path = ''
as $$
declare
  v_source text := 'steps.' || (asked).embedding_type;
  v_model record;
  v_embedding extensions.vector := (asked).embedding;
begin
  if v_embedding is null and (asked).similarity_query is null then
    return;
  end if;
  select * into v_model from search.serving_model(v_source);
  if (asked).embedding_model is not null and (asked).embedding_model <> v_model.name then
    perform platform.fail(422, 'embedding_model_mismatch',
      format('The vectors of steps are made by %s, and not by %s', v_model.name, (asked).embedding_model),
      'Vectors of two models cannot be compared: embed the query with the model that serves.');
  end if;
  if v_embedding is null then
    if v_model.provider <> 'local' then
      perform platform.fail(422, 'embedding_needed',
        format('%s cannot be asked from SQL', v_model.name),
        'Send the vector as query_embedding, or search with POST /search/steps, which embeds '
        'similarity_query.');
    end if;
    embedding := search.local_lexical((asked).similarity_query, v_model.dimensions);
  elsif extensions.vector_dims(v_embedding) <> v_model.dimensions then
    perform platform.fail(422, 'embedding_dimensions_mismatch',
      format('query_embedding has %s numbers, and %s makes %s',
        extensions.vector_dims(v_embedding), v_model.name, v_model.dimensions),
      'Embed the query with the model, and the dimensions, that serve.');
  else
    -- the direction counts; a half number ends at 65504, and near 0
    embedding := case when extensions.vector_norm(v_embedding) not between 0.1 and 60000
      then extensions.l2_normalize(v_embedding) else v_embedding end::extensions.halfvec;
  end if;
  source_id := (select e.id from search.embedding_sources e where e.name = v_source);
  model_id := v_model.id;
  dimensions := v_model.dimensions;
  return next;
end
$$;
comment on function search.query_vector(search.step_search) is
  'The vector that a search compares with. Errors: embedding_model_mismatch, embedding_needed, '
  'embedding_dimensions_mismatch.';
