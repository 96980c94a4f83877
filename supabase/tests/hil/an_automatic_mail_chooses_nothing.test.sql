\ir ../helpers.sql
select plan(2);
create function test.received(message text, headers jsonb, question uuid) returns text language sql security definer as $$
  select concat_ws(' ', a ->> 'status', a ->> 'result', a ->> 'code') from hil.receive('postmark', (select id from integrations where provider = 'postmark'), received.message, '{}', received.headers,
    jsonb_build_object('email', jsonb_build_object('from', 'boss@example.com', 'automatic', received.headers ? 'auto-submitted'), 'text', 'Out of office', 'token',
      (select hil.new_token(i, '{"email": "boss@example.com"}') from human_interactions i where i.id = received.question))) a
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.integration('postmark') as mail \gset
select test.run(test.workflow(json_build_object('ask', json_build_object('SELECTION', json_build_object('message', 'Why are you away?', 'channel', 'email', 'to', 'boss@example.com',
  'options', json_build_array(json_build_object('value', 'Out of office'), json_build_object('value', 'Ill'))), 'credentials', json_build_object('email', :'mail'))), 'start>ask')) as id \gset
select id as q from human_interactions where execution_id = :'id' \gset
select is(test.received('m1', '{"auto-submitted": "auto-generated"}', :'q'), 'filtered_out auto_reply', 'what no person wrote chooses no option, whatever its words');
select is(test.received('m2', '{}', :'q'), 'matched decided', 'a person''s same words do');
select * from finish();
