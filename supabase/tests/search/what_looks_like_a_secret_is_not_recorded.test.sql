\ir ../helpers.sql
select plan(23);
create function test.kept(content text) returns text language sql as $$ select search.text_without_secrets(content) $$;
-- by its name
select is(search.without_secrets('{"auth": {"user": "u"}, "pass": "x", "pin": 1234, "password": 99, "sessionId": "s", "jwt": "j", "max_tokens": 500, "passing": "y"}'),
  jsonb '{"auth": "[removed]", "pass": "[removed]", "pin": "[removed]", "password": "[removed]", "sessionId": "[removed]", "jwt": "[removed]", "max_tokens": 500, "passing": "y"}',
  'by its name, whatever its type');
select is(search.without_secrets('[{"key": "X-Api-Key", "value": "s"}, {"header": "Cookie", "value": "s"}, {"key": "page", "value": "2"}]'),
  jsonb '[{"key": "X-Api-Key", "value": "[removed]"}, {"header": "Cookie", "value": "[removed]"}, {"key": "page", "value": "2"}]',
  'by the name beside it');
-- by the name before it, in a text
select is(test.kept('{"user": "ann", "password": "open sesame"}'), '{"user": "ann", "password": [removed]"}', 'JSON as text');
select is(test.kept('{\"client_secret\": \"open sesame\"}'), '{\"client_secret\": \[removed]"}', 'JSON in JSON');
select is(test.kept('const apiKey = ''open sesame''; go()'), 'const apiKey = [removed]''; go()', 'code');
select is(test.kept('X-Api-Key: abc' || E'\nAccept: b'), 'X-Api-Key: [removed]' || E'\nAccept: b', 'a header');
select is(test.kept('TOKEN=abc run'), 'TOKEN=[removed] run', 'the environment');
select is(test.kept('https://h/a?key=abc&q=1&sig=x%2By#f'), 'https://h/a?key=[removed]&q=1&sig=[removed]#f', 'an address');
select is(test.kept('https://h/a?my_access_token=abc&q=1'), 'https://h/a?my_access_token=[removed]&q=1', 'with a name of its own');
-- by its form
select is(test.kept('https://ann:pw@h/x'), 'https://[removed]h/x', 'who logs in to an address');
select is(test.kept('Authorization: Bearer abc.def'), 'Authorization: [removed] [removed]', 'a bearer''s token');
select is(test.kept(k), '[removed]', left(k, 4)) from unnest('{sk-abcdefghijklmnop,ghp_abcdefghijklmnop,xoxb-1234567890123,AKIAABCDEFGHIJKLMNOP,eyJhbGciOiJIUzI1NiJ9.eyJzdWIifQ.c2ln}'::text[]) k;
select is(test.kept('https://hooks.slack.com/services/T1/B1/abc'), 'https://hooks.slack.com/services/[removed]', 'an address that is a secret');
select is(test.kept(E'-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----'),
  '-----BEGIN RSA PRIVATE KEY-----[removed]-----END RSA PRIVATE KEY-----', 'a private key');
select is(test.kept(t), t, 'not: ' || t) from unnest(array[
  'Click the password field, then type', 'if (a == b) { save(); }', 'tokens per minute', 'https://example.com/a?page=2']) t;
-- the time that it took grew with the square of the length: half an hour
set local statement_timeout = '20s';
select is(length(test.kept('?token' || repeat('a', 1000000) || '=x')) < 20001, true, 'what is very long is cut, and read at once');
select * from finish();
