-- A version 7 UUID: 48 bits of milliseconds, 12 bits of the millisecond's fraction, 62 random bits.
-- Ids made one after the other on one machine sort by time. Always the real clock: partitions are laid out
-- by these ids.
create function platform.uuid7()
returns uuid
language plpgsql
volatile
parallel safe
set search_path = ''
as $$
declare
  v_us bigint := extract(epoch from clock_timestamp()) * 1000000;
begin
  return encode(
    overlay(
      uuid_send(gen_random_uuid())
      placing int8send(((v_us / 1000) << 16) | 28672 | ((v_us % 1000) * 4096 / 1000)) from 1 for 8
    ), 'hex')::uuid;
end
$$;
comment on function platform.uuid7() is 'A time-ordered UUID (RFC 9562, version 7).';
grant execute on function platform.uuid7() to authenticated, service_role;

-- The smallest UUID of version 7 for a point in time: a partition bound.
create function platform.uuid7_floor(at timestamptz)
returns uuid
language sql
immutable
parallel safe
set search_path = ''
as $$
  select encode(
    int8send(((extract(epoch from at) * 1000)::bigint << 16) | 28672) || '\x8000000000000000'::bytea,
    'hex')::uuid
$$;
comment on function platform.uuid7_floor(timestamptz) is
  'The smallest version 7 UUID made at or after a time.';
grant execute on function platform.uuid7_floor(timestamptz) to authenticated, service_role;
