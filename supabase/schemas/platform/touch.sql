create function platform.touch()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := engine.now();
  return new;
end
$$;
comment on function platform.touch() is 'Trigger: keeps updated_at true.';
