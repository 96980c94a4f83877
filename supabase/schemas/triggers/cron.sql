-- A schedule as bits, bit n for the value n: parsed once, when it is deployed.
create type triggers.cron as (
  minutes bigint,
  hours bigint,
  days bigint,
  months bigint,
  -- 0 is Sunday
  weekdays bigint,
  -- both day fields say something, and one of them is enough
  either_day boolean,
  -- neither minute nor hour has a wildcard or a step: it means times of the day, not an interval
  is_fixed boolean
);
comment on type triggers.cron is 'A cron expression as bits.';

-- One field: a list of *, a, a-b, each with or without /step; a/step goes on to the field's end.
create function triggers.read_cron_field(
  field text, what text, low int, high int, names text[], out bits bigint, out problem text
)
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_part text;
  v_match text[];
  v_from int;
  v_to int;
  v_step int;
  -- Sunday is 0 and 7
  v_top int := case when what = 'day of week' then 7 else high end;
begin
  bits := 0;
  foreach v_part in array string_to_array(field, ',') loop
    v_match := regexp_match(v_part, '^(\*|\d{1,4}|[A-Z]+)(?:-(\d{1,4}|[A-Z]+))?(?:/(\d{1,4}))?$');
    problem := format(case
      when v_part = '' then '%s: a value is missing'
      when v_part ~ '#|(^|\d|-)(L|W|LW)$' then '%s: "%s" is not supported, as L, W and # are not'
      when v_match is null or v_match[1] = '*' and v_match[2] is not null
        then '%s: "%s" is not a value, a range, a step or *'
    end, what, v_part);
    if problem is not null then
      return;
    end if;
    v_from := case
      when v_match[1] = '*' then low
      when v_match[1] ~ '^\d' then v_match[1]::int
      else array_position(names, v_match[1]) - 1 + low
    end;
    v_to := case
      when v_match[2] is null and (v_match[1] = '*' or v_match[3] is not null) then high
      when v_match[2] is null then v_from
      when v_match[2] ~ '^\d' then v_match[2]::int
      when v_top > high and v_match[2] = names[1] then v_top
      else array_position(names, v_match[2]) - 1 + low
    end;
    if v_from > high and v_from = v_top and v_match[2] is null then
      v_from := low;
      v_to := case when v_match[3] is null then low else high end;
    end if;
    v_step := coalesce(v_match[3]::int, 1);
    problem := case
      when v_from is null or v_to is null then format('%s: "%s" has an unknown name', what, v_part)
      when v_from not between low and v_top or v_to not between low and v_top then
        format('%s: "%s" is not between %s and %s', what, v_part, low, v_top)
      when v_from > v_to then format('%s: the range "%s" goes backwards', what, v_part)
      when v_step not between 1 and high - low + 1 then
        format('%s: the step of "%s" is not between 1 and %s', what, v_part, high - low + 1)
    end;
    if problem is not null then
      return;
    end if;
    for i in v_from .. v_to by v_step loop
      bits := bits | (1::bigint << case when i > high then low else i end);
    end loop;
  end loop;
end
$$;
comment on function triggers.read_cron_field(text, text, int, int, text[]) is
  'A field of a cron expression as bits, or what is wrong with it.';

-- One of the two is null.
create type triggers.reading as (
  cron triggers.cron,
  problem text
);

create function triggers.read_cron(expression text)
returns triggers.reading
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_text text := coalesce(upper(btrim(expression, E' \t\r\n')), '');
  v_fields text[];
  v_masks bigint[];
  v_read record;
  v_reading triggers.reading;
begin
  v_text := case v_text
    when '@YEARLY' then '0 0 1 1 *'
    when '@ANNUALLY' then '0 0 1 1 *'
    when '@MONTHLY' then '0 0 1 * *'
    when '@WEEKLY' then '0 0 * * 0'
    when '@DAILY' then '0 0 * * *'
    when '@MIDNIGHT' then '0 0 * * *'
    when '@HOURLY' then '0 * * * *'
    else v_text
  end;
  if v_text like '@%' then
    v_reading.problem := split_part(lower(v_text), ' ', 1)
      || ' is not one of @yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly';
    return v_reading;
  end if;
  v_fields := regexp_split_to_array(v_text, '\s+');
  if cardinality(v_fields) <> 5 or v_text = '' then
    v_reading.problem := 'A cron expression has five fields: minute, hour, day of month, month, day of week'
      || case cardinality(v_fields) when 6 then '; there are no seconds' else '' end;
    return v_reading;
  end if;
  for v_read in
    select f.place, r.bits, r.problem
    from (values
      (1, 'minute', 0, 59, null),
      (2, 'hour', 0, 23, null),
      (3, 'day of month', 1, 31, null),
      (4, 'month', 1, 12,
        '{JAN,FEB,MAR,APR,MAY,JUN,JUL,AUG,SEP,OCT,NOV,DEC}'::text[]),
      (5, 'day of week', 0, 6, '{SUN,MON,TUE,WED,THU,FRI,SAT}'::text[])
    ) f (place, what, low, high, names)
    cross join lateral triggers.read_cron_field(
      -- of the day fields, ? says "any"
      case when f.place in (3, 5) and v_fields[f.place] = '?' then '*' else v_fields[f.place] end,
      f.what, f.low, f.high, f.names) r
    order by f.place
  loop
    if v_read.problem is not null then
      v_reading.problem := v_read.problem;
      return v_reading;
    end if;
    v_masks[v_read.place] := v_read.bits;
  end loop;
  v_reading.cron := row(
    v_masks[1], v_masks[2], v_masks[3], v_masks[4], v_masks[5],
    -- as in Vixie's cron: a field that starts with a star leaves the choice to the other one
    left(v_fields[3], 1) not in ('*', '?') and left(v_fields[5], 1) not in ('*', '?'),
    (v_fields[1] || v_fields[2]) !~ '[*/]')::triggers.cron;
  if not (v_reading.cron).either_day and not exists (
    select from unnest('{31,29,31,30,31,30,31,31,30,31,30,31}'::int[]) with ordinality l (length, month)
    where ((v_reading.cron).months >> l.month::int) & 1 = 1
      and (v_reading.cron).days & ((2::bigint << l.length) - 1) <> 0
  ) then
    v_reading.cron := null;
    v_reading.problem := 'No month that is named has such a day: it would never run';
  end if;
  return v_reading;
end
$$;
comment on function triggers.read_cron(text) is 'A cron expression as bits, or what is wrong with it.';

-- Names as Europe/Berlin. Postgres takes more than those: CET would be an hour without a summer, XYZ5 five
-- hours to the west.
create function triggers.timezone_problem(timezone text)
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  if coalesce(timezone, '') !~ ('^(UTC|GMT|Etc/GMT(\+(\d|1[0-2])|-(\d|1[0-4]))|'
       '[A-Z][A-Za-z_-]*(/[A-Z][A-Za-z_-]*){1,2})$') then
    return format('"%s" is not an IANA time zone, as Europe/Berlin or UTC', left(timezone, 100));
  end if;
  perform timestamp '2000-01-01' at time zone timezone;
  return null;
exception when invalid_parameter_value then
  return format('There is no time zone "%s"', left(timezone, 100));
end
$$;
comment on function triggers.timezone_problem(text) is 'What is wrong with a time zone''s name, or null.';

create function triggers.cron_problem(expression text, timezone text)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(r.problem, triggers.timezone_problem(cron_problem.timezone))
  from triggers.read_cron(cron_problem.expression) r
$$;
comment on function triggers.cron_problem(text, text) is
  'What is wrong with a cron expression or its time zone, or null.';
grant execute on function triggers.cron_problem(text, text) to authenticated, service_role;
