-- What a declaration cannot say: extensions that live in one database only, partitions by date, seed rows,
-- cron jobs. Every migration ends with a call of it; calling it again changes nothing.
create function platform.setup()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if exists (select from pg_available_extensions where name = 'pg_cron')
     and current_database() = current_setting('cron.database_name', true) then
    create extension if not exists pg_cron;
  end if;
  perform engine.create_partitions();
  perform workflows.seed_node_specifications();
  perform search.seed();
  perform nodes.give_to_role();
  perform engine.allow_listening();
  perform engine.schedule_jobs();
  perform search.schedule_refresh();
end
$$;
comment on function platform.setup() is
  'Idempotent set-up of extensions, partitions, seed rows and cron jobs. For the operator (role postgres).';
