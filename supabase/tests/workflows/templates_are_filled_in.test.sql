\ir ../helpers.sql
select plan(29);
create function test.resolved(template jsonb, input jsonb) returns jsonb language sql as $$
  select engine.resolve(p, c -> 'bindings', jsonb_build_object('input', input, 'vars', jsonb '{"limit": 2}')) -> 'output'
  from (select jsonb_build_object('output', template) as p) p, workflows.compile_parameters(p, '{}') c
$$;
select '{"n": 5, "half": 2.50, "t": true, "none": null, "s": "text", "quote": "a\"b", "list": [1, 2, 3], "one": [7], "o": {"a": {"b": 1}},
  "items": [{"n": 1, "k": "a"}, {"n": 2}, {"n": 3, "k": "c"}], "day": "2026-01-02"}' as input \gset

select is(test.resolved(to_jsonb(v.template), :'input'), v.expected::jsonb, format('%s is %s', v.template, v.expected)) from (values
  ('{{ $.input.n }}', '5'), ('{{$.input.half}}', '2.50'), ('{{ $.input.t }}', 'true'), ('{{ $.input.s }}', '"text"'), ('  {{ $.input.n }} ', '5'),
  ('{{ $.input.list }}', '[1, 2, 3]'), ('{{ $.input.o }}', '{"a": {"b": 1}}'),
  ('{{ $.input.none }}', 'null'), ('{{ $.input.missing.x }}', 'null'), ('{{ strict $.input.missing }}', 'null'), ('{{ $.input.s / 0 }}', 'null'),
  ('n is {{ $.input.n }}!', '"n is 5!"'), ('{{ $.input.n }}{{ $.input.s }}', '"5text"'), ('[{{ $.input.missing }}]', '"[]"'),
  ('{{ $.input.o }} {{ $.input.quote }}', '"{\"a\": {\"b\": 1}} a\"b"'), ('all: {{ $.input.list[*] }}', '"all: [1, 2, 3]"'),
  ('{{ $.input.items[*].k }}', '["a", "c"]'), ('{{ $.input.one[*] }}', '[7]'), ('{{ $.input.missing[*] }}', '[]'),
  ('{{ $.input.items[*] ? (@.n >= $.vars.limit).n }}', '[2, 3]'), ('{{ exists ($.input.items[*]) }}', 'true'),
  ('{{ $.input.n > 4 }}', 'true'), ('{{ $.input.day.timestamp_tz() }}', '"2026-01-02T00:00:00+00:00"'), ('no template', '"no template"'), ('{ $.input.n }', '"{ $.input.n }"')
) v (template, expected);

select is(test.resolved('{"a": [{"deep": "{{ $.input.n }}"}, "x{{ $.input.s }}"], "k.e y": "{{ $.input.t }}", "kept": 1}', :'input'),
  '{"a": [{"deep": 5}, "xtext"], "k.e y": true, "kept": 1}', 'templates are found at any depth and under any key');
select is(test.resolved('"{{ $.input.s }}"', '{"s": "{{ $.input.secret }}", "secret": 1}'), '"{{ $.input.secret }}"', 'a value is not a template again');

create function test.holds(condition text, input jsonb) returns jsonb language sql as $$
  select engine.resolve(p, c -> 'bindings', jsonb_build_object('input', input)) -> 'condition'
  from (select jsonb_build_object('condition', condition) as p) p, workflows.compile_parameters(p, '{"properties": {"condition": {"format": "predicate"}}}') c
$$;
select is(array[test.holds('$.input.n > 4', :'input'), test.holds('{{ $.input.n > 4 }}', :'input'), test.holds('$.input.items[*].k == "c"', :'input')],
  array[jsonb 'true', 'true', 'true'], 'a predicate with or without braces');
select is(array[test.holds('$.input.missing > 4', :'input'), test.holds('$.input.s > 4', :'input'), test.holds('$.input.n', :'input'),
    test.holds('$.input.items', :'input'), test.holds('strict $.input.missing == 1', :'input'), test.holds('$.input.day.timestamp_tz() > "x".datetime()', :'input')],
  array_fill(jsonb 'false', array[6]), 'what is missing, unknown or no predicate is false');
select * from finish();
