\ir notes.sql
create function test.fail_all(times int) returns void language plpgsql as $$
begin
  for i in 1 .. times loop
    perform test.move_clock('2 hours');
    perform test.finish_texts(test.not_embedded(test.claim_texts(), '{"code": "provider_failed", "message": "500", "retryable": true}'));
  end loop;
end
$$;
grant execute on function test.fail_all(int) to authenticated;

select plan(26);
select test.sign_up('ann') as ann \gset
select test.act_as(:'ann');
select set_config('tandem.now', '2030-01-01 12:00:00Z', true);

select test.note('bad'), test.note('good');
select test.claim_texts() as jobs \gset
select is(test.finish_texts(
  test.not_embedded(jsonb_build_array(:'jobs'::jsonb -> 0), '{"code": "provider_failed", "message": "500", "retryable": true}')
  || test.embedded(jsonb_build_array(:'jobs'::jsonb -> 1))),
  '{"written": 1, "stale": 0, "retried": 1, "dead": 0}', 'each result counts for itself');
select is(test.vectors(), 'good', 'what was embedded is written');
select is(test.jobs(), 'bad pending 1', 'what failed is to be tried again');
select is(test.claim_texts(), '[]', 'but not at once');
select test.move_clock('20 s');
select is((test.claim_texts() -> 0 ->> 'attempts')::int, 1, 'after a while it is');
select test.move_clock('61 s');
select test.claim_texts('other') as jobs \gset
select is((:'jobs'::jsonb -> 0 ->> 'attempts')::int, 2, 'a lease that expires costs an attempt, and others may have the job');
select is(test.finish_texts(test.embedded(:'jobs'), 'w'), '{"written": 0, "stale": 1, "retried": 0, "dead": 0}', 'who lost the lease writes nothing');
select is(test.finish_texts(test.not_embedded(:'jobs', '{"code": "provider_failed", "message": "500", "retryable": true}'), 'other') ->> 'retried', '1',
  'and on it goes');

-- the provider asks for time
select test.note('more');
select test.move_clock('2 minutes');
select test.claim_texts() as jobs \gset
select is(test.finish_texts(test.not_embedded(:'jobs', '{"code": "rate_limited", "message": "429", "retryable": true, "retry_after_seconds": 90}')) ->> 'retried',
  '2', 'a provider that asks for time gets it');
select is(test.jobs(), 'bad pending 3, more pending', 'which costs no attempt');
select test.note('new');
select is(test.claim_texts(), '[]', 'and holds the whole model back');
select test.move_clock('89 s');
select is(test.claim_texts(), '[]', 'for so long');
select test.move_clock('1 s');
select is(jsonb_array_length(test.claim_texts()), 3, 'and no longer');
select test.move_clock('61 s');
select test.claim_texts() as jobs \gset
select is(test.finish_texts(test.not_embedded(:'jobs', '{"code": "released", "message": "stopped", "retryable": true, "retry_after_seconds": 0}')) ->> 'retried',
  '3', 'a worker that stops gives its texts back');
select is(jsonb_array_length(test.claim_texts()), 3, 'for another one to take at once');
select test.move_clock('61 s');

-- until it is given up
select test.fail_all(2);
select is(test.jobs(), 'bad pending 7, more pending 4, new pending 4', 'what failed seven times is tried once more');
select test.fail_all(1);
select is(test.jobs(), 'bad dead 8, more pending 5, new pending 5', 'then it is dead');
select is(test.finish_texts(test.not_embedded(:'jobs', '{"code": "x", "message": "x", "retryable": true}')) ->> 'stale', '3', 'a late answer changes nothing');
select test.move_clock('2 hours');
select is(test.finish_texts(test.not_embedded(test.claim_texts(), '{"code": "text_refused", "message": "no", "retryable": false}')) ->> 'dead', '2',
  'what no attempt will change is dead at once');
select results_eq('select pending, failed, in_flight, dead from public.get_embedding_status() where source = ''notes''',
  'values (0::bigint, 0::bigint, 0::bigint, 3::bigint)', 'the counters say so');
update test.notes set "the text" = 'better' where title = 'bad';
select is(test.jobs(), 'bad pending, more dead 6, new dead 6', 'a new text is a new beginning');
select test.act_as_role('postgres');
select is(search.requeue_dead('notes'), 2, 'the operator may try all again');
select is(test.jobs(), 'bad pending, more pending, new pending', 'from the beginning');
select test.fail_all(1);
update test.notes set title = 'late' where title = 'good';
select is(test.embed_all(), 0, 'after whole batches that failed the model rests a little');
select test.move_clock('61 s');
select is(test.embed_all(), 4, 'a minute at most');
select is(test.vectors(), 'bad, late, more, new', 'and all is well');
select * from finish();
