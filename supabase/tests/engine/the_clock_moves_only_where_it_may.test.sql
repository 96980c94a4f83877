\ir ../helpers.sql
select plan(6);
select test.sign_up('ann') as ann \gset
select platform.set('clock.movable', 'true'), platform.set('clock.offset_seconds', '3600') \g /dev/null
select is(engine.now() < clock_timestamp() + interval '1 minute', true, 'an offset is for sessions that share it');
select set_config('tandem.now', 'shared', true) \g /dev/null
select is(engine.now() between clock_timestamp() + interval '59 minutes' and clock_timestamp() + interval '61 minutes', true, 'they have it in common');
select test.act_as(:'ann') \g /dev/null
select is(engine.now() > clock_timestamp() + interval '59 minutes', true, 'whoever asks');
select set_config('tandem.now', '2027-01-01 10:00:00+00', true) \g /dev/null
select is(engine.now(), timestamptz '2027-01-01 10:00:00+00', 'a session may have its own time');
select test.act_as_role('postgres') \g /dev/null
select platform.set('clock.movable', 'false') \g /dev/null
select is(engine.now() < clock_timestamp() + interval '1 minute', true, 'where the clock may not be moved it is not');
select set_config('tandem.now', 'shared', true) \g /dev/null
select is(engine.now() < clock_timestamp() + interval '1 minute', true, 'by neither');
select * from finish();
