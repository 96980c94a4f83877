-- Raises an error that reaches every client the same way: PostgREST and the functions turn errcode PTxyz into
-- HTTP status xyz, `detail` is the stable code, `hint` says what to do.
create function platform.fail(status int, code text, message text, hint text default null)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  raise exception '%', fail.message
    using errcode = 'PT' || fail.status, detail = fail.code, hint = coalesce(fail.hint, '');
end
$$;
comment on function platform.fail(int, text, text, text) is
  'Raise an error with an HTTP status and a stable code.';
grant execute on function platform.fail(int, text, text, text) to authenticated, service_role;
