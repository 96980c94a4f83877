-- Specifications are documentation, and the validator's rules: complete, of one kind, and true of themselves.
\ir ../helpers.sql
select plan(19);

create view test.specified as
  select node_type || '.' || node_subtype as kind, executor, specification_data as data from node_specifications;
create view test.parameters as
  select s.kind, p.key as name, p.value as schema, coalesce(s.data #> '{parameters,required}' ? p.key, false) as is_required
  from test.specified s, jsonb_each(s.data #> '{parameters,properties}') p;
-- every schema inside of the schemas
create view test.schemas as
  with recursive part as (
    select kind, '{}'::text[] as place, data -> 'parameters' as schema from test.specified
    union all
    select p.kind, p.place || e.key, e.schema from part p, lateral (
      select key, value from jsonb_each(p.schema -> 'properties')
      union all select k, p.schema -> k from unnest('{items,additionalProperties}'::text[]) k where jsonb_typeof(p.schema -> k) = 'object') e (key, schema))
  select * from part;

select cmp_ok((select count(*) from test.specified), '>=', 20::bigint, 'there are some');
select is_empty($$select kind from test.specified where coalesce(length(data ->> 'description'), 0) < 10$$, 'each type says what it does');
select is_empty($$select kind, name from test.parameters where coalesce(length(schema ->> 'description'), 0) < 8$$, 'each parameter says what it is');
select is_empty($$select kind, name from test.parameters where jsonb_array_length(coalesce(schema -> 'examples', '[]')) = 0$$, 'each has examples');
select is_empty($$select kind, name from test.parameters where is_required and schema ? 'default'$$, 'what is required has no default');
select is_empty($$select kind, name from test.parameters
  where not is_required and not schema ? 'default' and schema ->> 'description' !~ 'when left out|instead of|without a name|How long|A time|Name of|Type of|A slash|The original'$$,
  'what is not says what leaving it out means');
select is_empty($$select p.kind, p.name, e, workflows.schema_problems(p.schema, e) from test.parameters p, jsonb_array_elements(p.schema -> 'examples') e
  where workflows.schema_problems(p.schema, e) <> '[]'$$, 'every example of a parameter is valid');
select is_empty($$select kind, name from test.parameters where schema ? 'default' and workflows.schema_problems(schema, schema -> 'default', false) <> '[]'$$,
  'and every default');
select is_empty($$select kind from test.specified where data -> 'inputs' is null or data -> 'outputs' is null or data -> 'credentials' is null
  or jsonb_array_length(data -> 'examples') = 0$$, 'each type says its inputs, outputs and credentials, and has whole nodes as examples');
select is_empty($$select s.kind, e ->> 'id', d.code, d.message, d.path from test.specified s, jsonb_array_elements(s.data -> 'examples') e,
    workflows.node_problems(jsonb_build_array(e), workflows.specifications_of(jsonb_build_array(e), null), '{}', null) d
  where d.code not in ('trigger_missing', 'placeholder_disabled')$$, 'every example of a node is valid');
select is_empty($$select s.kind, e from test.specified s, jsonb_array_elements(s.data -> 'examples') e
  where (e ->> 'type') || '.' || (e ->> 'subtype') <> s.kind or exists (select from workflows.shape_problems(jsonb_build_object('nodes', jsonb_build_array(e), 'connections', '[]'::jsonb)))$$,
  'and of its own type');
select is_empty($$select kind from test.specified where array(select jsonb_array_elements_text(data -> 'order') order by 1)
  <> array(select p from jsonb_object_keys(data #> '{parameters,properties}') p order by 1)$$, 'each orders its parameters');
select is((select data -> 'order' from test.specified where kind = 'ACTION.HTTP_REQUEST'),
  '["method", "url", "headers", "query", "body", "form", "response"]', 'as they are written, for a form');
-- the engine tries again only what the execute function ran
select set_eq($$select kind from test.specified where data -> 'retryable_errors' <> '[]'$$, $$select kind from test.specified where executor = 'edge'$$,
  'what is executed by a function names the errors that are tried again');
select is_empty($$select kind, e from test.specified, jsonb_array_elements(data -> 'retryable_errors') e where e ->> 'code' is null$$, 'by code');
select is_empty($$select s.kind, k from test.schemas s, jsonb_object_keys(s.schema) k where k <> all (
  '{type,enum,required,dependentRequired,properties,additionalProperties,items,minItems,maxItems,uniqueItems,minLength,maxLength,pattern,minimum,maximum,oneOf,not,format,
    title,description,default,examples}')$$, 'no schema says what the validator does not understand');
select is_empty($$select kind, workflows.meta_problems(data -> 'parameters', '{}') from test.specified where workflows.meta_problems(data -> 'parameters', '{}') <> '[]'$$,
  'each is a schema');
select is_empty($$select kind, name from test.parameters where kind like 'TRIGGER.%' and schema ->> 'format' is distinct from 'literal'$$,
  'what a trigger listens to is literal');
-- seeding again changes nothing, and heals
update node_specifications set specification_data = specification_data - 'examples' where node_subtype = 'IF';
select workflows.seed_node_specifications() \g /dev/null
select is((select array[is_system_spec::text, specification_version, (specification_data ? 'examples')::text, is_active::text] from node_specifications where node_subtype = 'IF'),
  '{true,1.0.0,true,true}', 'the rows are kept');
select * from finish();
