\ir ../helpers.sql
select plan(42);
select is(triggers.accepts(v.subtype, v.config::jsonb, v.event::jsonb), v.expected, format('%s %s: %s', v.subtype, v.config, v.event)) from (values
  ('GITHUB', '{}', '{"event": "push"}', true),
  ('GITHUB', '{"events": ["issues", "push"]}', '{"event": "push"}', true), ('GITHUB', '{"events": ["issues"]}', '{"event": "push"}', false),
  ('GITHUB', '{"events": ["issues"]}', '{"event": "issues_"}', false),
  ('GITHUB', '{"actions": ["opened"]}', '{"event": "issues", "action": "opened"}', true), ('GITHUB', '{"actions": ["opened"]}', '{"event": "issues", "action": "closed"}', false),
  -- a filter is about events that have what it asks for
  ('GITHUB', '{"actions": ["opened"]}', '{"event": "push"}', true), ('GITHUB', '{"branches": ["main"]}', '{"event": "issues"}', true),
  ('GITHUB', '{"branches": ["main"]}', '{"event": "push", "branch": "main"}', true), ('GITHUB', '{"branches": ["main"]}', '{"event": "push", "branch": "main2"}', false),
  ('GITHUB', '{"branches": ["main"]}', '{"event": "push", "branch": null}', false), ('GITHUB', '{"branches": ["a", "release/*"]}', '{"event": "push", "branch": "release/1/2"}', true),
  ('GITHUB', '{"branches": ["*"]}', '{"event": "push", "branch": ""}', true), ('GITHUB', '{"branches": ["v_1"]}', '{"event": "push", "branch": "vx1"}', false),
  ('GITHUB', '{"branches": ["a%"]}', '{"event": "push", "branch": "ab"}', false), ('GITHUB', '{"branches": ["a\\*"]}', '{"event": "push", "branch": "a\\b"}', true),
  ('GITHUB', '{"branches": ["a\\"]}', '{"event": "push", "branch": "a\\"}', true), ('GITHUB', '{"branches": ["*-fix-*"]}', '{"event": "push", "branch": "x-fix-y"}', true),
  ('GITHUB', '{"events": ["push"], "branches": ["main"]}', '{"event": "workflow_run", "branch": "main"}', false),
  ('SLACK', '{}', '{}', true), ('SLACK', '{"channels": ["C1"]}', '{"channel": "C1"}', true), ('SLACK', '{"channels": ["C1"]}', '{"channel": "C2"}', false),
  ('SLACK', '{"channels": ["C1"]}', '{}', false), ('SLACK', '{"include_bots": false}', '{"is_bot": true}', false), ('SLACK', '{}', '{"is_bot": true}', false),
  ('SLACK', '{"include_bots": true}', '{"is_bot": true}', true), ('SLACK', '{"include_bots": true, "channels": ["C1"]}', '{"is_bot": true, "channel": "C2"}', false),
  ('EMAIL', '{}', '{"from": "a@b.example"}', true), ('EMAIL', '{"from": ["A@b.example"]}', '{"from": "a@b.example"}', true),
  ('EMAIL', '{"from": ["a@b.example"]}', '{"from": "xa@b.example"}', false), ('EMAIL', '{"from": ["@b.example"]}', '{"from": "xa@b.example"}', true),
  ('EMAIL', '{"from": ["@b.example"]}', '{"from": "a@c.b.example"}', false), ('EMAIL', '{"from": ["@b.example"]}', '{"from": "a@b.example.evil"}', false),
  ('EMAIL', '{"from": ["@b.example"]}', '{}', false), ('EMAIL', '{"from": ["@c.example", "a@b.example"]}', '{"from": "a@b.example"}', true),
  ('WEBHOOK', '{}', '{}', false), ('MANUAL', '{}', '{}', false)
) v (subtype, config, event, expected);
-- what triggers listen to
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.integration('github') as github, test.integration('slack') as slack, test.integration('postmark') as postmark, test.integration('webhook', '{"type": "basic"}') as webhook \gset
select test.workflow(replace(replace(replace(replace('{"repo": {"GITHUB": {"repository": "Acme/App"}, "credentials": {"github": "G"}}, "all": {"GITHUB": {}, "credentials": {"github": "G"}},
  "command": {"SLACK": {"command": "/deploy"}, "credentials": {"slack": "S"}}, "event": {"SLACK": {"event": "app_mention", "include_bots": true}, "credentials": {"slack": "S"}},
  "mail": {"EMAIL": {"address": "Orders@In.Example"}, "credentials": {"email": "P"}}, "safe": {"WEBHOOK": {"path": "/safe/"}, "credentials": {"webhook": "W"}}, "open": {"WEBHOOK": {"path": "open", "response_mode": "respond"}}}',
  '"G"', quote_ident(:'github')), '"S"', quote_ident(:'slack')), '"P"', quote_ident(:'postmark')), '"W"', quote_ident(:'webhook'))::json, '') as flow \gset
select test.act_as_role('postgres') \g /dev/null
select results_eq(format('select node_id, index_key, integration_id::text from triggers.triggers_of(%L, 1) order by 1', :'flow'),
  format($$values ('all', '*', %1$L), ('command', '/deploy', %2$L), ('event', 'app_mention', %2$L), ('mail', 'orders@in.example', %3$L), ('open', 'open', null), ('repo', 'acme/app', %1$L), ('safe', 'safe', %4$L), ('start', '', null)$$,
    :'github', :'slack', :'postmark', :'webhook'), 'keys are what events name, and an integration whose they are');
select is((select trigger_config from triggers.triggers_of(:'flow', 1) where node_id = 'open'), '{"path": "open", "method": "POST", "raw_body": false, "response_mode": "respond"}', 'parameters have their defaults');

-- a credential is the workspace's, of the right provider, or nothing is deployed
select test.sign_up('eve') as eve \gset
select test.act_as(:'eve') \g /dev/null
select is(test.outcome(format('select deploy_workflow(%L)', test.workflow(v.nodes::json, ''))), 'PT422 definition_invalid', v.why) from (values
  ('{"a": {"GITHUB": {}}}', 'a provider''s trigger needs an integration'),
  (format('{"a": {"GITHUB": {}, "credentials": {"github": "%s"}}}', :'github'), 'of this workspace'),
  (format('{"a": {"WEBHOOK": {"path": "a"}, "credentials": {"webhook": "%s"}}}', gen_random_uuid()), 'a webhook is not deployed without the proof it names')
) v (nodes, why);
select * from finish();
