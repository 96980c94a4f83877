-- Where a page of a list ends, opaque to clients: the last row's key in the list's order, and its id.
create function workflows.cursor_of(order_by text, order_direction text, key text, id uuid)
returns text
language sql
immutable
set search_path = ''
as $$
  select translate(encode(convert_to(
    jsonb_build_object('o', order_by, 'd', order_direction, 'k', key, 'i', id)::text, 'UTF8'), 'base64'),
    E'\n', '')
$$;
comment on function workflows.cursor_of(text, text, text, uuid) is 'The cursor behind a row of a list.';

create function workflows.read_cursor("cursor" text, order_by text, order_direction text)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_after jsonb;
begin
  if "cursor" is null then
    return null;
  end if;
  begin
    v_after := convert_from(decode("cursor", 'base64'), 'UTF8')::jsonb;
    if v_after ->> 'o' = order_by and v_after ->> 'd' = order_direction
       and (v_after ->> 'i')::uuid is not null then
      return v_after;
    end if;
  exception when others then
    null; -- no cursor of ours
  end;
  perform platform.fail(422, 'cursor_invalid',
    'The cursor is not one of this list', 'Take next_cursor of an answer with the same order.');
end
$$;
comment on function workflows.read_cursor(text, text, text) is
  'What a cursor says of where to go on: {k: key, i: id}; null without one. Errors: cursor_invalid.';
