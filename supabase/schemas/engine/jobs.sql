-- What nobody waits for: next months' partitions, old tokens, workers, events, slots and job details, what is
-- left of deleted workflows, versions and messages that a workspace does not keep, and a look for violations.
create function engine.maintain()
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_violation record;
  v_details regclass := to_regclass('cron.job_run_details');
begin
  delete from engine.doorbell_tokens t where t.expires_at < engine.now();
  delete from engine.workers w where w.worker_id in (
    select k.worker_id from engine.workers k where k.seen_at < engine.now() - interval '1 day'
    for update skip locked);
  delete from public.workflow_events e where e.expires_at < engine.now();
  perform triggers.sweep();
  perform hil.purge_responses();
  perform search.sweep_budgets();
  -- a rate counts at most a day back
  delete from engine.slots s where s.released_at < engine.now() - interval '1 day';
  perform workflows.remove_deleted();
  for v_violation in select * from engine.violations() loop
    raise warning 'Violation: % (execution %): %',
      v_violation.rule, v_violation.execution_id, v_violation.detail;
  end loop;
  -- after all that takes long: nobody starts those workflows until it is committed
  perform workflows.purge_by_retention();
  if v_details is not null then
    execute format('delete from %s where end_time < now() - interval ''1 hour''', v_details);
  end if;
  -- last, and without queueing behind a long reader: a new partition locks out the whole engine,
  -- and there are months of slack
  perform set_config('lock_timeout', '1s', true);
  begin
    perform engine.create_partitions();
  exception when others then
    raise warning 'No new partitions yet: %', sqlerrm;
  end;
end
$$;
comment on function engine.maintain() is 'Hourly upkeep.';

-- The tick runs four times in its second, each time in a transaction of its own: a DO block may commit, a
-- function not. While a tick had all the work that it takes at once, the next one follows at once.
create function engine.tick_job()
returns text
language sql
immutable
security invoker
set search_path = ''
as $job$
  select $text$do $tick$
declare
  v_next timestamptz;
  v_done int;
begin
  for i in 1 .. 4 loop
    v_next := clock_timestamp() + interval '200 milliseconds';
    loop
      v_done := engine.tick(200);
      commit;
      exit when v_done < 200 or clock_timestamp() > v_next;
    end loop;
    perform pg_sleep(greatest(0.02, extract(epoch from v_next - clock_timestamp())));
  end loop;
end $tick$$text$
$job$;
comment on function engine.tick_job() is 'What pg_cron runs each second.';

create function engine.schedule_jobs()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_schedule regproc := to_regprocedure('cron.schedule(text,text,text)');
begin
  if v_schedule is null then
    return;
  end if;
  execute format('select %s($1, $2, $3)', v_schedule)
  using 'tandem-tick', '1 second', engine.tick_job();
  -- a job of its own: it may wait for rows that clients write, and the tick waits for nobody
  execute format('select %s($1, $2, $3)', v_schedule)
  using 'tandem-record', '2 seconds',
    'do $record$ begin for i in 1 .. 200 loop exit when search.record_executions() < 50; commit; end loop; '
    'end $record$';
  execute format('select %s($1, $2, $3)', v_schedule)
  using 'tandem-maintain', '17 * * * *',
    'do $maintain$ begin perform engine.maintain(); commit; '
    'while workflows.remove_deleted() > 0 loop commit; end loop; end $maintain$';
  execute format('select %s($1, $2, $3)', v_schedule)
  using 'tandem-steps', '43 3 * * *',
    'do $steps$ begin while search.maintain_steps() > 0 loop commit; end loop; end $steps$';
end
$$;
comment on function engine.schedule_jobs() is
  'The engine''s pg_cron jobs. Idempotent; does nothing without pg_cron.';
