-- Who mistypes a name sees those that there are, and who misses a form sees one that fits.
\ir ../helpers.sql

create function test.told(node jsonb) returns setof text language sql as $$
  select d ->> 'message'
  from jsonb_array_elements(public.validate_definition(jsonb_build_object(
    'nodes', jsonb_build_array(jsonb '{"id": "start", "type": "TRIGGER", "subtype": "MANUAL"}', told.node),
    'connections', case told.node ->> 'type'
      when 'TRIGGER' then jsonb '[]' else jsonb '[{"source": "start", "target": "x"}]' end)) -> 'diagnostics') d
$$;

select plan(5);
select is(array(select test.told('{"id": "x", "type": "ACTION", "subtype": "HTTP"}')),
  '{"There is no node type ACTION.HTTP; of ACTION there are HTTP_REQUEST, NOOP, PLACEHOLDER, SET_STATIC_DATA, SQL_FUNCTION, TRANSFORM"}',
  'types of nodes');
select is(array(select test.told('{"id": "x", "type": "TOOL", "subtype": "HTTP"}')),
  '{"There is no node type TOOL.HTTP"}', 'a kind without types is no longer for it');
select is(array(select test.told('{"id": "x", "type": "FLOW", "subtype": "FILTER", "parameters": {"items": [], "condition": "$.item.a > 1", "where": 1}}')),
  '{"where is no parameter of this node; there are condition, items"}', 'parameters');
select is(array(select test.told('{"id": "x", "type": "TRIGGER", "subtype": "WEBHOOK", "parameters": {"path": "a b"}}')),
  '{"path does not look like orders, ^/?(:?[A-Za-z0-9._~-]+)(/:?[A-Za-z0-9._~-]+)*$"}', 'forms, by an example');
select is(array(select test.told('{"id": "x", "type": "ACTION", "subtype": "NOOP", "parameters": {"a": 1}}')),
  '{"a is no parameter of this node"}', 'where there are none, none are listed');
select * from finish();
