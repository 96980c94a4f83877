-- What a type of node is: its parameters (JSON Schema), its outputs, and who executes it.
-- Reference data, no tenant's.
create table public.node_specifications (
  node_type text not null,
  node_subtype text not null,
  specification_version text not null default '1.0.0',
  -- sql: inside the transition; edge: by the execute function; wait: by a row that waits
  executor text not null,
  -- {description, parameters: JSON Schema, outputs: [names], placeholders allowed by "format": "predicate"}
  specification_data jsonb not null,
  is_active boolean not null default true,
  primary key (node_type, node_subtype),
  constraint an_executor_is_known check (executor in ('sql', 'edge', 'wait')),
  constraint a_node_type_is_known check (node_type in
    ('TRIGGER', 'AI_AGENT', 'EXTERNAL_ACTION', 'ACTION', 'FLOW', 'HUMAN_IN_THE_LOOP', 'TOOL', 'MEMORY')),
  constraint outputs_are_named check (jsonb_typeof(specification_data -> 'outputs') = 'array')
);
comment on table public.node_specifications is 'The types of nodes that a workflow can use.';

alter table public.node_specifications enable row level security;
create policy "everyone signed in reads" on public.node_specifications for select to authenticated
  using (true);
grant select on public.node_specifications to authenticated, service_role;
-- no write: seed_node_specifications() keeps the rows

create function workflows.seed_node_specifications()
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  insert into public.node_specifications as s (node_type, node_subtype, executor, specification_data)
  values
    ('TRIGGER', 'MANUAL', 'sql', '{
      "description": "Starts when somebody starts it. Its output is the input it was started with.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {}},
      "outputs": ["main"]
    }'),
    ('TRIGGER', 'WEBHOOK', 'sql', '{
      "description": "Starts on an HTTP request to the URL that deploying answers. Its output is {method, path, params, query, headers, body}.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["path"], "properties": {
        "path": {"type": "string", "minLength": 1, "maxLength": 200,
          "pattern": "^/?(:?[A-Za-z0-9._~-]+)(/:?[A-Za-z0-9._~-]+)*$",
          "description": "The end of the URL; a segment like :id matches anything and is given as params.id"},
        "method": {"type": "string",
          "enum": ["ANY", "GET", "POST", "PUT", "PATCH", "DELETE"], "default": "POST"}
      }},
      "outputs": ["main"]
    }'),
    ('FLOW', 'IF', 'sql', '{
      "description": "Passes its input on through output 0 when the condition holds, else through output 1.",
      "parameters": {"type": "object", "additionalProperties": false,
        "required": ["condition"], "properties": {
        "condition": {"type": "string", "minLength": 1, "format": "predicate",
          "description": "A path predicate, as $.input.amount > 100"}
      }},
      "outputs": ["true", "false"]
    }'),
    ('ACTION', 'TRANSFORM', 'sql', '{
      "description": "Builds its output from a JSON value with templates.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["output"], "properties": {
        "output": {"description": "Any JSON; {{ $.input.name }} is replaced by what the path finds"}
      }},
      "outputs": ["main"]
    }'),
    ('ACTION', 'HTTP_REQUEST', 'edge', '{
      "description":
        "Sends an HTTP request. Its output is {status, headers, body}; a status of 400 or more is an error.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["url"], "properties": {
        "method": {"type": "string",
          "enum": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"], "default": "GET"},
        "url": {"type": "string", "minLength": 1, "maxLength": 8000, "description": "An http or https URL"},
        "headers": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
        "query": {"type": "object",
          "additionalProperties": {"type": ["string", "number", "boolean", "array", "null"]}},
        "body": {"description": "Sent as JSON"},
        "form": {"type": "object", "description": "Sent URL-encoded, instead of body"},
        "response": {"type": "string", "enum": ["json", "text", "base64"],
          "description": "How to read the answer; by its content type when left out"}
      }},
      "outputs": ["main"]
    }'),
    ('ACTION', 'NOOP', 'edge', '{
      "description": "Does nothing in the execute function and passes its input on: a placeholder, and the yardstick of the benchmark.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {}},
      "outputs": ["main"]
    }')
  on conflict on constraint node_specifications_pkey do update
  set executor = excluded.executor, specification_data = excluded.specification_data
  where (s.executor, s.specification_data) is distinct from (excluded.executor, excluded.specification_data)
$$;
comment on function workflows.seed_node_specifications() is
  'Keep the rows of node_specifications. Idempotent.';
