-- How many rows a page has: what was asked for, as far as a page goes.
create function platform.page_size(asked int)
returns int
language sql
immutable
set search_path = ''
as $$
  select least(greatest(coalesce(asked, 50), 1), 200)
$$;
comment on function platform.page_size(int) is 'The rows of a page: 50 unless asked otherwise, 1 to 200.';
grant execute on function platform.page_size(int) to authenticated, service_role;
