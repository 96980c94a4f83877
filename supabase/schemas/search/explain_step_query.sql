-- What a search looks for, whether or not it finds anything.
create function search.explain_query(search_query text, workspace_id uuid)
returns jsonb
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_workspaces uuid[] := search.workspaces_of_caller(explain_query.workspace_id);
  v_query record;
begin
  if length(explain_query.search_query) > 100000 then
    perform platform.fail(422, 'search_invalid', 'search_query has more than 100000 characters',
      'Ask for less.');
  end if;
  select * into v_query from search.read_query(coalesce(explain_query.search_query, ''));
  return jsonb_build_object(
    'steps', (select c.documents from search.corpus_of(v_workspaces) c),
    'words', coalesce((
      select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'word', coalesce(w.given, o.lexeme), 'corrected_to', nullif(w.lexeme, w.given),
        'steps', coalesce(w.df, 0)))
        order by o.n)
      from unnest(v_query.words[:100]) with ordinality o (lexeme, n)
      left join search.weigh_words(v_workspaces, v_query.words) w on w.given = o.lexeme), '[]'),
    'phrases', v_query.has_phrases, 'demand', v_query.demand::text);
end
$$;
comment on function search.explain_query(text, uuid) is
  'See public.explain_step_query. Errors: search_invalid, workspace_not_found, workspace_needed.';
grant execute on function search.explain_query(text, uuid) to authenticated, service_role;

create function public.explain_step_query(search_query text, workspace_id uuid default null)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select search.explain_query(explain_step_query.search_query, explain_step_query.workspace_id)
$$;
comment on function public.explain_step_query(text, uuid) is
  'What a search looks for: {steps, words: [{word, corrected_to, steps}], phrases, demand}. Words that count '
  'for nothing, like "the", are not among them. '
  'Errors: search_invalid, workspace_not_found, workspace_needed.';
grant execute on function public.explain_step_query(text, uuid) to authenticated, service_role;
