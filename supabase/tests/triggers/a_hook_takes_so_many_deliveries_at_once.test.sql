\ir ../helpers.sql
select plan(8);
select test.act_as_role('postgres') \g /dev/null
select platform.set('hooks.burst', '3'), platform.set('hooks.rate_per_second', '0.5') \g /dev/null
set tandem.now = '2026-11-21 10:00Z';
select gen_random_uuid() as hook \gset
select is(array(select triggers.admit_delivery(:'hook') from generate_series(1, 4)), array[null, null, null, 2], 'a burst is let in, the next is told to come later');
select is(triggers.admit_delivery(gen_random_uuid()), null, 'another hook has room of its own');
select test.move_clock('1 second') \g /dev/null
select is(triggers.admit_delivery(:'hook'), 1, 'refused ones cost nothing');
select test.move_clock('1 second') \g /dev/null
select is(triggers.admit_delivery(:'hook'), null, 'in time there is room again');
select is(triggers.admit_delivery(:'hook'), 2, 'for as many as the rate says');
select test.move_clock('1 hour') \g /dev/null
select is(array(select triggers.admit_delivery(:'hook') from generate_series(1, 4)), array[null, null, null, 2], 'never for more than the burst');
select test.move_clock('25 hours'), engine.maintain() \g /dev/null
select is((select count(*)::int from triggers.buckets), 0, 'what is full again is forgotten');
set tandem.now = '2020-01-01';
select triggers.admit_delivery(:'hook') \g /dev/null
set tandem.now = '2019-01-01';
select is(triggers.admit_delivery(:'hook'), null, 'a clock that goes back lets in what fits');
select * from finish();
