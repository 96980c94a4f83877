-- What tests of embeddings share: notes, whose texts are embedded by models of three and four dimensions.
\ir ../helpers.sql

insert into search.embedding_models (id, name, dimensions, provider) values (101, 'tiny', 3, 'openai'), (102, 'small', 4, 'openai');
create table test.notes (
  id uuid primary key default platform.uuid7(),
  workspace_id uuid not null default workspaces.default_id() references public.workspaces (id) on delete cascade,
  title text not null,
  "the text" text
);
grant select, insert, update, delete on test.notes to authenticated;
select search.declare_source('notes', 'test.notes', $$title || ' ' || coalesce("the text", '')$$, 'tiny', 3);

create function test.note(title text, body text default null, id uuid default platform.uuid7()) returns uuid
language sql as $$ insert into test.notes (id, title, "the text") values (note.id, note.title, note.body) returning id $$;

create function test.claim_texts(worker text default 'w', capacity int default 100) returns jsonb language sql security definer as $$
  select coalesce(jsonb_agg(to_jsonb(c) order by c.content), '[]') from search.claim_embeddings(claim_texts.worker, claim_texts.capacity) c
$$;

-- the results of a worker that did its work: a vector of as many numbers as the model has
create function test.embedded(jobs jsonb) returns jsonb language sql as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'source_id', j -> 'source_id', 'row_id', j -> 'row_id', 'model_id', j -> 'model_id', 'lease_token', j -> 'lease_token',
    'content_hash', j -> 'content_hash',
    'embedding', (select jsonb_agg(length(j ->> 'content') + i) from generate_series(1, (j ->> 'dimensions')::int) i))), '[]')
  from jsonb_array_elements(embedded.jobs) j
$$;

create function test.not_embedded(jobs jsonb, error jsonb) returns jsonb language sql as $$
  select coalesce(jsonb_agg((e - 'embedding') || jsonb_build_object('error', not_embedded.error)), '[]')
  from jsonb_array_elements(test.embedded(jobs)) e
$$;

create function test.finish_texts(results jsonb, worker text default 'w') returns jsonb language sql security definer as $$
  select search.finish_embeddings(finish_texts.worker, finish_texts.results)
$$;

-- does all there is to do; how many jobs that were
create function test.embed_all() returns int language plpgsql as $$
declare
  v_jobs jsonb;
  v_done int := 0;
begin
  loop
    v_jobs := test.claim_texts();
    exit when v_jobs = '[]';
    perform test.finish_texts(test.embedded(v_jobs));
    v_done := v_done + jsonb_array_length(v_jobs);
  end loop;
  return v_done;
end
$$;

-- the notes' vectors: the title, and the model where it is not the first one
create function test.vectors() returns text language sql security definer as $$
  select string_agg(coalesce(n.title, 'gone') || case when m.name <> 'tiny' then '/' || m.name else '' end
    || case when v.content_hash <> sha256(convert_to(n.title || ' ' || coalesce(n."the text", ''), 'UTF8')) then ' (old)' else '' end,
    ', ' order by n.title, m.id)
  from search.vectors v
  join search.embedding_models m on m.id = v.model_id
  left join test.notes n on n.id = v.row_id
  where v.source_id = (select s.id from search.embedding_sources s where s.name = 'notes')
$$;

-- the notes' jobs: title, state, attempts
create function test.jobs() returns text language sql security definer as $$
  select string_agg(format('%s%s %s%s', coalesce(n.title, 'gone'), case when m.name <> 'tiny' then '/' || m.name else '' end,
    case when j.lease_token is not null then 'leased' else j.state end, case when j.attempts > 0 then ' ' || j.attempts end),
    ', ' order by n.title, m.id)
  from search.embedding_jobs j
  join search.embedding_models m on m.id = j.model_id
  left join test.notes n on n.id = j.row_id
$$;
grant execute on all functions in schema test to anon, authenticated, service_role;

-- goes on with changes of models; of two rows at a time
create function test.tend(times int default 1) returns void language plpgsql security definer as $$
begin
  for i in 1 .. times loop
    perform search.tend_sources(2);
  end loop;
end
$$;
