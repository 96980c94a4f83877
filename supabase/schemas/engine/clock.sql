create function engine.clock_is_movable()
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select platform.setting('clock.movable') = 'true'
$$;
comment on function engine.clock_is_movable() is
  'May sessions move the clock and stop at pause points? Only in test databases.';
grant execute on function engine.clock_is_movable() to authenticated, service_role;

create function engine.clock_offset()
returns interval
language sql
stable
security definer
set search_path = ''
as $$
  select make_interval(secs => platform.setting('clock.offset_seconds', '0')::float8)
$$;
comment on function engine.clock_offset() is 'How far a test has moved the clock of a database.';
grant execute on function engine.clock_offset() to authenticated, service_role;

-- The clock of everything that decides by time. In a test database (setting clock.movable)
-- `set tandem.now = '...'` moves it for a session; of a database that has it set to 'shared' the setting
-- clock.offset_seconds moves it for all of them. Elsewhere the parameter is ignored.
create function engine.now()
returns timestamptz
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_moved text := current_setting('tandem.now', true);
begin
  if coalesce(v_moved, '') <> '' then
    if engine.clock_is_movable() then
      return case v_moved
        when 'shared' then clock_timestamp() + engine.clock_offset()
        else v_moved::timestamptz end;
    end if;
  end if;
  return clock_timestamp();
end
$$;
comment on function engine.now() is 'The time; movable in test databases.';
grant execute on function engine.now() to authenticated, service_role;

-- Lets a test stop between two statements: with `set tandem.pause_at = 'name'` the session waits here for the
-- advisory lock that the test holds.
create function engine.pause_point(name text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  if current_setting('tandem.pause_at', true) = pause_point.name then
    if engine.clock_is_movable() then
      perform pg_advisory_xact_lock(hashtext(pause_point.name));
    end if;
  end if;
end
$$;
comment on function engine.pause_point(text) is 'Where a test may stop a session; does nothing elsewhere.';
