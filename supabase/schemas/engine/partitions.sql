-- A month's partition of each history table, for this month and the three that follow, and one for everything
-- else, so that no insert ever fails for want of a partition. Partitions live in the engine's schema, out of
-- the Data API's reach.
create function engine.create_partitions()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  v_table text;
  v_month timestamptz;
  v_name text;
  v_least uuid;
  v_beyond uuid;
  v_taken boolean;
begin
  foreach v_table in array '{node_executions,workflow_execution_logs}'::text[] loop
    if to_regclass(format('engine.%I', v_table || '_rest')) is null then
      execute format('create table engine.%I partition of public.%I default', v_table || '_rest', v_table);
      execute format('alter table engine.%I enable row level security', v_table || '_rest');
    end if;
    for i in 0 .. 3 loop
      v_month := date_trunc('month', clock_timestamp(), 'UTC') + make_interval(months => i);
      v_name := v_table || to_char(v_month at time zone 'UTC', '_YYYYMM');
      if to_regclass(format('engine.%I', v_name)) is null then
        v_least := platform.uuid7_floor(v_month);
        v_beyond := platform.uuid7_floor(v_month + interval '1 month');
        -- after a long sleep of the project rows of this month may already lie in the rest; they stay there
        execute format('select exists (select from engine.%I where execution_id >= %L and execution_id < %L)',
          v_table || '_rest', v_least, v_beyond) into v_taken;
        continue when v_taken;
        execute format('create table engine.%I partition of public.%I for values from (%L) to (%L)',
          v_name, v_table, v_least, v_beyond);
        execute format('alter table engine.%I enable row level security', v_name);
      end if;
    end loop;
  end loop;
end
$$;
comment on function engine.create_partitions() is
  'Partitions of the history tables for the months to come. Idempotent.';
