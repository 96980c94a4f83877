-- One row: when the bell last rang.
create table engine.doorbell (
  only_row boolean primary key default true,
  rung_at timestamptz not null,
  constraint one_row check (only_row)
);
comment on table engine.doorbell is 'When workers were last called.';
alter table engine.doorbell enable row level security;
-- no policy and no grant: the engine's

-- Tokens that can do nothing but wake a worker. pg_net's queue is readable, so they live a minute.
create table engine.doorbell_tokens (
  token_hash bytea primary key,
  expires_at timestamptz not null
);
comment on table engine.doorbell_tokens is 'Short-lived tokens that let pg_net wake workers.';
alter table engine.doorbell_tokens enable row level security;
-- no policy and no grant: the engine's

-- Rings when there is more ready work than live workers have room for. Nothing depends on its being heard:
-- the next tick rings again. Settings: doorbell.listener (true: pg_notify), doorbell.url (POST by pg_net).
create function engine.ring()
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_ready int;
  v_room int;
  v_url text := platform.setting('doorbell.url') #>> '{}';
begin
  select count(*) into v_ready from (select from engine.tasks t where t.lease_token is null limit 500) r;
  -- and messages of interactions, which workers send
  select v_ready + count(*) into v_ready from (
    select from hil.messages m where m.status = 'pending' and m.due_at <= engine.now() limit 100) m;
  if v_ready = 0 then
    return false;
  end if;
  -- a worker that polls takes ready work within a quarter of a second
  select coalesce(sum(w.capacity), 0) into v_room from engine.workers w
  where w.seen_at > (select engine.now()) - interval '2 seconds';
  if v_room >= v_ready then
    return false;
  end if;
  if platform.setting('doorbell.listener') = 'true' then
    perform pg_notify('tandem_doorbell', v_ready::text);
  end if;
  if v_url is not null then
    insert into engine.doorbell as d (rung_at) values (engine.now())
    on conflict on constraint doorbell_pkey do update set rung_at = excluded.rung_at
    where d.rung_at < excluded.rung_at - interval '1 second';
    if found then
      -- one request for each ten tasks without a worker, five at most: a request is a worker
      perform engine.call_workers(v_url, least(5, (v_ready - v_room + 9) / 10));
    end if;
  end if;
  return true;
end
$$;
comment on function engine.ring() is 'Call workers when ready work exceeds live capacity; true if it did.';

-- Posts to workers by pg_net, where there is a URL and pg_net.
create function engine.call_workers(url text, requests int)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_post regproc := to_regprocedure('net.http_post(text,jsonb,jsonb,jsonb,integer)');
  v_token text;
begin
  if url is null or v_post is null then
    return;
  end if;
  v_token := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  insert into engine.doorbell_tokens (token_hash, expires_at)
  values (sha256(v_token::bytea), engine.now() + interval '1 minute');
  for i in 1 .. call_workers.requests loop
    execute format(
      'select %s(url := $1, body := $2, params := $3, headers := $4, timeout_milliseconds := 5000)', v_post)
    using call_workers.url, jsonb '{}', jsonb '{}', jsonb_build_object(
      'content-type', 'application/json', 'authorization', 'Bearer ' || v_token);
  end loop;
end
$$;
comment on function engine.call_workers(text, int) is 'Wake workers at an address by pg_net.';

create function engine.verify_doorbell(token text)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (
    select from engine.doorbell_tokens t
    where t.token_hash = sha256(convert_to(verify_doorbell.token, 'UTF8'))
      and t.expires_at > (select engine.now()))
$$;
comment on function engine.verify_doorbell(text) is 'Is this a doorbell token that still lives?';
