-- The first match on the wall clock at or after a full minute. Jumps by month, day, hour: of 29 Februaries on
-- a Monday the next may be 40 years away.
create function triggers.next_match(cron triggers.cron, at_least timestamp)
returns timestamp
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_year int := extract(year from at_least);
  v_month int := extract(month from at_least);
  v_day int := extract(day from at_least);
  v_hour int := extract(hour from at_least);
  v_minute int := extract(minute from at_least);
  v_last_year int := v_year + 50;
  v_first date;
  v_weekday int;
  v_weekdays bigint;
  v_bits bigint;
  v_found int;
begin
  while v_year <= v_last_year loop
    v_bits := cron.months >> v_month << v_month;
    if v_bits = 0 then
      v_year := v_year + 1;
      v_month := 1;
      v_day := 1;
      v_hour := 0;
      v_minute := 0;
      continue;
    end if;
    -- the lowest bit, here and below
    v_found := strpos(reverse(v_bits::bit(64)::text), '1') - 1;
    if v_found > v_month then
      v_month := v_found;
      v_day := 1;
      v_hour := 0;
      v_minute := 0;
    end if;
    v_first := make_date(v_year, v_month, 1);
    v_weekday := extract(dow from v_first);
    -- the week as the month begins it, five times, from bit 1
    v_weekdays := ((cron.weekdays >> v_weekday) | (cron.weekdays << 7 - v_weekday)) & 127;
    v_weekdays := v_weekdays * (2 + (1 << 8) + (1 << 15) + (1 << 22) + (1 << 29));
    v_bits := case when cron.either_day then cron.days | v_weekdays else cron.days & v_weekdays end
      & ((2::bigint << extract(day from v_first + interval '1 month - 1 day')::int) - 1);
    v_bits := v_bits >> v_day << v_day;
    if v_bits = 0 then
      v_month := v_month + 1;
      v_day := 1;
      v_hour := 0;
      v_minute := 0;
      continue;
    end if;
    v_found := strpos(reverse(v_bits::bit(64)::text), '1') - 1;
    if v_found > v_day then
      v_day := v_found;
      v_hour := 0;
      v_minute := 0;
    end if;
    if (cron.hours >> v_hour) & 1 = 1 then
      v_bits := cron.minutes >> v_minute << v_minute;
      if v_bits <> 0 then
        v_minute := strpos(reverse(v_bits::bit(64)::text), '1') - 1;
        return make_timestamp(v_year, v_month, v_day, v_hour, v_minute, 0);
      end if;
    end if;
    v_bits := cron.hours >> v_hour + 1 << v_hour + 1;
    if v_bits <> 0 then
      v_hour := strpos(reverse(v_bits::bit(64)::text), '1') - 1;
      v_minute := strpos(reverse(cron.minutes::bit(64)::text), '1') - 1;
      return make_timestamp(v_year, v_month, v_day, v_hour, v_minute, 0);
    end if;
    v_day := v_day + 1;
    v_hour := 0;
    v_minute := 0;
  end loop;
  return null;
end
$$;
comment on function triggers.next_match(triggers.cron, timestamp) is
  'The first time on the wall clock, from a full minute on, that a cron expression means.';

-- When a zone's offset changes, if it is one at `low` and another at `high`: the first second of the new one.
create function triggers.offset_change(timezone text, low timestamptz, high timestamptz)
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
  v_offset interval := (low at time zone timezone) - (low at time zone 'UTC');
  v_low bigint := floor(extract(epoch from low));
  v_high bigint := floor(extract(epoch from high));
  v_middle bigint;
  v_at timestamptz;
begin
  while v_high - v_low > 1 loop
    v_middle := (v_low + v_high) / 2;
    v_at := to_timestamp(v_middle);
    if (v_at at time zone timezone) - (v_at at time zone 'UTC') = v_offset then
      v_low := v_middle;
    else
      v_high := v_middle;
    end if;
  end loop;
  return to_timestamp(v_high);
end
$$;
comment on function triggers.offset_change(text, timestamptz, timestamptz) is
  'When the clocks of a zone change between two times.';

-- The first run after a time. Between two changes of the zone's offset the wall clock runs evenly, so the
-- first match is the run, if the offset is still the same there. Over a change:
--   forward: what the clock leaves out is run at the change if it is fixed, else not at all. A whole day that
--            is left out (Samoa, 30 December 2011) had no times to run at.
--   back:    what the clock shows twice runs the first time if it is fixed, else both times.
create function triggers.next_time(cron triggers.cron, timezone text, after timestamptz)
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
  -- longer than any change, shorter than the time between two
  c_near constant interval := interval '26 hours';
  v_from timestamptz := after;
  v_offset interval := (after at time zone timezone) - (after at time zone 'UTC');
  v_local timestamp := date_trunc('minute', after at time zone timezone) + interval '1 minute';
  v_match timestamp;
  v_at timestamptz;
  v_near timestamptz;
  v_other interval;
  v_change timestamptz;
begin
  if cron.is_fixed then
    v_near := after - c_near;
    v_other := (v_near at time zone timezone) - (v_near at time zone 'UTC');
    if v_other > v_offset then
      v_change := triggers.offset_change(timezone, v_near, after);
      v_local := greatest(v_local, (v_change at time zone 'UTC') + v_other);
    end if;
  end if;
  loop
    v_local := date_trunc('minute', v_local + interval '59.999999 seconds');
    v_match := triggers.next_match(cron, v_local);
    if v_match is null then
      return null;
    end if;
    v_at := (v_match - v_offset) at time zone 'UTC';
    v_near := least(v_at, v_from + c_near);
    v_other := (v_near at time zone timezone) - (v_near at time zone 'UTC');
    if v_other = v_offset then
      if v_near = v_at then
        return v_at;
      end if;
      -- nothing happens before; changes on the way only matter close to the match
      v_from := greatest(v_near, v_at - c_near - c_near);
      v_offset := (v_from at time zone timezone) - (v_from at time zone 'UTC');
      v_local := v_match;
      continue;
    end if;
    v_change := triggers.offset_change(timezone, v_from, v_near);
    v_other := (v_change at time zone timezone) - (v_change at time zone 'UTC');
    v_local := (v_change at time zone 'UTC') + v_other;
    if v_other > v_offset then
      if v_match < v_local and cron.is_fixed and v_other - v_offset < interval '24 hours' then
        return v_change;
      end if;
      v_local := greatest(v_local, v_match);
    elsif cron.is_fixed then
      v_local := v_match;
    end if;
    v_from := v_change;
    v_offset := v_other;
  end loop;
  return null;
end
$$;
comment on function triggers.next_time(triggers.cron, text, timestamptz) is
  'The first run of a schedule after a time, or null.';

-- The newest runs of a time that has passed. Looks back in growing steps, so that few are looked at.
create function triggers.last_times(
  cron triggers.cron, timezone text, since timestamptz, until timestamptz, n int
)
returns timestamptz[]
language plpgsql
stable
set search_path = ''
as $$
declare
  v_back interval := interval '2 minutes';
  v_from timestamptz;
  v_at timestamptz;
  v_times timestamptz[];
begin
  loop
    v_from := greatest(since, until - v_back);
    v_times := array[]::timestamptz[];
    v_at := triggers.next_time(cron, timezone, v_from - interval '1 microsecond');
    while v_at <= until loop
      v_times := v_times || v_at;
      if cardinality(v_times) > n then
        v_times := v_times[2:];
      end if;
      v_at := triggers.next_time(cron, timezone, v_at);
    end loop;
    if cardinality(v_times) = n or v_from = since then
      return v_times;
    end if;
    v_back := v_back * 2;
  end loop;
  return null;
end
$$;
comment on function triggers.last_times(triggers.cron, text, timestamptz, timestamptz, int) is
  'The newest runs of a schedule within a time, oldest first.';

create function triggers.next_runs(expression text, timezone text, n int, after timestamptz)
returns setof timestamptz
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_read record;
  v_problem text := triggers.timezone_problem(timezone);
  v_at timestamptz := coalesce(after, engine.now());
begin
  select * into v_read from triggers.read_cron(expression);
  if v_read.problem is not null then
    perform platform.fail(422, 'cron_invalid', v_read.problem,
      'Write it as 30 9 * * MON-FRI, or as @daily.');
  elsif v_problem is not null then
    perform platform.fail(422, 'timezone_unknown', v_problem, 'Name it as Europe/Berlin.');
  end if;
  for i in 1 .. least(n, 1000) loop
    v_at := triggers.next_time(v_read.cron, timezone, v_at);
    exit when v_at is null;
    return next v_at;
  end loop;
end
$$;
comment on function triggers.next_runs(text, text, int, timestamptz) is 'See public.next_runs.';
grant execute on function triggers.next_runs(text, text, int, timestamptz) to authenticated, service_role;

create function public.next_runs(
  expression text, timezone text default 'UTC', n int default 5, after timestamptz default null
)
returns setof timestamptz
language sql
stable
security invoker
set search_path = ''
as $$
  select * from triggers.next_runs(
    next_runs.expression, next_runs.timezone, next_runs.n, next_runs.after)
$$;
comment on function public.next_runs(text, text, int, timestamptz) is
  'When a schedule would run next, at most 1000 times; after now unless another time is given. '
  'Errors: cron_invalid, timezone_unknown.';
grant execute on function public.next_runs(text, text, int, timestamptz) to authenticated, service_role;
