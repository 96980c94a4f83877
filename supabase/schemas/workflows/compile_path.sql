-- Checks one SQL/JSON path of a template or predicate and says what it reads:
--   {path, many, reads: [roots], nodes: [ids], problems: [{code, message}]}
-- Beside its root `workflow`, $.workflow.static is read as `workflow.static`, and as
-- `workflow.static:<field>` where the path calculates with a field, which counts as 0 while it is not there.
-- `path` is the canonical text; `many` is true where the path can yield several values and so gives an array.
-- Refused, because one of them can burn minutes: .**, like_regex, filters inside filters, lists of
-- subscripts, more than 500 characters, and whatever would pair every value of one list with every value of
-- another. For the same reason a path that compares two values is strict: lax paths pair the elements of two
-- arrays without being asked.
create function workflows.compile_path(source text)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  c_roots constant text[] := '{input,trigger,nodes,item,execution,workflow,vars,now}'::text[];
  -- what most templates are: a root that needs no further look, and plain keys
  c_plain constant text :=
    '^\$\.(input|trigger|item|vars|now|execution|nodes\.[A-Za-z_][A-Za-z0-9_]*)(\.[A-Za-z_][A-Za-z0-9_]*)*$';
  c_each constant text := '\[\*\]|\.\*|\[[^]]* to ';  -- steps that yield several values
  c_static constant text := '\$\."workflow"\."static"\."((?:\\.|[^"\\])*)"';
  -- before an operator, or behind one
  c_calculated constant text := c_static || '(?= [-+*/%])|[-+*/%] ?' || c_static || '(?![.\[])';
  v_source text := btrim(source);
  v_strict boolean;
  v_path text;       -- canonical: keys and strings in double quotes
  v_bare text;       -- the same with every quoted token emptied
  v_outside text := '';  -- v_bare without filters and subscripts
  v_inside text := '';   -- v_bare's filters
  v_segment text;
  v_tokens text[];   -- the quoted tokens, in order
  v_between text[];  -- what stands before each of them
  v_reads text[] := '{}'::text[];
  v_nodes text[] := '{}'::text[];
  v_problems jsonb := jsonb '[]';
  v_stack text := '';    -- open brackets: f a filter, ( a group, [ a subscript
  v_char text;
begin
  if length(v_source) > 500 then
    return jsonb_build_object('problems', jsonb_build_array(jsonb_build_object('code', 'path_too_long',
      'message', format('A path has at most 500 characters; this one has %s', length(v_source)))));
  end if;
  if v_source = '' or not pg_input_is_valid(v_source, 'jsonpath') then
    return jsonb_build_object('problems', jsonb_build_array(jsonb_build_object('code', 'path_malformed',
      'message', format('%L is no SQL/JSON path: %s', v_source,
        coalesce((select i.message from pg_input_error_info(v_source, 'jsonpath') i), 'it is empty')))));
  end if;

  v_path := v_source::jsonpath::text;
  if v_source ~ c_plain then
    return jsonb_build_object('path', v_path, 'many', false,
      'reads', jsonb_build_array(split_part(v_source, '.', 2)),
      'nodes', case split_part(v_source, '.', 2)
        when 'nodes' then jsonb_build_array(split_part(v_source, '.', 3)) else '[]' end,
      'problems', jsonb '[]');
  end if;
  v_bare := regexp_replace(v_path, '"(\\.|[^"\\])*"', '""', 'g');
  v_between := string_to_array(v_bare, '""');
  v_tokens := array(select ('"' || m[1] || '"')::jsonb #>> '{}'
                    from regexp_matches(v_path, '"((?:\\.|[^"\\])*)"', 'g') m);

  if v_bare !~ '\[|\?' then
    v_outside := translate(v_bare, '()', '');
  else
    for i in 1 .. length(v_bare) loop
      v_char := substr(v_bare, i, 1);
      if v_char = '(' and substr(v_bare, i - 1, 1) = '?' then
        if position('f' in v_stack) > 0 then
          v_problems := v_problems || jsonb_build_object('code', 'path_forbidden',
            'message', 'A filter inside a filter is not allowed');
        end if;
        v_stack := v_stack || 'f';
      elsif v_char in ('(', '[') then
        v_stack := v_stack || v_char;
      elsif v_char in (')', ']') then
        v_stack := left(v_stack, -1);
      elsif position('f' in v_stack) = 0 and position('[' in v_stack) = 0 then
        v_outside := v_outside || v_char;
      end if;
      if position('f' in v_stack) > 0 then
        v_inside := v_inside || v_char;
      end if;
    end loop;
  end if;

  if v_bare ~ '\*\*' then
    v_problems := v_problems || jsonb_build_object('code', 'path_forbidden', 'message', '.** is not allowed');
  end if;
  if v_bare ~ 'like_regex' then
    v_problems := v_problems || jsonb_build_object('code', 'path_forbidden',
      'message', 'like_regex is not allowed');
  end if;
  if v_bare ~ '\[[^]]*,' then
    v_problems := v_problems || jsonb_build_object('code', 'path_forbidden',
      'message', 'A list of subscripts is not allowed');
  end if;
  v_strict := v_inside ~ '\$';
  if v_strict and v_inside ~ c_each then
    v_problems := v_problems || jsonb_build_object('code', 'path_forbidden',
      'message', 'A filter that reads $ compares single values: no [*], .* or range in it');
  end if;
  foreach v_segment in array regexp_split_to_array(v_bare, '&&|\|\||\?') loop
    if regexp_count(v_segment, '[$@]') > 1 then
      if regexp_count(v_segment, c_each) > 1 then
        v_problems := v_problems || jsonb_build_object('code', 'path_forbidden',
          'message', 'A comparison has [*], .* or a range on one side at most');
      end if;
      v_strict := true;
    end if;
  end loop;
  if v_strict and v_path !~ '^strict ' then
    v_path := 'strict ' || v_path;
  end if;
  if v_bare ~ '\$(?!\."")' then
    v_problems := v_problems || jsonb_build_object('code', 'path_root_unknown',
      'message', format('$ is followed by one of %s', array_to_string(c_roots, ', ')));
  end if;
  for i in 1 .. coalesce(array_length(v_tokens, 1), 0) loop
    if v_between[i] ~ '\$\.$' then
      if v_tokens[i] = any (c_roots) then
        v_reads := v_reads || v_tokens[i];
      else
        v_problems := v_problems || jsonb_build_object('code', 'path_root_unknown',
          'message', format('$.%s is unknown; $ is followed by one of %s',
            v_tokens[i], array_to_string(c_roots, ', ')));
      end if;
      if v_tokens[i] = 'workflow' and (
          v_between[i + 1] = '.' and v_tokens[i + 1] in ('id', 'name', 'version')) is not true then
        v_reads := v_reads || 'workflow.static'::text;
      end if;
      if v_tokens[i] = 'nodes' then
        if v_between[i + 1] = '.' and i < array_length(v_tokens, 1) then
          v_nodes := v_nodes || v_tokens[i + 1];
        else
          v_problems := v_problems || jsonb_build_object('code', 'path_root_unknown',
            'message', '$.nodes is followed by a node''s id: $.nodes.fetch.body, $.nodes."node-1".body');
        end if;
      end if;
    end if;
  end loop;

  v_reads := v_reads || array(
    select 'workflow.static:' || (('"' || coalesce(m[1], m[2]) || '"')::jsonb #>> '{}')
    from regexp_matches(v_path, c_calculated, 'g') m);

  return jsonb_build_object(
    'path', v_path,
    'many', v_outside !~ '(==|<>|[<>]=?|&&|\|\|| starts with | is unknown|^!|exists)'
            and (v_bare ~ c_each or v_bare ~ '\?\(|\.keyvalue\(\)'),
    'reads', to_jsonb(array(select distinct unnest(v_reads) order by 1)),
    'nodes', to_jsonb(array(select distinct unnest(v_nodes) order by 1)),
    'problems', v_problems);
end
$$;
comment on function workflows.compile_path(text) is
  'Check a path and say what it reads. '
  'Problems: path_too_long, path_malformed, path_forbidden, path_root_unknown.';

-- A predicate is a path itself; braces around it are left out.
create function workflows.compile_predicate(source text)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  return workflows.compile_path(regexp_replace(compile_predicate.source, '^\s*\{\{(.*)\}\}\s*$', '\1'));
end
$$;
comment on function workflows.compile_predicate(text) is 'compile_path() of a predicate, braces or not.';
