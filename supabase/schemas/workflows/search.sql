-- What workflows are found by. Beside them, so that their own rows stay narrow; the workspace is a term like
-- the others, so that one index finds what a caller may see and what he looks for.
create table workflows.search_terms (
  workflow_id uuid primary key,
  workspace_id uuid not null,
  terms tsvector not null,
  constraint terms_belong_to_their_workflow foreign key (workspace_id, workflow_id)
    references public.workflows (workspace_id, id) on delete cascade
);
comment on table workflows.search_terms is
  'Words of name (A), tags and nodes (B) and description (C) of workflows, plain and as English stems.';
-- no list of pending entries: every search would read it, and some save would have to merge it
create index search_terms_words on workflows.search_terms using gin (terms) with (fastupdate = off);
-- the foreign key
create index search_terms_workspace on workflows.search_terms (workspace_id, workflow_id);
alter table workflows.search_terms enable row level security;
-- no policy and no grant: workflows.list() searches for its caller

-- The term that stands for a workspace, and the one for all public templates: no word begins with a space.
create function workflows.scope_term(workspace_id uuid)
returns text
language sql
immutable
set search_path = ''
as $$
  select ' ' || coalesce(workspace_id::text, 'public')
$$;
comment on function workflows.scope_term(uuid) is
  'What a search is kept within: a workspace, or (null) public templates.';

-- A text as it is searched, and searched for: 'ops/mail' and 'fetch_order' are two words each, 'prufen' finds
-- 'prüfen', and in Chinese and Japanese, where nothing stands between words, each character is one.
create function workflows.plain_text(content text)
returns text
language sql
immutable
set search_path = ''
as $$
  select regexp_replace(
    translate(plain_text.content,
      '/_.:@àáâãäåçèéêëìíîïñòóôõöøùúûüýÿÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝ',
      '     aaaaaaceeeeiiiinoooooouuuuyyaaaaaaceeeeiiiinoooooouuuuy'),
    '([\u3041-\u30fc\u3400-\u4dbf\u4e00-\u9fff])', ' \1 ', 'g')
$$;
comment on function workflows.plain_text(text) is 'A text without accents, and with its words apart.';

create function workflows.words(content text, weight "char")
returns tsvector
language sql
immutable
set search_path = ''
as $$
  select setweight(
    to_tsvector('pg_catalog.simple', t) || v.gap || to_tsvector('pg_catalog.english', t) || v.gap, weight)
  -- what is not written side by side is no phrase
  from (select workflows.plain_text(left(content, 20000)), tsvector ''' gap'':9') v (t, gap)
$$;
comment on function workflows.words(text, "char") is 'The words of a text and their English stems, weighted.';

create function workflows.index_words(workflow public.workflows)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_nodes text;
  v_terms tsvector;
begin
  select string_agg(distinct n.name || ' ' || lower(n.node_subtype), ' ') into v_nodes
  from public.nodes n
  where n.workflow_id = workflow.id and n.version = workflow.current_version;
  v_terms := array_to_tsvector(array[workflows.scope_term(workflow.workspace_id)]
      || case when workflow.is_public then array[workflows.scope_term(null)] else '{}' end)
    || workflows.words(workflow.name, 'A')
    || workflows.words(array_to_string(workflow.tags, ' '), 'B')
    || workflows.words(coalesce(v_nodes, ''), 'B')
    || workflows.words(coalesce(workflow.description, ''), 'C');
  insert into workflows.search_terms as s (workflow_id, workspace_id, terms)
  values (workflow.id, workflow.workspace_id, v_terms)
  on conflict on constraint search_terms_pkey do update set terms = excluded.terms
  where s.terms is distinct from excluded.terms;
end
$$;
comment on function workflows.index_words(public.workflows) is 'Keep what a workflow is found by.';

-- Editors rename without a verb.
create function workflows.index_renamed()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform workflows.index_words(new);
  return null;
end
$$;
comment on function workflows.index_renamed() is 'Trigger: what a workflow is found by follows its name.';
create trigger words_follow after update of name, description, tags, is_public on public.workflows
  for each row when (
    old.name is distinct from new.name or old.description is distinct from new.description
    or old.tags is distinct from new.tags or old.is_public is distinct from new.is_public)
  execute function workflows.index_renamed();

-- A search as people type it: words that must be there, "phrases", -not, or. The last word may be unfinished.
-- Null where nothing is left to look for.
create function workflows.query_of(query text)
returns tsquery
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_text text := workflows.plain_text(left(query, 1000));
  v_plain tsquery := websearch_to_tsquery('pg_catalog.simple', v_text);
  v_last text;
  v_query tsquery;
begin
  -- inside a phrase or after a space the last word is finished
  if v_text ~ '[[:alnum:]]$' and length(replace(v_text, '"', '')) % 2 = length(v_text) % 2 then
    v_last := substring(v_text from '(?:^|[[:space:]])([[:alnum:]]+)$');
  end if;
  v_query := v_plain || websearch_to_tsquery('pg_catalog.english', v_text);
  if v_last is not null and lower(v_last) <> 'or' then
    v_query := v_query || (
      websearch_to_tsquery('pg_catalog.simple', left(v_text, length(v_text) - length(v_last)))
      && (quote_literal(lower(v_last)) || ':*')::tsquery);
  end if;
  return case when numnode(v_query) > 0 then v_query end;
end
$$;
comment on function workflows.query_of(text) is
  'A text search in web syntax, with a last word that may be unfinished.';
