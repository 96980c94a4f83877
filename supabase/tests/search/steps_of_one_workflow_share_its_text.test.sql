\ir ../helpers.sql
select plan(9);
select test.sign_up('ann') as ann, test.sign_up('bob') as bob \gset
select test.act_as(:'ann') \g /dev/null
select workspaces.default_id() as ws \gset
insert into public.workflow_steps (app_name, window_title, element_path, step_name, workflow_name, workflow_description)
select 'Chrome', 'Shop', 'Window > Button[' || i || ']', 'Click ' || i, 'Order ' || i % 3, case when i % 2 = 0 then 'Buys' end
from generate_series(1, 60) i;
select is((select count(distinct workflow_text_id) from public.workflow_steps), 6::bigint, 'a text for each name with each description');
insert into public.workflow_steps (app_name, window_title, element_path, step_name, workflow_name, workflow_description)
values ('Chrome', 'Shop', '/', 'Pay', 'Order 0', 'Buys'), ('Chrome', 'Shop', '/', 'Pay', 'Order 00', 'uys');
select test.act_as(:'bob') \g /dev/null
insert into public.workflow_steps (app_name, window_title, element_path, step_name, workflow_name, workflow_description)
values ('Chrome', 'Shop', '/', 'Pay', 'Order 0', 'Buys');
select test.act_as_role('postgres') \g /dev/null
select is((select count(*) from search.workflow_texts), 8::bigint, 'further steps find theirs; another workspace has its own');
select is_empty(
  $$select s.id from public.workflow_steps s
    left join search.workflow_texts t on t.id = s.workflow_text_id and t.workspace_id = s.workspace_id
    where (t.workflow_name, t.workflow_description) is distinct from (s.workflow_name, s.workflow_description)$$,
  'every step has the text of its workflow');
select test.act_as(:'ann') \g /dev/null
update public.workflow_steps set workflow_name = 'Purchase' where workflow_name = 'Order 0' and workflow_description = 'Buys';
select test.act_as_role('postgres') \g /dev/null
select is((select count(*) from search.workflow_texts where workflow_name = 'Purchase'), 1::bigint, 'a renamed workflow gets a text');
select is(test.outcome('set constraints all immediate'), 'ok', 'and all steps have one at commit');
select is(search.sweep_workflow_texts(), 0, 'a text without steps stays for a day');
select test.move_clock('25 hours') \g /dev/null
select is(search.sweep_workflow_texts(), 1, 'then it is swept');
select is((select count(*) from search.workflow_texts where workflow_name = 'Order 0' and workspace_id = :'ws'), 1::bigint,
  'those that have steps stay');
delete from public.workspaces where id = :'ws';
select is(search.sweep_workflow_texts(), 7, 'the texts of a workspace that is gone too');
select * from finish();
