-- What an integration's config may say, as JSON Schema. Nothing in it is secret.
create function integrations.config_schema(provider text, type text default null)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_build_object('type', 'object', 'additionalProperties', false,
    'required', f.required, 'properties', f.properties || case
      when config_schema.provider in ('resend', 'sendgrid', 'mailgun', 'postmark') then m.sending || a.api
      when config_schema.provider = 'slack' then a.api
      else '{}' end)
  from (
    values
      ('github', null, jsonb '[]', jsonb '{}'),
      ('slack', null, '[]', '{}'),
      ('resend', null, '[]', '{}'),
      -- how old a signature may be; not checked when left out, as SendGrid does not tell how old retries get
      ('sendgrid', null, '[]', '{
        "tolerance_seconds": {"type": "integer", "minimum": 60, "maximum": 604800},
        "region": {"type": "string", "enum": ["us", "eu"]}
      }'),
      -- the domain that sends: that of "from" when left out
      ('mailgun', null, '[]', '{
        "domain": {"type": "string", "pattern": "^[A-Za-z0-9.-]{1,253}$"},
        "region": {"type": "string", "enum": ["us", "eu"]}
      }'),
      ('postmark', null, '[]', '{
        "username": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,100}$"},
        "message_stream": {"type": "string", "pattern": "^[a-z0-9-]{1,30}$"}
      }'),
      ('webhook', 'hmac', '["type", "header"]', '{
        "type": {"type": "string"},
        "header": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,100}$"},
        "algorithm": {"type": "string", "enum": ["sha256", "sha1", "sha512"]},
        "encoding": {"type": "string", "enum": ["hex", "base64"]},
        "prefix": {"type": "string", "maxLength": 50},
        "timestamp_header": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,100}$"},
        "tolerance_seconds": {"type": "integer", "minimum": 1, "maximum": 86400}
      }'),
      ('webhook', 'basic', '["type"]', '{
        "type": {"type": "string"},
        "username": {"type": "string", "pattern": "^[A-Za-z0-9._@-]{1,100}$"}
      }'),
      ('webhook', 'header', '["type", "header"]', '{
        "type": {"type": "string"},
        "header": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,100}$"}
      }'),
      ('webhook', 'standard_webhooks', '["type"]', '{"type": {"type": "string"}}')
  ) f (provider, type, required, properties)
  cross join (
    -- who our mails are from, and where answers are received: with "+" and a token of 52 characters its local
    -- part still has no more than 64
    select jsonb '{
      "from": {"type": "string", "maxLength": 320,
        "pattern": "^([^<>\\r\\n\"]{1,100} <)?[^@<>\\s]{1,64}@[A-Za-z0-9.-]{1,190}>?$"},
      "inbound_address": {"type": "string", "pattern": "^[^@<>+\\s]{1,11}@[A-Za-z0-9.-]{1,190}$"}
    }'
  ) m (sending)
  cross join (
    -- what stands in for the provider's API: a host that the workspace may reach
    select jsonb '{"api_url": {"type": "string", "pattern": "^https?://[^\\s/@?#]{1,200}(/[^\\s?#]{0,200})?$"}}'
  ) a (api)
  where f.provider = config_schema.provider and f.type is not distinct from config_schema.type
$$;
comment on function integrations.config_schema(text, text) is
  'The JSON Schema of a provider''s config; of webhook by the config''s type. Null where there is none.';

create function integrations.check_config(provider text, config jsonb)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_schema jsonb;
  v_problems jsonb;
begin
  v_schema := integrations.config_schema(provider, case when provider = 'webhook' then config ->> 'type' end);
  if v_schema is null then
    v_problems := jsonb_build_array(case
      when provider = 'webhook' then jsonb_build_object('code', 'invalid', 'path', '$.config.type',
        'message', 'is none of hmac, basic, header, standard_webhooks')
      else jsonb_build_object('code', 'invalid', 'path', '$.provider', 'message', 'is no known provider')
    end);
  else
    select jsonb_agg(jsonb_build_object('code', p.problem ->> 'code', 'message', p.problem ->> 'message',
      'path', workflows.path_of('$.config', array(select jsonb_array_elements_text(p.problem -> 'at')))))
    into v_problems
    from jsonb_array_elements(workflows.schema_problems(v_schema, config, false)) p (problem);
  end if;
  if v_problems is not null then
    perform platform.fail(422, 'integration_invalid', 'The integration is not valid', v_problems::text);
  end if;
end
$$;
comment on function integrations.check_config(text, jsonb) is
  'Refuse a config that its provider does not have. Errors: integration_invalid.';
