\ir ../helpers.sql
select plan(32);
select test.sign_up('ann') as ann, test.sign_up('adam') as adam, test.sign_up('ed') as ed, test.sign_up('vi') as vi, test.sign_up('eve') as eve \gset
select test.act_as(:'ann') \g /dev/null
select (create_workspace('Team')).id as team \gset
select test.become_member(:'team', :'adam', 'admin'), test.become_member(:'team', :'ed', 'editor'), test.become_member(:'team', :'vi', 'viewer') \g /dev/null
-- what the functions encrypt, as far as the database can tell
create function pg_temp.cipher(text) returns text language sql as $$ select 'gAAAAA' || rpad($1, 94, 'x') $$;

create function pg_temp.made(team text, provider text default 'github', config text default '{}', name text default 'GitHub') returns text language sql as $$
  select format('select integrations.create(%L, %L, %L, null, %L, jsonb_build_object(''signing'', pg_temp.cipher(''one'')))', team, provider, name, config)
$$;
select test.act_as(v.who::uuid), is(test.outcome(pg_temp.made(:'team')), v.expected, v.why) from (values
  (:'ann', 'ok', 'the owner makes one'), (:'adam', 'ok', 'an admin too'), (:'ed', 'PT403 role_insufficient', 'an editor does not'),
  (:'vi', 'PT403 role_insufficient', 'nor a viewer'), (:'eve', 'PT404 workspace_not_found', 'a stranger is told of no workspace')
) v (who, expected, why);

-- configs
select test.act_as(:'adam') \g /dev/null
select is(test.outcome(pg_temp.made(:'team', v.provider, v.config)), v.expected, format('%s %s', v.provider, v.config)) from (values
  ('gitlab', '{}', 'PT422 integration_invalid'), ('github', '{"url": "http://127.0.0.1"}', 'PT422 integration_invalid'),
  ('webhook', '{}', 'PT422 integration_invalid'), ('webhook', '{"type": "none"}', 'PT422 integration_invalid'), ('webhook', '{"type": "hmac"}', 'PT422 integration_invalid'),
  ('webhook', '{"type": "hmac", "header": "x-signature", "algorithm": "md5"}', 'PT422 integration_invalid'),
  ('webhook', '{"type": "hmac", "header": "x-signature", "algorithm": "sha512", "encoding": "base64", "prefix": "v0=", "timestamp_header": "x-time"}', 'ok'),
  ('webhook', '{"type": "basic", "username": "a:b"}', 'PT422 integration_invalid'), ('webhook', '{"type": "header", "header": "x y"}', 'PT422 integration_invalid'),
  ('webhook', '{"type": "standard_webhooks"}', 'ok'), ('sendgrid', '{"tolerance_seconds": 5}', 'PT422 integration_invalid'), ('sendgrid', '{"tolerance_seconds": 600}', 'ok')
) v (provider, config, expected);
select is(test.outcome(pg_temp.made(:'team', name => '')), 'PT422 integration_invalid', 'a name is needed');
select is(test.outcome(format('select integrations.create(%L, ''github'', ''x'', null, ''{}'', ''{"signing": "in the clear"}'')', :'team')), '23514', 'a secret in the clear is refused');

-- who reads what
select id as own from integrations where name = 'GitHub' and created_by = :'adam' and provider = 'github' \gset
select test.act_as(:'vi') \g /dev/null
select is((select provider || ' ' || name from integrations where id = :'own'), 'github GitHub', 'a viewer reads provider and name');
select test.act_as(:'eve') \g /dev/null
select is_empty('select * from integrations', 'a stranger nothing');
select is(test.outcome(s), '42501', s) from unnest(array['select * from integrations.secrets', 'select integrations.for_delivery(gen_random_uuid())',
  'delete from integrations', 'update integrations set is_active = false']) s;
select test.act_as_role('service_role') \g /dev/null
select is(test.outcome('select * from integrations.secrets'), '42501', 'not even the service role reads ciphertext');

-- rotation
select test.act_as_role('postgres') \g /dev/null
set tandem.now = '2026-11-21 10:00Z';
select test.act_as(:'adam') \g /dev/null
select integrations.rotate(:'own', jsonb_build_object('signing', pg_temp.cipher('two')), 3600) \g /dev/null
select test.act_as_role('postgres') \g /dev/null
create function pg_temp.hold(id text) returns text language sql security definer as $$
  select string_agg(regexp_replace(s ->> 'ciphertext', '^gAAAAA|x+$', '', 'g'), ' ') from jsonb_array_elements(integrations.for_delivery(id::uuid) -> 'secrets') s
$$;
select is(pg_temp.hold(:'own'), 'two one', 'the secret that was replaced holds on, behind the new one');
set tandem.now = '2026-11-21 11:00Z';
select is(pg_temp.hold(:'own'), 'two', 'until its time');
select test.act_as(:'adam') \g /dev/null
select integrations.rotate(:'own', jsonb_build_object('signing', pg_temp.cipher('three')), 0) \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select is(pg_temp.hold(:'own'), 'three', 'without a grace period it goes at once');
select is((select count(*)::int from integrations.secrets where integration_id = :'own'), 1, 'and what has expired is not kept');
select test.act_as(:'adam') \g /dev/null
select integrations.rotate(:'own', jsonb_build_object('signing', pg_temp.cipher('n' || i)), 3600) from generate_series(1, 9) i \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select is((select count(*)::int from integrations.secrets where integration_id = :'own'), 4, 'who rotates without end does not make deliveries try them all');

-- changed and deleted
select test.act_as(:'adam') \g /dev/null
select id as standard from integrations where config ->> 'type' = 'standard_webhooks' \gset
select is((update_integration(:'standard', is_active => false)).is_active, false, 'what takes another kind of secret is turned off like the others');
select is(test.outcome(format('select update_integration(%L, config => ''{"type": "basic"}'')', :'standard')), 'PT422 integration_invalid', 'its type stays');
select test.act_as(:'ed') \g /dev/null
select is(test.outcome(format('select %s', replace(v, '?', quote_literal(:'own')))), 'PT403 role_insufficient', v || ' by an editor')
from unnest(array['update_integration(?, name => ''x'')', 'delete_integration(?)']) v;
select test.act_as(:'adam') \g /dev/null
select is((update_integration(:'own', name => 'Renamed', is_active => false)).is_active, false, 'an admin turns it off');
select delete_integration(:'own') \g /dev/null
select test.act_as_role('postgres') \g /dev/null
select is_empty(format('select from integrations.secrets where integration_id = %L', :'own'), 'what is deleted takes its secrets along');
select * from finish();
