-- pg_cron lives in one database of a cluster; the role postgres schedules jobs there and clears their history.
create extension if not exists pg_cron;
grant usage on schema cron to postgres;
grant all on all tables in schema cron to postgres;
grant all on all sequences in schema cron to postgres;
grant all on all functions in schema cron to postgres;
