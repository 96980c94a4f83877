-- What a type of node is: its parameters (JSON Schema), inputs, outputs, credentials, and who executes it.
-- The system's types are everybody's; a workspace's own are the functions that it has enabled.
create table public.node_specifications (
  id uuid primary key default platform.uuid7(),
  -- null: the system's
  workspace_id uuid references public.workspaces (id) on delete cascade,
  node_type text not null,
  node_subtype text not null,
  specification_version text not null default '1.0.0',
  -- sql: inside the transition; edge: by the execute function; wait: by a row that waits
  executor text not null,
  -- {description, parameters: JSON Schema, order: their names as a form shows them,
  --  inputs: [names], inputs_limit: how many more it can have,
  --  outputs: [names], outputs_by: a list among the parameters, each element of which has an output before
  --  the named ones, outputs_any: true if it has as many as are drawn,
  --  credentials: [{name, providers, required}],
  --  retryable_errors: [{code, when}], examples: [whole nodes], is_placeholder, calls_function}
  -- for the schemas' "format" see compile_parameters()
  specification_data jsonb not null,
  is_active boolean not null default true,
  is_system_spec boolean not null generated always as (workspace_id is null) stored,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint a_type_has_one_specification
    unique nulls not distinct (workspace_id, node_type, node_subtype),
  -- enabling a function makes the row, disabling it takes the row along
  constraint an_own_type_is_an_enabled_function foreign key (workspace_id, node_subtype)
    references public.workspace_functions (workspace_id, function_name) on delete cascade,
  constraint an_executor_is_known check (executor in ('sql', 'edge', 'wait')),
  constraint a_node_type_is_known check (node_type in
    ('TRIGGER', 'AI_AGENT', 'EXTERNAL_ACTION', 'ACTION', 'FLOW', 'HUMAN_IN_THE_LOOP', 'TOOL', 'MEMORY')),
  -- so that no workspace's type can stand before one of the system
  constraint an_own_type_is_called_like_its_function check (
    case when workspace_id is null then node_subtype ~ '^[A-Z][A-Z0-9_]*$'
      else node_type = 'ACTION' and executor = 'edge' and node_subtype ~ '^[a-z_][a-z0-9_]*$' end),
  constraint outputs_are_named check (jsonb_typeof(specification_data -> 'outputs') = 'array')
);
comment on table public.node_specifications is
  'The types of nodes that a workflow can use: the system''s, and a workspace''s own.';
-- the check of a definition: all specifications of some types
create index node_specifications_kind on public.node_specifications (node_type, node_subtype) where is_active;

create trigger touch before update on public.node_specifications
  for each row execute function platform.touch();

alter table public.node_specifications enable row level security;
create policy "everyone signed in reads the system's, members their own" on public.node_specifications
  for select to authenticated
  using (workspace_id is null or workspace_id = any (array(select workspaces.readable())));
grant select on public.node_specifications to authenticated, service_role;
-- no write: seed_node_specifications() keeps the system's rows, enable_function() a workspace's

-- Every parameter has a description and examples, and a default where leaving it out means a certain value;
-- where leaving it out means something else, the description says what.
create function workflows.seed_node_specifications()
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  -- json keeps the order in which the parameters are written
  with specification (node_type, node_subtype, executor, data) as (values
    ('TRIGGER', 'MANUAL', 'sql', json '{
      "description": "Starts when somebody starts it. Its output is the input it was started with.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {}},
      "inputs": [],
      "outputs": ["main"],
      "examples": [{"id": "start", "type": "TRIGGER", "subtype": "MANUAL"}]
    }'),
    ('TRIGGER', 'WEBHOOK', 'sql', '{
      "description": "Starts on an HTTP request to the URL that deploying answers. Its output is {method, path, params, query, headers, body}.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["path"], "properties": {
        "path": {"type": "string", "format": "literal", "minLength": 1, "maxLength": 200,
          "pattern": "^/?(:?[A-Za-z0-9._~-]+)(/:?[A-Za-z0-9._~-]+)*$",
          "description": "The end of the URL; a segment like :id matches anything and is given as params.id",
          "examples": ["orders", "orders/:id/paid"]},
        "method": {"type": "string", "format": "literal",
          "enum": ["ANY", "GET", "POST", "PUT", "PATCH", "DELETE"], "default": "POST",
          "description": "Requests of other methods are refused", "examples": ["POST", "ANY"]},
        "response_mode": {"type": "string", "format": "literal", "enum": ["async", "last_node", "respond"],
          "default": "async",
          "description": "async: 202 at once; last_node: the output of the execution; respond: what a RESPOND node says",
          "examples": ["respond"]},
        "raw_body": {"type": "boolean", "format": "literal", "default": false,
          "description": "Also raw_body: the body as it came, as text, or as base64 where it is none",
          "examples": [true]}
      }},
      "inputs": [],
      "credentials": [{"name": "webhook", "providers": ["webhook"], "required": false,
        "description": "How callers prove who they are; without one the URL is the only secret"}],
      "outputs": ["main"],
      "examples": [
        {"id": "order_paid", "type": "TRIGGER", "subtype": "WEBHOOK", "parameters": {"path": "orders/:id/paid"}},
        {"id": "quote", "type": "TRIGGER", "subtype": "WEBHOOK",
          "parameters": {"path": "quote", "method": "GET", "response_mode": "respond"},
          "credentials": {"webhook": "0198c0de-0000-7000-8000-000000000001"}}
      ]
    }'),
    ('TRIGGER', 'CRON', 'sql', '{
      "description": "Starts by the clock. Its output is {scheduled_at, timezone, expression}.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["expression"],
        "dependentRequired": {"misfire_limit": ["misfire"]}, "properties": {
        "expression": {"type": "string", "format": "literal", "minLength": 1, "maxLength": 200,
          "description": "Five fields (minute, hour, day of month, month, day of week), or a macro, as @daily",
          "examples": ["30 9 * * MON-FRI", "*/15 * * * *", "@daily"]},
        "timezone": {"type": "string", "format": "literal", "maxLength": 100, "default": "UTC",
          "description": "An IANA time zone, whose clock the expression is about",
          "examples": ["Europe/Berlin", "America/New_York"]},
        "misfire": {"type": "string", "format": "literal", "enum": ["skip", "once", "all"], "default": "once",
          "description": "What becomes of times that were missed: nothing, one run, or one each up to misfire_limit",
          "examples": ["skip"]},
        "misfire_limit": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 100, "default": 10,
          "description": "Of misfire all: how many missed times are made up for, the latest ones",
          "examples": [24]},
        "overlap": {"type": "string", "format": "literal", "enum": ["allow", "skip", "cancel_previous"],
          "default": "allow", "description": "What to do while the run before has not ended",
          "examples": ["skip"]}
      }},
      "inputs": [],
      "outputs": ["main"],
      "examples": [
        {"id": "every_morning", "type": "TRIGGER", "subtype": "CRON",
          "parameters": {"expression": "30 9 * * MON-FRI", "timezone": "Europe/Berlin", "overlap": "skip"}},
        {"id": "hourly", "type": "TRIGGER", "subtype": "CRON",
          "parameters": {"expression": "@hourly", "misfire": "all", "misfire_limit": 24}}
      ]
    }'),
    ('TRIGGER', 'GITHUB', 'sql', '{
      "description": "Starts on an event of a repository. Its output is {event, action, delivery_id, repository, sender, payload}.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {
        "repository": {"type": "string", "format": "literal", "pattern": "^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$",
          "description": "As owner/name; all of the integration when left out", "examples": ["octocat/hello-world"]},
        "events": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 50, "uniqueItems": true,
          "items": {"type": "string", "format": "literal", "pattern": "^[a-z_]+$"},
          "description": "Names of events; all when left out", "examples": [["issues", "push"]]},
        "actions": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 50, "uniqueItems": true,
          "items": {"type": "string", "format": "literal", "pattern": "^[a-z_]+$"},
          "description": "The payload''s action; all when left out", "examples": [["opened", "reopened"]]},
        "branches": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 50, "uniqueItems": true,
          "items": {"type": "string", "format": "literal", "minLength": 1, "maxLength": 255},
          "description": "Of push, pull_request and workflow_run; * stands for anything, all when left out",
          "examples": [["main", "release/*"]]}
      }},
      "inputs": [],
      "credentials": [{"name": "github", "providers": ["github"], "required": true,
        "description": "The webhook whose secret signs the events"}],
      "outputs": ["main"],
      "examples": [
        {"id": "issue_opened", "type": "TRIGGER", "subtype": "GITHUB",
          "parameters": {"repository": "octocat/hello-world", "events": ["issues"], "actions": ["opened"]},
          "credentials": {"github": "0198c0de-0000-7000-8000-000000000001"}}
      ]
    }'),
    ('TRIGGER', 'SLACK', 'sql', '{
      "description": "Starts on an event or a slash command of Slack. Its output is {kind, event, command, text, user, channel, team, payload}.",
      "parameters": {"type": "object", "additionalProperties": false,
        "oneOf": [{"required": ["event"]}, {"required": ["command"]}], "properties": {
        "event": {"type": "string", "format": "literal", "pattern": "^[a-z_.]+$",
          "description": "Type of an event", "examples": ["app_mention", "message"]},
        "command": {"type": "string", "format": "literal", "pattern": "^/[a-z0-9_-]+$",
          "description": "A slash command", "examples": ["/deploy"]},
        "channels": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 50, "uniqueItems": true,
          "items": {"type": "string", "format": "literal", "pattern": "^[A-Z0-9]+$"},
          "description": "Ids of channels; all when left out", "examples": [["C0123456789"]]},
        "include_bots": {"type": "boolean", "format": "literal", "default": false,
          "description": "Also what bots write", "examples": [true]}
      }},
      "inputs": [],
      "credentials": [{"name": "slack", "providers": ["slack"], "required": true,
        "description": "The app whose secret signs the requests"}],
      "outputs": ["main"],
      "examples": [
        {"id": "mentioned", "type": "TRIGGER", "subtype": "SLACK", "parameters": {"event": "app_mention"},
          "credentials": {"slack": "0198c0de-0000-7000-8000-000000000001"}},
        {"id": "slash", "type": "TRIGGER", "subtype": "SLACK", "parameters": {"command": "/deploy"},
          "credentials": {"slack": "0198c0de-0000-7000-8000-000000000001"}}
      ]
    }'),
    ('TRIGGER', 'EMAIL', 'sql', '{
      "description": "Starts on an e-mail to an address. Its output is {from, to, cc, subject, text, html, tag, message_id, in_reply_to, references, attachments, spam, provider}.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {
        "address": {"type": "string", "format": "literal", "maxLength": 320, "pattern": "^[^@+\\s]+@[^@\\s]+$",
          "description": "Who it is to; mail to orders+42@ has the tag 42. All when left out",
          "examples": ["orders@in.example.com"]},
        "from": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 50, "uniqueItems": true,
          "items": {"type": "string", "format": "literal", "minLength": 1, "maxLength": 320},
          "description": "Senders, or @domains; all when left out. A sender''s name proves little",
          "examples": [["ann@example.com", "@partner.example"]]}
      }},
      "inputs": [],
      "credentials": [{"name": "email", "providers": ["resend", "sendgrid", "mailgun", "postmark"],
        "required": true, "description": "The service that receives the mail and hands it on"}],
      "outputs": ["main"],
      "examples": [
        {"id": "order_mail", "type": "TRIGGER", "subtype": "EMAIL",
          "parameters": {"address": "orders@in.example.com", "from": ["@partner.example"]},
          "credentials": {"email": "0198c0de-0000-7000-8000-000000000001"}}
      ]
    }'),
    ('FLOW', 'IF', 'sql', '{
      "description": "Passes its input on through output 0 when the condition holds, else through output 1.",
      "parameters": {"type": "object", "additionalProperties": false,
        "required": ["condition"], "properties": {
        "condition": {"type": "string", "minLength": 1, "format": "predicate",
          "description": "A path predicate; what is not there makes it false",
          "examples": ["$.input.amount > 100", "exists ($.input.tags[*] ? (@ == \"urgent\"))"]}
      }},
      "outputs": ["true", "false"],
      "examples": [
        {"id": "is_large", "type": "FLOW", "subtype": "IF", "parameters": {"condition": "$.input.amount > 100"}}
      ]
    }'),
    ('FLOW', 'SWITCH', 'sql', '{
      "description": "Passes its input on through the output of the first rule that holds, counted from 0; if none does, through the output after the last rule.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["rules"], "properties": {
        "rules": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 100,
          "items": {"type": "string", "minLength": 1, "format": "predicate"},
          "description": "Path predicates, asked in their order",
          "examples": [["$.input.kind == \"order\"", "$.input.kind == \"refund\""]]}
      }},
      "outputs": ["fallback"], "outputs_by": "rules",
      "examples": [
        {"id": "by_kind", "type": "FLOW", "subtype": "SWITCH",
          "parameters": {"rules": ["$.input.kind == \"order\"", "$.input.kind == \"refund\""]}}
      ]
    }'),
    ('FLOW', 'FILTER', 'sql', '{
      "description": "Its output is the list of the items for which the condition holds.",
      "parameters": {"type": "object", "additionalProperties": false,
        "required": ["items", "condition"], "properties": {
        "items": {"description": "A list; another single value is a list of one, null an empty one",
          "examples": ["{{ $.input.orders }}"]},
        "condition": {"type": "string", "minLength": 1, "format": "item_predicate",
          "description": "A path predicate over each item, which is $.item", "examples": ["$.item.amount > 100"]}
      }},
      "outputs": ["main"],
      "examples": [
        {"id": "large_ones", "type": "FLOW", "subtype": "FILTER",
          "parameters": {"items": "{{ $.input.orders }}", "condition": "$.item.amount > 100"}}
      ]
    }'),
    ('FLOW', 'MERGE', 'sql', '{
      "description": "Brings tokens together that arrive at its inputs. all: an object of the inputs'' values; append: the list of them; combine: their fields in one object, later inputs win; any: the first that comes, the rest is dropped; collect: the list of what came of the items of the FOR_EACH around it.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["mode"], "properties": {
        "mode": {"type": "string", "format": "literal", "enum": ["all", "append", "combine", "any", "collect"],
          "description": "How the inputs become one output", "examples": ["all", "collect"]},
        "inputs": {"type": "array", "format": "literal", "maxItems": 100, "uniqueItems": true,
          "items": {"type": "string", "format": "literal", "minLength": 1, "maxLength": 100, "pattern": "[^0-9]"},
          "description": "Names of the inputs in the output of mode all; one without a name goes by its number",
          "examples": [["customer", "orders"]]}
      }},
      "inputs": ["0", "1"], "inputs_limit": 100,
      "outputs": ["main"],
      "examples": [
        {"id": "both", "type": "FLOW", "subtype": "MERGE",
          "parameters": {"mode": "all", "inputs": ["customer", "orders"]}},
        {"id": "results", "type": "FLOW", "subtype": "MERGE", "parameters": {"mode": "collect"}}
      ]
    }'),
    ('FLOW', 'FOR_EACH', 'sql', '{
      "description": "Lets what follows run once for each item: $.item and the first node''s $.input. A MERGE of mode collect takes the results together.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["items"], "properties": {
        "items": {"description": "A list; another single value is one item, null none. At most 10,000",
          "examples": ["{{ $.input.orders }}", [1, 2, 3]]},
        "max_concurrency": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 10000,
          "description": "How many items run at a time; all when left out", "examples": [5]}
      }},
      "outputs": ["item"],
      "examples": [
        {"id": "each_order", "type": "FLOW", "subtype": "FOR_EACH",
          "parameters": {"items": "{{ $.input.orders }}", "max_concurrency": 5}}
      ]
    }'),
    ('FLOW', 'WAIT', 'wait', '{
      "description": "Waits, then passes its input on. An event''s payload is its output instead; an event that does not come in time is an error.",
      "parameters": {"type": "object", "additionalProperties": false,
        "oneOf": [{"required": ["seconds"]}, {"required": ["until"]}, {"required": ["event"]}],
        "dependentRequired": {"key": ["event"], "timeout_seconds": ["event"]}, "properties": {
        "seconds": {"type": "number", "minimum": 0, "maximum": 31536000, "description": "How long",
          "examples": [60, "{{ $.input.delay }}"]},
        "until": {"type": "string", "minLength": 1, "format": "date-time", "description": "A time with its zone",
          "examples": ["2027-01-31T09:00:00Z", "{{ $.input.due_at }}"]},
        "event": {"type": "string", "minLength": 1, "maxLength": 255, "description": "Name of an event",
          "examples": ["payment_received"]},
        "key": {"type": ["string", "number"], "description": "Which of the events of this name; any when left out",
          "examples": ["{{ $.input.order_id }}"]},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 31536000, "default": 2592000,
          "description": "How long to wait for the event", "examples": [86400]}
      }},
      "outputs": ["main"],
      "examples": [
        {"id": "an_hour", "type": "FLOW", "subtype": "WAIT", "parameters": {"seconds": 3600}},
        {"id": "payment", "type": "FLOW", "subtype": "WAIT",
          "parameters": {"event": "payment_received", "key": "{{ $.input.order_id }}", "timeout_seconds": 86400}}
      ]
    }'),
    ('FLOW', 'SUB_WORKFLOW', 'wait', '{
      "description": "Starts another workflow and waits for its output; with items one for each, and the output is the list of theirs.",
      "parameters": {"type": "object", "additionalProperties": false,
        "required": ["workflow_id"], "dependentRequired": {"max_concurrency": ["items"]}, "properties": {
        "workflow_id": {"type": "string",
          "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
          "description": "A workflow of the same workspace",
          "examples": ["0198c0de-0000-7000-8000-000000000001", "{{ $.input.workflow_id }}"]},
        "input": {"description": "The workflow''s input, any JSON; this node''s input when left out",
          "examples": [{"order": "{{ $.input }}"}]},
        "wait": {"type": "boolean", "default": true, "description": "false: go on at once", "examples": [false]},
        "items": {"description": "A list: each is the input of an execution. One execution when left out",
          "examples": ["{{ $.input.orders }}"]},
        "max_concurrency": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 10000,
          "description": "How many items run at a time; all when left out", "examples": [5]},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 31536000, "default": 2592000,
          "description": "How long to wait", "examples": [3600]}
      }},
      "outputs": ["main"],
      "examples": [
        {"id": "fulfil", "type": "FLOW", "subtype": "SUB_WORKFLOW", "parameters": {
          "workflow_id": "0198c0de-0000-7000-8000-000000000001", "items": "{{ $.input.orders }}",
          "max_concurrency": 5}}
      ]
    }'),
    ('FLOW', 'STOP', 'sql', '{
      "description": "Ends the execution.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {
        "status": {"type": "string", "format": "literal", "enum": ["SUCCESS", "ERROR"], "default": "SUCCESS",
          "description": "How the execution ends", "examples": ["ERROR"]},
        "message": {"type": "string", "description": "Why; of an ERROR it is the execution''s error. None when left out",
          "examples": ["Order {{ $.input.id }} has no items"]}
      }},
      "outputs": [],
      "examples": [
        {"id": "refuse", "type": "FLOW", "subtype": "STOP",
          "parameters": {"status": "ERROR", "message": "Order {{ $.input.id }} has no items"}}
      ]
    }'),
    ('FLOW', 'RESPOND', 'sql', '{
      "description": "Answers the request that a WEBHOOK trigger of response_mode respond holds open, and passes its input on. The first RESPOND of an execution answers.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {
        "status": {"type": "integer", "minimum": 200, "maximum": 599, "default": 200,
          "description": "The HTTP status", "examples": [201, 404]},
        "headers": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]},
          "default": {}, "description": "Headers beside the content type", "examples": [{"x-order": "{{ $.input.id }}"}]},
        "body": {"description": "Any JSON, sent as JSON; a text is sent as it is; this node''s input when left out",
          "examples": [{"received": "{{ $.input.id }}"}]}
      }},
      "outputs": ["main"],
      "examples": [
        {"id": "answer", "type": "FLOW", "subtype": "RESPOND",
          "parameters": {"status": 201, "body": {"received": "{{ $.input.id }}"}}}
      ]
    }'),
    ('ACTION', 'SET_STATIC_DATA', 'sql', '{
      "description": "Changes what the workflow remembers between executions ($.workflow.static), one execution at a time. Its output is all that is remembered.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["values"], "properties": {
        "values": {"type": "object", "description": "Fields to set; null removes one",
          "examples": [{"seen": "{{ $.workflow.static.seen + 1 }}", "last": null}]}
      }},
      "outputs": ["main"],
      "examples": [
        {"id": "count", "type": "ACTION", "subtype": "SET_STATIC_DATA",
          "parameters": {"values": {"seen": "{{ $.workflow.static.seen + 1 }}"}}}
      ]
    }'),
    ('ACTION', 'PLACEHOLDER', 'sql', '{
      "description": "Stands for a node of another system that has no counterpart here, with its original parameters. Cannot run: replace it, or leave it disabled, when it passes its input on.",
      "parameters": {"type": "object", "format": "opaque", "properties": {
        "source": {"format": "opaque", "description": "The original, untouched",
          "examples": [{"type": "n8n-nodes-base.ftp", "parameters": {"path": "={{ $json.path }}"}}]}
      }},
      "inputs_limit": 1001,
      "outputs": ["main"], "outputs_any": true, "is_placeholder": true,
      "examples": [
        {"id": "ftp", "type": "ACTION", "subtype": "PLACEHOLDER", "disabled": true,
          "parameters": {"source": {"type": "n8n-nodes-base.ftp", "parameters": {"path": "={{ $json.path }}"}}}}
      ]
    }'),
    ('ACTION', 'SQL_FUNCTION', 'edge', '{
      "description": "Calls a function that the project''s owner has put into the schema nodes. Its output is what the function answers.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["function"], "properties": {
        "function": {"type": "string", "format": "literal", "pattern": "^[a-z_][a-z0-9_]{0,62}$",
          "description": "Its name; an admin of the workspace has enabled it", "examples": ["reserve_stock"]},
        "arguments": {"type": "object", "default": {}, "description": "By name, any JSON with templates",
          "examples": [{"sku": "{{ $.input.sku }}", "count": 1}]}
      }},
      "outputs": ["main"], "calls_function": true,
      "examples": [
        {"id": "reserve", "type": "ACTION", "subtype": "SQL_FUNCTION",
          "parameters": {"function": "reserve_stock", "arguments": {"sku": "{{ $.input.sku }}", "count": 1}}}
      ]
    }'),
    ('ACTION', 'TRANSFORM', 'sql', '{
      "description": "Builds its output from a JSON value with templates.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["output"], "properties": {
        "output": {"description": "Any JSON; a template is replaced by what its path finds",
          "examples": [{"name": "{{ $.input.name }}", "greeting": "Hello {{ $.input.name }}"}]}
      }},
      "outputs": ["main"],
      "examples": [
        {"id": "greet", "type": "ACTION", "subtype": "TRANSFORM",
          "parameters": {"output": {"greeting": "Hello {{ $.input.name }}"}}}
      ]
    }'),
    ('HUMAN_IN_THE_LOOP', 'APPROVAL', 'wait', '{
      "description": "Asks people to approve or reject, and waits. Its output is {outcome, data, comment, responded_by, responded_at, interaction_id, responses}; data as they left it.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["message"], "properties": {
        "title": {"type": "string", "maxLength": 500, "default": "", "description": "What it is about, in a line",
          "examples": ["Refund of order {{ $.input.id }}"]},
        "message": {"type": "string", "minLength": 1, "maxLength": 10000, "description": "What is asked",
          "examples": ["May {{ $.input.amount }} EUR be paid back?"]},
        "data": {"description": "Shown with it, and editable; the input when left out",
          "examples": [{"amount": "{{ $.input.amount }}"}]},
        "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"],
          "default": "in_app", "description": "How people are asked; whatever it is, the app can answer",
          "examples": ["slack"]},
        "to": {"type": "string", "minLength": 1, "maxLength": 2000,
          "description": "Where the message goes: a Slack channel or user, an email address, a URL; to the assignees when left out",
          "examples": ["C0123456789", "finance@example.com"]},
        "assignees": {"type": "array", "maxItems": 50, "default": [], "items": {"type": "object", "additionalProperties": false,
            "oneOf": [{"required": ["user"]}, {"required": ["role"]}, {"required": ["email"]}, {"required": ["slack"]}],
            "properties": {"user": {"type": "string"}, "role": {"type": "string", "enum": ["admin", "editor", "viewer"]},
              "email": {"type": "string"}, "slack": {"type": "string"}}},
          "description": "Who may answer (viewers where they are named: {role: viewer} or by themselves); any editor of the workspace, and whom the message goes to, when empty",
          "examples": [[{"role": "admin"}, {"email": "ann@example.com"}]]},
        "priority": {"type": "string", "enum": ["low", "normal", "high", "critical"], "default": "normal",
          "description": "Its place in the inbox", "examples": ["high"]},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 31536000, "default": 2592000,
          "description": "How long to wait for the answer", "examples": [86400]},
        "timeout_action": {"type": "string", "format": "literal", "enum": ["continue", "default", "error", "fail"],
          "default": "continue",
          "description": "Without an answer: on through output 2; through output 0 with default_response; in error, as error_handling says; or the execution ends in error",
          "examples": ["default"]},
        "default_response": {"description": "The data of timeout_action default; null when left out", "examples": [{"amount": 0}]},
        "reminders": {"type": "array", "format": "literal", "maxItems": 20,
          "items": {"type": "integer", "minimum": 1, "maximum": 31536000}, "default": [],
          "description": "Seconds after which the message is sent again", "examples": [[3600, 86400]]},
        "escalation": {"type": "object", "additionalProperties": false, "required": ["after_seconds"], "properties": {
            "after_seconds": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 31536000},
            "to": {"type": "string", "minLength": 1, "maxLength": 2000},
            "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"]},
            "assignees": {"type": "array", "maxItems": 50, "items": {"type": "object"}}},
          "description": "Who else is asked when nobody has answered, and may answer then; nobody when left out",
          "examples": [{"after_seconds": 3600, "channel": "email", "to": "head@example.com"}]},
        "quorum": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1,
          "description": "How many have to agree; one rejection rejects", "examples": [2]},
        "correlation_id": {"type": "string", "maxLength": 255,
          "description": "What an answer may name instead of the question''s id, also before it is asked; nothing when left out",
          "examples": ["order-{{ $.input.id }}"]},
        "tags": {"type": "array", "maxItems": 20, "items": {"type": "string", "maxLength": 100}, "default": [],
          "description": "For filters of the inbox", "examples": [["refund"]]}
      }},
      "credentials": [
        {"name": "slack", "providers": ["slack"], "required": false, "required_for_channel": "slack",
          "description": "The app that writes to Slack"},
        {"name": "email", "providers": ["resend", "sendgrid", "mailgun", "postmark"], "required": false,
          "required_for_channel": "email", "description": "The service that sends the mail"},
        {"name": "webhook", "providers": ["webhook"], "required": false, "required_for_channel": "webhook",
          "description": "What signs the requests"}],
      "outputs": ["approved", "rejected", "timed_out"],
      "examples": [
        {"id": "approve_refund", "type": "HUMAN_IN_THE_LOOP", "subtype": "APPROVAL",
          "parameters": {"message": "May {{ $.input.amount }} EUR be paid back?", "assignees": [{"role": "admin"}]}}
      ]
    }'),
    ('HUMAN_IN_THE_LOOP', 'INPUT', 'wait', '{
      "description": "Asks people to fill in a form, and waits. Its output is as of APPROVAL, data what they filled in.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["message", "schema"], "properties": {
        "title": {"type": "string", "maxLength": 500, "default": "", "description": "What it is about, in a line",
          "examples": ["Refund of order {{ $.input.id }}"]},
        "message": {"type": "string", "minLength": 1, "maxLength": 10000, "description": "What is asked",
          "examples": ["May {{ $.input.amount }} EUR be paid back?"]},
        "data": {"description": "Shown with it; the input when left out",
          "examples": [{"amount": "{{ $.input.amount }}"}]},
        "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"],
          "default": "in_app", "description": "How people are asked; whatever it is, the app can answer",
          "examples": ["slack"]},
        "to": {"type": "string", "minLength": 1, "maxLength": 2000,
          "description": "Where the message goes: a Slack channel or user, an email address, a URL; to the assignees when left out",
          "examples": ["C0123456789", "finance@example.com"]},
        "assignees": {"type": "array", "maxItems": 50, "default": [], "items": {"type": "object", "additionalProperties": false,
            "oneOf": [{"required": ["user"]}, {"required": ["role"]}, {"required": ["email"]}, {"required": ["slack"]}],
            "properties": {"user": {"type": "string"}, "role": {"type": "string", "enum": ["admin", "editor", "viewer"]},
              "email": {"type": "string"}, "slack": {"type": "string"}}},
          "description": "Who may answer (viewers where they are named: {role: viewer} or by themselves); any editor of the workspace, and whom the message goes to, when empty",
          "examples": [[{"role": "admin"}, {"email": "ann@example.com"}]]},
        "priority": {"type": "string", "enum": ["low", "normal", "high", "critical"], "default": "normal",
          "description": "Its place in the inbox", "examples": ["high"]},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 31536000, "default": 2592000,
          "description": "How long to wait for the answer", "examples": [86400]},
        "timeout_action": {"type": "string", "format": "literal", "enum": ["continue", "default", "error", "fail"],
          "default": "continue",
          "description": "Without an answer: on through output 2; through output 0 with default_response; in error, as error_handling says; or the execution ends in error",
          "examples": ["default"]},
        "default_response": {"description": "The data of timeout_action default; null when left out", "examples": [{"amount": 0}]},
        "reminders": {"type": "array", "format": "literal", "maxItems": 20,
          "items": {"type": "integer", "minimum": 1, "maximum": 31536000}, "default": [],
          "description": "Seconds after which the message is sent again", "examples": [[3600, 86400]]},
        "escalation": {"type": "object", "additionalProperties": false, "required": ["after_seconds"], "properties": {
            "after_seconds": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 31536000},
            "to": {"type": "string", "minLength": 1, "maxLength": 2000},
            "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"]},
            "assignees": {"type": "array", "maxItems": 50, "items": {"type": "object"}}},
          "description": "Who else is asked when nobody has answered, and may answer then; nobody when left out",
          "examples": [{"after_seconds": 3600, "channel": "email", "to": "head@example.com"}]},
        "quorum": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1,
          "description": "How many have to agree; one rejection rejects", "examples": [2]},
        "correlation_id": {"type": "string", "maxLength": 255,
          "description": "What an answer may name instead of the question''s id, also before it is asked; nothing when left out",
          "examples": ["order-{{ $.input.id }}"]},
        "tags": {"type": "array", "maxItems": 20, "items": {"type": "string", "maxLength": 100}, "default": [],
          "description": "For filters of the inbox", "examples": [["refund"]]},
        "schema": {"type": "object", "format": "opaque", "description": "The JSON Schema of the form",
          "examples": [{"type": "object", "required": ["iban"], "properties": {"iban": {"type": "string"}}}]}
      }},
      "credentials": [
        {"name": "slack", "providers": ["slack"], "required": false, "required_for_channel": "slack",
          "description": "The app that writes to Slack"},
        {"name": "email", "providers": ["resend", "sendgrid", "mailgun", "postmark"], "required": false,
          "required_for_channel": "email", "description": "The service that sends the mail"},
        {"name": "webhook", "providers": ["webhook"], "required": false, "required_for_channel": "webhook",
          "description": "What signs the requests"}],
      "outputs": ["answered", "rejected", "timed_out"],
      "examples": [
        {"id": "ask_iban", "type": "HUMAN_IN_THE_LOOP", "subtype": "INPUT",
          "parameters": {"message": "Where shall it be paid to?", "schema": {"type": "object", "required": ["iban"], "properties": {"iban": {"type": "string"}}}}}
      ]
    }'),
    ('HUMAN_IN_THE_LOOP', 'SELECTION', 'wait', '{
      "description": "Asks people to choose, and waits. Its output is as of APPROVAL, data the value chosen, or a list of them.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["message", "options"], "properties": {
        "title": {"type": "string", "maxLength": 500, "default": "", "description": "What it is about, in a line",
          "examples": ["Refund of order {{ $.input.id }}"]},
        "message": {"type": "string", "minLength": 1, "maxLength": 10000, "description": "What is asked",
          "examples": ["May {{ $.input.amount }} EUR be paid back?"]},
        "data": {"description": "Shown with it; the input when left out",
          "examples": [{"amount": "{{ $.input.amount }}"}]},
        "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"],
          "default": "in_app", "description": "How people are asked; whatever it is, the app can answer",
          "examples": ["slack"]},
        "to": {"type": "string", "minLength": 1, "maxLength": 2000,
          "description": "Where the message goes: a Slack channel or user, an email address, a URL; to the assignees when left out",
          "examples": ["C0123456789", "finance@example.com"]},
        "assignees": {"type": "array", "maxItems": 50, "default": [], "items": {"type": "object", "additionalProperties": false,
            "oneOf": [{"required": ["user"]}, {"required": ["role"]}, {"required": ["email"]}, {"required": ["slack"]}],
            "properties": {"user": {"type": "string"}, "role": {"type": "string", "enum": ["admin", "editor", "viewer"]},
              "email": {"type": "string"}, "slack": {"type": "string"}}},
          "description": "Who may answer (viewers where they are named: {role: viewer} or by themselves); any editor of the workspace, and whom the message goes to, when empty",
          "examples": [[{"role": "admin"}, {"email": "ann@example.com"}]]},
        "priority": {"type": "string", "enum": ["low", "normal", "high", "critical"], "default": "normal",
          "description": "Its place in the inbox", "examples": ["high"]},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 31536000, "default": 2592000,
          "description": "How long to wait for the answer", "examples": [86400]},
        "timeout_action": {"type": "string", "format": "literal", "enum": ["continue", "default", "error", "fail"],
          "default": "continue",
          "description": "Without an answer: on through output 2; through output 0 with default_response; in error, as error_handling says; or the execution ends in error",
          "examples": ["default"]},
        "default_response": {"description": "The data of timeout_action default; null when left out", "examples": [{"amount": 0}]},
        "reminders": {"type": "array", "format": "literal", "maxItems": 20,
          "items": {"type": "integer", "minimum": 1, "maximum": 31536000}, "default": [],
          "description": "Seconds after which the message is sent again", "examples": [[3600, 86400]]},
        "escalation": {"type": "object", "additionalProperties": false, "required": ["after_seconds"], "properties": {
            "after_seconds": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 31536000},
            "to": {"type": "string", "minLength": 1, "maxLength": 2000},
            "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"]},
            "assignees": {"type": "array", "maxItems": 50, "items": {"type": "object"}}},
          "description": "Who else is asked when nobody has answered, and may answer then; nobody when left out",
          "examples": [{"after_seconds": 3600, "channel": "email", "to": "head@example.com"}]},
        "quorum": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1,
          "description": "How many have to agree; one rejection rejects", "examples": [2]},
        "correlation_id": {"type": "string", "maxLength": 255,
          "description": "What an answer may name instead of the question''s id, also before it is asked; nothing when left out",
          "examples": ["order-{{ $.input.id }}"]},
        "tags": {"type": "array", "maxItems": 20, "items": {"type": "string", "maxLength": 100}, "default": [],
          "description": "For filters of the inbox", "examples": [["refund"]]},
        "options": {"type": "array", "minItems": 1, "maxItems": 100, "items": {"type": "object", "required": ["value"],
            "additionalProperties": false, "properties": {"value": {}, "label": {"type": "string"}}},
          "description": "What there is to choose from",
          "examples": [[{"value": "a", "label": "The first"}, {"value": "b", "label": "The second"}]]},
        "multiple": {"type": "boolean", "default": false, "description": "More than one can be chosen", "examples": [true]}
      }},
      "credentials": [
        {"name": "slack", "providers": ["slack"], "required": false, "required_for_channel": "slack",
          "description": "The app that writes to Slack"},
        {"name": "email", "providers": ["resend", "sendgrid", "mailgun", "postmark"], "required": false,
          "required_for_channel": "email", "description": "The service that sends the mail"},
        {"name": "webhook", "providers": ["webhook"], "required": false, "required_for_channel": "webhook",
          "description": "What signs the requests"}],
      "outputs": ["answered", "rejected", "timed_out"],
      "examples": [
        {"id": "choose", "type": "HUMAN_IN_THE_LOOP", "subtype": "SELECTION",
          "parameters": {"message": "Which one?", "options": [{"value": "a", "label": "The first"}, {"value": "b", "label": "The second"}]}}
      ]
    }'),
    ('HUMAN_IN_THE_LOOP', 'REVIEW', 'wait', '{
      "description": "Asks people to look at data and accept, edit, respond to or ignore it, and waits. Its output is as of APPROVAL; accepted and edited are approved, responded is answered, ignored is rejected.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["message"], "properties": {
        "title": {"type": "string", "maxLength": 500, "default": "", "description": "What it is about, in a line",
          "examples": ["Refund of order {{ $.input.id }}"]},
        "message": {"type": "string", "minLength": 1, "maxLength": 10000, "description": "What is asked",
          "examples": ["May {{ $.input.amount }} EUR be paid back?"]},
        "data": {"description": "Shown with it, and editable; the input when left out",
          "examples": [{"amount": "{{ $.input.amount }}"}]},
        "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"],
          "default": "in_app", "description": "How people are asked; whatever it is, the app can answer",
          "examples": ["slack"]},
        "to": {"type": "string", "minLength": 1, "maxLength": 2000,
          "description": "Where the message goes: a Slack channel or user, an email address, a URL; to the assignees when left out",
          "examples": ["C0123456789", "finance@example.com"]},
        "assignees": {"type": "array", "maxItems": 50, "default": [], "items": {"type": "object", "additionalProperties": false,
            "oneOf": [{"required": ["user"]}, {"required": ["role"]}, {"required": ["email"]}, {"required": ["slack"]}],
            "properties": {"user": {"type": "string"}, "role": {"type": "string", "enum": ["admin", "editor", "viewer"]},
              "email": {"type": "string"}, "slack": {"type": "string"}}},
          "description": "Who may answer (viewers where they are named: {role: viewer} or by themselves); any editor of the workspace, and whom the message goes to, when empty",
          "examples": [[{"role": "admin"}, {"email": "ann@example.com"}]]},
        "priority": {"type": "string", "enum": ["low", "normal", "high", "critical"], "default": "normal",
          "description": "Its place in the inbox", "examples": ["high"]},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 31536000, "default": 2592000,
          "description": "How long to wait for the answer", "examples": [86400]},
        "timeout_action": {"type": "string", "format": "literal", "enum": ["continue", "default", "error", "fail"],
          "default": "continue",
          "description": "Without an answer: on through output 2; through output 0 with default_response; in error, as error_handling says; or the execution ends in error",
          "examples": ["default"]},
        "default_response": {"description": "The data of timeout_action default; null when left out", "examples": [{"amount": 0}]},
        "reminders": {"type": "array", "format": "literal", "maxItems": 20,
          "items": {"type": "integer", "minimum": 1, "maximum": 31536000}, "default": [],
          "description": "Seconds after which the message is sent again", "examples": [[3600, 86400]]},
        "escalation": {"type": "object", "additionalProperties": false, "required": ["after_seconds"], "properties": {
            "after_seconds": {"type": "integer", "format": "literal", "minimum": 1, "maximum": 31536000},
            "to": {"type": "string", "minLength": 1, "maxLength": 2000},
            "channel": {"type": "string", "format": "literal", "enum": ["in_app", "slack", "email", "webhook"]},
            "assignees": {"type": "array", "maxItems": 50, "items": {"type": "object"}}},
          "description": "Who else is asked when nobody has answered, and may answer then; nobody when left out",
          "examples": [{"after_seconds": 3600, "channel": "email", "to": "head@example.com"}]},
        "quorum": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1,
          "description": "How many have to agree; one rejection rejects", "examples": [2]},
        "correlation_id": {"type": "string", "maxLength": 255,
          "description": "What an answer may name instead of the question''s id, also before it is asked; nothing when left out",
          "examples": ["order-{{ $.input.id }}"]},
        "tags": {"type": "array", "maxItems": 20, "items": {"type": "string", "maxLength": 100}, "default": [],
          "description": "For filters of the inbox", "examples": [["refund"]]},
        "allow": {"type": "array", "format": "literal", "minItems": 1, "maxItems": 4, "uniqueItems": true,
          "items": {"type": "string", "format": "literal", "enum": ["accept", "edit", "respond", "ignore"]},
          "default": ["accept", "edit", "respond", "ignore"], "description": "What they can do",
          "examples": [["accept", "edit"]]}
      }},
      "credentials": [
        {"name": "slack", "providers": ["slack"], "required": false, "required_for_channel": "slack",
          "description": "The app that writes to Slack"},
        {"name": "email", "providers": ["resend", "sendgrid", "mailgun", "postmark"], "required": false,
          "required_for_channel": "email", "description": "The service that sends the mail"},
        {"name": "webhook", "providers": ["webhook"], "required": false, "required_for_channel": "webhook",
          "description": "What signs the requests"}],
      "outputs": ["approved", "rejected", "timed_out"],
      "examples": [
        {"id": "check_draft", "type": "HUMAN_IN_THE_LOOP", "subtype": "REVIEW",
          "parameters": {"message": "Is this draft good?", "data": {"draft": "{{ $.input.text }}"}, "allow": ["accept", "edit"]}}
      ]
    }'),
    ('ACTION', 'HTTP_REQUEST', 'edge', '{
      "description": "Sends an HTTP request. Its output is {status, headers, body}; a status of 400 or more is an error.",
      "parameters": {"type": "object", "additionalProperties": false, "required": ["url"],
        "not": {"required": ["body", "form"]}, "properties": {
        "method": {"type": "string",
          "enum": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"], "default": "GET",
          "description": "The method; GET and HEAD have no body", "examples": ["POST"]},
        "url": {"type": "string", "minLength": 1, "maxLength": 8000, "description": "An http or https URL",
          "examples": ["https://example.com/orders/{{ $.input.id }}"]},
        "headers": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]},
          "default": {}, "description": "Headers by name", "examples": [{"accept": "application/json"}]},
        "query": {"type": "object",
          "additionalProperties": {"type": ["string", "number", "boolean", "array", "null"]},
          "default": {}, "description": "Added to the URL; a list repeats its name",
          "examples": [{"page": 2, "tag": ["a", "b"]}]},
        "body": {"description": "Sent as JSON; nothing when left out", "examples": [{"amount": "{{ $.input.amount }}"}]},
        "form": {"type": "object", "description": "Sent URL-encoded, instead of body",
          "examples": [{"grant_type": "client_credentials"}]},
        "response": {"type": "string", "enum": ["json", "text", "base64"],
          "description": "How to read the answer; by its content type when left out", "examples": ["text"]}
      }},
      "outputs": ["main"],
      "retryable_errors": [
        {"code": "network_error", "when": "the name has no address, or the connection failed or broke"},
        {"code": "http_408", "when": "the server answered so, as with the following; Retry-After is kept"},
        {"code": "http_409"}, {"code": "http_425"}, {"code": "http_429"},
        {"code": "http_5xx", "when": "the server answered 500 or more"}
      ],
      "examples": [
        {"id": "get_order", "type": "ACTION", "subtype": "HTTP_REQUEST",
          "parameters": {"url": "https://example.com/orders/{{ $.input.id }}"}},
        {"id": "notify", "type": "ACTION", "subtype": "HTTP_REQUEST", "max_retries": 5,
          "parameters": {"method": "POST", "url": "https://example.com/events",
            "headers": {"authorization": "Bearer {{ $.vars.token }}"}, "body": {"amount": "{{ $.input.amount }}"}}}
      ]
    }'),
    ('ACTION', 'NOOP', 'edge', '{
      "description": "Does nothing in the execute function and passes its input on: for drafts, and the yardstick of the benchmark.",
      "parameters": {"type": "object", "additionalProperties": false, "properties": {}},
      "outputs": ["main"],
      "examples": [{"id": "later", "type": "ACTION", "subtype": "NOOP"}]
    }')
  )
  insert into public.node_specifications as s (node_type, node_subtype, executor, specification_data)
  select t.node_type, t.node_subtype, t.executor,
    workflows.complete_specification(t.executor, t.data::jsonb || jsonb_build_object('order', coalesce((
      select jsonb_agg(u.name order by u.n)
      from json_object_keys(t.data #> '{parameters,properties}') with ordinality u (name, n)), '[]')))
  from specification t
  on conflict on constraint a_type_has_one_specification do update
  set executor = excluded.executor, specification_data = excluded.specification_data
  where (s.executor, s.specification_data) is distinct from (excluded.executor, excluded.specification_data)
$$;
comment on function workflows.seed_node_specifications() is
  'Keep the system''s rows of node_specifications. Idempotent.';

-- What a specification has that says nothing of it. What can go wrong in the execute function whatever the
-- node, and is tried again, is the same of all that it runs.
create function workflows.complete_specification(executor text, data jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb '{"inputs": ["main"], "credentials": []}'
    || jsonb_build_object('order', coalesce((
      select jsonb_agg(p order by complete_specification.data #> '{parameters,required}' ? p desc nulls last, p)
      from jsonb_object_keys(complete_specification.data #> '{parameters,properties}') p), '[]'))
    || complete_specification.data
    || jsonb_build_object('retryable_errors', coalesce(complete_specification.data -> 'retryable_errors', '[]')
      || case when complete_specification.data -> 'calls_function' = 'true' then jsonb '[
          {"code": "function_failed",
            "when": "a serialization failure, a deadlock, a lock that was not free (40001, 40P01, 55P03)"}]'
        else jsonb '[]'
      end
      || case complete_specification.executor
        when 'edge' then jsonb '[
          {"code": "timeout", "when": "an attempt took longer than timeout_seconds"},
          {"code": "lease_expired", "when": "the worker did not answer in time"},
          {"code": "node_crashed", "when": "the node failed in a way it does not know"}]'
        else jsonb '[]'
      end)
$$;
comment on function workflows.complete_specification(text, jsonb) is
  'A specification with what it leaves out.';
