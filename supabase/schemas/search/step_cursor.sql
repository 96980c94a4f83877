create function search.step_search_hash(asked search.step_search)
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  asked."cursor" := null;
  asked.answered := null;
  asked.with_highlights := null;
  asked.with_explanation := null;
  return md5(asked::text);
end
$$;
comment on function search.step_search_hash(search.step_search) is
  'What makes a search the same search, whatever page of it is asked for.';

-- Where a page of a search ends, opaque to clients: which search it was, as of when its rankings are, and the
-- last row's place in the order.
create function search.step_cursor(hash text, at timestamptz, key numeric, tie numeric, id uuid)
returns text
language sql
stable
set search_path = ''
as $$
  select translate(encode(convert_to(jsonb_build_object(
    'q', step_cursor.hash, 't', step_cursor.at, 'k', step_cursor.key, 'l', step_cursor.tie,
    'i', step_cursor.id)::text, 'UTF8'), 'base64'), E'\n', '')
$$;
comment on function search.step_cursor(text, timestamptz, numeric, numeric, uuid) is
  'The cursor behind a row of a search.';

create function search.read_step_cursor("cursor" text, hash text)
returns table (at timestamptz, key numeric, tie numeric, id uuid)
language plpgsql
stable
set search_path = ''
as $$
declare
  v_after jsonb;
begin
  if read_step_cursor."cursor" is null then
    return;
  end if;
  begin
    v_after := convert_from(decode(read_step_cursor."cursor", 'base64'), 'UTF8')::jsonb;
    at := (v_after ->> 't')::timestamptz;
    key := (v_after ->> 'k')::numeric;
    tie := (v_after ->> 'l')::numeric;
    id := (v_after ->> 'i')::uuid;
  exception when others then
    v_after := null; -- no cursor of ours
  end;
  if v_after ->> 'q' is distinct from read_step_cursor.hash
     or at is null or key is null or tie is null or id is null then
    perform platform.fail(422, 'cursor_invalid', 'The cursor is not one of this search',
      'Take the cursor of a row of the same search.');
  end if;
  return next;
end
$$;
comment on function search.read_step_cursor(text, text) is
  'Where a search goes on; no row where it begins. Errors: cursor_invalid.';
