-- What keeps the tables of steps healthy beside autovacuum, whose settings stand at each table. In batches,
-- each in a transaction of its caller's: called until it answers 0.
create function search.maintain_steps()
returns int
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  if not pg_try_advisory_xact_lock(hashtext('tandem:steps')) then
    return 0;
  end if;
  return search.archive_steps() + search.sweep_workflow_texts();
end
$$;
comment on function search.maintain_steps() is
  'A batch of upkeep: archive steps, sweep workflows'' texts. Answers how many rows it moved; nightly.';
