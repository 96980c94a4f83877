\ir ../helpers.sql
select plan(11);
select test.sign_up('ann') as ann, test.sign_up('vic') as vic \gset
select test.act_as(:'ann') \g /dev/null
select test.workflow('{"hook": {"WEBHOOK": {"path": "a"}}, "end": {"TRANSFORM": 1}}', 'start>end hook>end') as flow \gset
select is(test.outcome(format('select rotate_trigger(%L, ''hook'')', :'flow')), 'PT404 trigger_not_found', 'what was never deployed has no URL');
select deploy_workflow(:'flow') #>> '{triggers,0,id}' as old \gset
select rotate_trigger(:'flow', 'hook') -> 'trigger' as answer \gset
select :'answer'::jsonb ->> 'id' as new \gset
select isnt(:'new'::text, :'old', 'a new id');
select is(:'answer'::jsonb -> 'path', '"a"', 'the same trigger');
select test.act_as_role('postgres') \g /dev/null
select is(test.outcome(format('select triggers.receive_webhook(%L, ''POST'', ''a'', ''{}'', null)', :'old')), 'PT404 trigger_not_found', 'the old URL is no more');
select is(triggers.receive_webhook(:'new', 'POST', 'a', '{}', null) -> 'status', '"SUCCESS"', 'the new one starts it');
select test.act_as(:'ann') \g /dev/null
select is(deploy_workflow(:'flow') #>> '{triggers,0,id}', :'new', 'deploying again keeps the new one');
select undeploy_workflow(:'flow') \g /dev/null
select rotate_trigger(:'flow', 'hook') #>> '{trigger,id}' as newest \gset
select isnt(:'newest'::text, :'new', 'also while it is not deployed');
select is(deploy_workflow(:'flow') #>> '{triggers,0,id}', :'newest', 'it is deployed with it');
select is(test.outcome(format('select rotate_trigger(%L, %L)', :'flow', n)), 'PT404 trigger_not_found', n || ' has no URL') from unnest(array['start', 'end']) n;
select test.become_member((select workspace_id from workflows where id = :'flow'), :'vic', 'viewer') \g /dev/null
select test.act_as(:'vic') \g /dev/null
select is(test.outcome(format('select rotate_trigger(%L, ''hook'')', :'flow')), 'PT403 role_insufficient', 'viewers rotate nothing');
select * from finish();
