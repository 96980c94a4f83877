-- What a type of node is: its parameters (JSON Schema), its outputs, and who executes it.
-- Reference data, no tenant's.
create table public.node_specifications (
  node_type text not null,
  node_subtype text not null,
  specification_version text not null default '1.0.0',
  -- sql: inside the transition; edge: by the execute function; wait: by a row that waits
  executor text not null,
  -- {description, parameters: JSON Schema, outputs: [names],
  --  outputs_by: a list among the parameters, each element of which has an output before the named ones}
  -- for the schemas' "format" see compile_parameters()
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
        "path": {"type": "string", "format": "literal", "minLength": 1, "maxLength": 200,
          "pattern": "^/?(:?[A-Za-z0-9._~-]+)(/:?[A-Za-z0-9._~-]+)*$",
          "description": "The end of the URL; a segment like :id matches anything and is given as params.id"},
        "method": {"type": "string", "format": "literal",
          "enum": ["ANY", "GET", "POST", "PUT", "PATCH", "DELETE"], "default": "POST"},
        "response_mode": {"type": "string", "format": "literal", "enum": ["async", "last_node", "respond"],
          "default": "async",
          "description": "async: 202 at once; last_node: the output of the execution; respond: what a RESPOND node says"},
        "raw_body": {"type": "boolean", "format": "literal", "default": false,
          "description": "Also raw_body: the body as it came, as text, or as base64 where it is none"}
      }},
      "credentials": [{"name": "webhook", "providers": ["webhook"], "required": false}],
      "outputs": ["main"]
    }'),
    ('TRIGGER', 'CRON', 'sql', '{
      "description": "Starts by the clock. Its output is {scheduled_at, timezone, expression}.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["expression"], "properties": {
        "expression": {"type": "string", "format": "literal", "minLength": 1, "maxLength": 200,
          "description": "Five fields, as 30 9 * * MON-FRI, or a macro, as @daily"},
        "timezone": {"type": "string", "format": "literal", "maxLength": 100, "default": "UTC",
          "description": "An IANA time zone, as Europe/Berlin"},
        "misfire": {"type": "string", "format": "literal", "enum": ["skip", "once", "all"], "default": "once",
          "description": "What becomes of times that were missed: nothing, one run, or one each up to misfire_limit"},
        "misfire_limit": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 100, "default": 10},
        "overlap": {"type": "string", "format": "literal", "enum": ["allow", "skip", "cancel_previous"],
          "default": "allow", "description": "What to do while the run before has not ended"}
      }},
      "outputs": ["main"]
    }'),
    ('TRIGGER', 'GITHUB', 'sql', '{
      "description": "Starts on an event of a repository. Its output is {event, action, delivery_id, repository, sender, payload}.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {
        "repository": {"type": "string", "format": "literal", "pattern": "^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$",
          "description": "As owner/name; all of the integration when left out"},
        "events": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 50,
          "items": {"type": "string", "format": "literal", "pattern": "^[a-z_]+$"}, "description": "As issues, push; all when left out"},
        "actions": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 50,
          "items": {"type": "string", "format": "literal", "pattern": "^[a-z_]+$"}, "description": "As opened; all when left out"},
        "branches": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 50,
          "items": {"type": "string", "format": "literal", "minLength": 1, "maxLength": 255},
          "description": "Of push, pull_request and workflow_run; * stands for anything"}
      }},
      "credentials": [{"name": "github", "providers": ["github"], "required": true}],
      "outputs": ["main"]
    }'),
    ('TRIGGER', 'SLACK', 'sql', '{
      "description": "Starts on an event or a slash command of Slack. Its output is {kind, event, command, text, user, channel, team, payload}.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {
        "event": {"type": "string", "format": "literal", "pattern": "^[a-z_.]+$", "description": "As app_mention or message"},
        "command": {"type": "string", "format": "literal", "pattern": "^/[a-z0-9_-]+$", "description": "As /deploy"},
        "channels": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 50,
          "items": {"type": "string", "format": "literal", "pattern": "^[A-Z0-9]+$"}, "description": "Ids of channels; all when left out"},
        "include_bots": {"type": "boolean", "format": "literal", "default": false, "description": "Also what bots write"}
      }},
      "credentials": [{"name": "slack", "providers": ["slack"], "required": true}],
      "outputs": ["main"]
    }'),
    ('TRIGGER', 'EMAIL', 'sql', '{
      "description": "Starts on an e-mail to an address. Its output is {from, to, cc, subject, text, html, tag, message_id, in_reply_to, references, attachments, spam, provider}.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {
        "address": {"type": "string", "format": "literal", "maxLength": 320,
          "pattern": "^[^@+\\s]+@[^@\\s]+$", "description": "As orders@in.example.com; mail to orders+42@ has the tag 42. All when left out"},
        "from": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 50,
          "items": {"type": "string", "format": "literal", "minLength": 1, "maxLength": 320},
          "description": "Senders, or @domains; all when left out. A sender''s name proves little"}
      }},
      "credentials": [{"name": "email", "providers": ["resend", "sendgrid", "mailgun", "postmark"], "required": true}],
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
    ('FLOW', 'SWITCH', 'sql', '{
      "description": "Passes its input on through the output of the first rule that holds, counted from 0; if none does, through the output after the last rule.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["rules"], "properties": {
        "rules": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 100,
          "items": {"type": "string", "minLength": 1, "format": "predicate"},
          "description": "Path predicates, as $.input.kind == \"order\""}
      }},
      "outputs": ["fallback"], "outputs_by": "rules"
    }'),
    ('FLOW', 'FILTER', 'sql', '{
      "description": "Its output is the list of the items for which the condition holds.",
      "parameters": {"type": "object", "additionalProperties": false,
        "required": ["items", "condition"], "properties": {
        "items": {"description": "A list, as {{ $.input.orders }}; another single value is a list of one, null an empty one"},
        "condition": {"type": "string", "minLength": 1, "format": "item_predicate",
          "description": "A path predicate over each item, as $.item.amount > 100"}
      }},
      "outputs": ["main"]
    }'),
    ('FLOW', 'MERGE', 'sql', '{
      "description": "Brings tokens together that arrive at its inputs. all: an object of the inputs'' values; append: the list of them; combine: their fields in one object, later inputs win; any: the first that comes, the rest is dropped; collect: the list of what came of the items of the FOR_EACH around it.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["mode"], "properties": {
        "mode": {"type": "string", "format": "literal", "enum": ["all", "append", "combine", "any", "collect"]},
        "inputs": {"type": "array", "format": "literal", "maxItems": 100,
          "items": {"type": "string", "format": "literal", "minLength": 1, "maxLength": 100, "pattern": "[^0-9]"},
          "description": "Names of the inputs in the output of mode all; one without a name goes by its number"}
      }},
      "outputs": ["main"]
    }'),
    ('FLOW', 'FOR_EACH', 'sql', '{
      "description": "Lets what follows run once for each item: $.item and the first node''s $.input. A MERGE of mode collect takes the results together.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["items"], "properties": {
        "items": {"description": "A list, as {{ $.input.orders }}; another single value is one item, null none. At most 10,000"},
        "max_concurrency": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 10000,
          "description": "How many items run at a time; all when left out"}
      }},
      "outputs": ["item"]
    }'),
    ('FLOW', 'WAIT', 'wait', '{
      "description": "Waits, then passes its input on. An event''s payload is its output instead; an event that does not come in time is an error.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {
        "seconds": {"type": "number", "minimum": 0, "maximum": 31536000},
        "until": {"type": "string", "minLength": 1, "description": "A time with its zone, as 2027-01-31T09:00:00Z"},
        "event": {"type": "string", "minLength": 1, "maxLength": 255, "description": "Name of an event"},
        "key": {"type": ["string", "number"], "description": "Which of the events of this name, as {{ $.input.order_id }}"},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 31536000, "default": 2592000,
          "description": "How long to wait for the event"}
      }},
      "outputs": ["main"]
    }'),
    ('FLOW', 'SUB_WORKFLOW', 'wait', '{
      "description": "Starts another workflow and waits for its output; with items one for each, and the output is the list of theirs.",
      "parameters": {"type": "object", "additionalProperties": false,
        "required": ["workflow_id"], "properties": {
        "workflow_id": {"type": "string",
          "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"},
        "input": {"description": "The workflow''s input, any JSON; this node''s input when left out"},
        "wait": {"type": "boolean", "default": true, "description": "false: go on at once"},
        "items": {"description": "A list, as {{ $.input.orders }}: each is the input of an execution"},
        "max_concurrency": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 10000,
          "description": "How many items run at a time; all when left out"},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 31536000, "default": 2592000}
      }},
      "outputs": ["main"]
    }'),
    ('FLOW', 'STOP', 'sql', '{
      "description": "Ends the execution.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {
        "status": {"type": "string", "format": "literal", "enum": ["SUCCESS", "ERROR"], "default": "SUCCESS"},
        "message": {"type": "string", "description": "Why; of an ERROR it is the execution''s error"}
      }},
      "outputs": []
    }'),
    ('FLOW', 'RESPOND', 'sql', '{
      "description": "Answers the request that a WEBHOOK trigger of response_mode respond holds open, and passes its input on. The first RESPOND of an execution answers.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {
        "status": {"type": "integer", "minimum": 200, "maximum": 599, "default": 200},
        "headers": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
        "body": {"description": "Any JSON, sent as JSON; a text is sent as it is; this node''s input when left out"}
      }},
      "outputs": ["main"]
    }'),
    ('ACTION', 'SET_STATIC_DATA', 'sql', '{
      "description": "Changes what the workflow remembers between executions ($.workflow.static), one execution at a time. Its output is all that is remembered.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["values"], "properties": {
        "values": {"type": "object", "description": "Fields to set, as {\"seen\": \"{{ $.workflow.static.seen + 1 }}\"}; null removes one"}
      }},
      "outputs": ["main"]
    }'),
    ('ACTION', 'PLACEHOLDER', 'sql', '{
      "description": "Stands for a node of another system that has no counterpart here, with its original parameters. Cannot run: replace it, or leave it disabled.",
      "parameters": {"type": "object", "properties": {
        "source": {"format": "opaque", "description": "The original, untouched"}
      }},
      "outputs": ["main"], "outputs_any": true, "is_placeholder": true
    }'),
    ('ACTION', 'SQL_FUNCTION', 'edge', '{
      "description": "Calls a function that the project''s owner has put into the schema nodes. Its output is what the function answers.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["function"], "properties": {
        "function": {"type": "string", "format": "literal", "pattern": "^[a-z_][a-z0-9_]{0,62}$"},
        "arguments": {"type": "object", "description": "By name, any JSON with templates"}
      }},
      "outputs": ["main"]
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
