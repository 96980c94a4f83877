-- How many deliveries a hook may still take at once. A row is made by the first one.
create table triggers.buckets (
  -- a WEBHOOK's trigger, an integration, or a link of a question
  hook_id uuid primary key,
  level double precision not null,
  filled_at timestamptz not null
) with (fillfactor = 50);
comment on table triggers.buckets is
  'Leaky buckets of hooks: what keeps one sender from taking all the others'' time.';
alter table triggers.buckets enable row level security;
-- no policy and no grant: receiving keeps it

-- Takes one delivery from a hook's bucket, after whoever sends it was verified and in a statement of its own:
-- the row is hot, and starting takes long. Answers null, or the seconds after which there is room.
create function triggers.admit_delivery(
  hook_id uuid, burst float8 default null, rate_per_second float8 default null
)
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_burst double precision := coalesce(burst, platform.setting('hooks.burst', '1000')::double precision);
  v_rate double precision := coalesce(
    rate_per_second, platform.setting('hooks.rate_per_second', '50')::double precision);
  v_level double precision;
begin
  insert into triggers.buckets as b (hook_id, level, filled_at)
  values (admit_delivery.hook_id, v_burst - 1, v_now)
  on conflict (hook_id) do update
  set filled_at = v_now, level = least(v_burst,
    b.level + v_rate * greatest(0, extract(epoch from v_now - b.filled_at))) - 1
  where b.level + v_rate * greatest(0, extract(epoch from v_now - b.filled_at)) >= 1;
  if found then
    return null;
  end if;
  select b.level + v_rate * greatest(0, extract(epoch from v_now - b.filled_at)) into v_level
  from triggers.buckets b where b.hook_id = admit_delivery.hook_id;
  return greatest(1, ceil((1 - v_level) / v_rate));
end
$$;
comment on function triggers.admit_delivery(uuid, float8, float8) is
  'Count a delivery to a hook: null, or after how many seconds to try again.';

-- Several deliveries to one hook at once: how many of them, and after how many seconds to send the others
-- again.
create function triggers.admit_deliveries(hook_id uuid, wanted int)
returns int[]
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_burst double precision := platform.setting('hooks.burst', '1000')::double precision;
  v_rate double precision := platform.setting('hooks.rate_per_second', '50')::double precision;
  v_level double precision;
  v_admitted int;
begin
  insert into triggers.buckets as b (hook_id, level, filled_at)
  values (admit_deliveries.hook_id, v_burst, v_now)
  on conflict (hook_id) do update
  set filled_at = v_now, level = least(v_burst,
    b.level + v_rate * greatest(0, extract(epoch from v_now - b.filled_at)))
  returning level into v_level;
  v_admitted := least(admit_deliveries.wanted, floor(v_level)::int);
  update triggers.buckets b set level = b.level - v_admitted where b.hook_id = admit_deliveries.hook_id;
  return array[v_admitted, greatest(1, ceil((1 - (v_level - v_admitted)) / v_rate))::int];
end
$$;
comment on function triggers.admit_deliveries(uuid, int) is
  'Count deliveries to a hook: {how many are taken, after how many seconds to try the others again}.';

create function triggers.sweep()
returns void
language sql
volatile
security definer
set search_path = ''
as $$
  -- full again, and perhaps of hooks that are gone
  delete from triggers.buckets b where b.filled_at < engine.now() - interval '1 day';
  -- a token is good eight hours before and after its time
  delete from triggers.used_tokens u where u.used_at < engine.now() - interval '17 hours';
$$;
comment on function triggers.sweep() is 'Hourly upkeep of what receiving remembers.';
