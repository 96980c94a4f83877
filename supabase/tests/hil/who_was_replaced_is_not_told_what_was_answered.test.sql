\ir ../helpers.sql
select plan(4);
create function test.sent() returns jsonb language plpgsql security definer as $$
declare
  v_claimed jsonb := hil.claim_messages('s', 20);
begin
  perform hil.finish_messages('s', (select jsonb_agg(jsonb_build_object('id', m ->> 'id', 'status', 'sent')) from jsonb_array_elements(v_claimed) m));
  return v_claimed;
end
$$;
grant execute on all functions in schema test to authenticated;
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann') \g /dev/null
select test.integration('postmark') as mail \gset
select test.run(test.workflow(json_build_object('ask', json_build_object('APPROVAL', json_build_object('message', '?', 'channel', 'email', 'to', 'wrong@example.com', 'data', json_build_object('n', 1)),
  'credentials', json_build_object('email', :'mail'))), 'start>ask')) as id \gset
select id as q from human_interactions where execution_id = :'id' \gset
select test.sent() #>> '{0,token}' as old \gset
select reassign_interaction(:'q', '[{"email": "right@example.com"}]') \g /dev/null
select test.sent() #>> '{0,token}' as new \gset
select test.act_as_role('postgres') \g /dev/null
select hil.decide_by_token(:'new', 'approve', '{"n": 2}', 'a secret') \g /dev/null
select test.sent() as told \gset
select is((select jsonb_agg(r order by r) from jsonb_path_query(:'told', '$[*] ? (@.kind == "decided").recipient') r), '["right@example.com", "wrong@example.com"]', 'both are told that it is over');
select is(jsonb_path_query_first(:'told', '$[*] ? (@.recipient == "right@example.com").content') -> 'comment', '"a secret"', 'who was asked to the end is told the answer');
select is((select jsonb_build_array(c -> 'outcome', c -> 'comment', c -> 'result', c -> 'responded_by_name') from jsonb_path_query_first(:'told', '$[*] ? (@.recipient == "wrong@example.com").content') c),
  '["approved", null, null, null]', 'who was replaced is not');
select is(hil.show(:'old') ->> 'comment', null, 'nor by his link');
select * from finish();
