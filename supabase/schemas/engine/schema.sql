create schema engine;
comment on schema engine is 'Runs workflows: the ready queue, waits, transitions, the clock and the tick.';
-- members see their own tasks and waits through row level security
grant usage on schema engine to authenticated, service_role;
