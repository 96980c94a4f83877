-- Whether a text is what a pattern says, in which * stands for anything.
create function triggers.matches_glob(pattern text, subject text)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select subject like replace(regexp_replace(pattern, '([\\%_])', '\\\1', 'g'), '*', '%')
$$;
comment on function triggers.matches_glob(text, text) is 'Does a text match a pattern with * for anything?';

-- Whether a trigger's filters let an event through. A filter is about events that have what it asks for: one
-- of actions lets pushes through, which have none; one of branches looks at events that have a branch.
create function triggers.accepts(trigger_subtype text, config jsonb, event jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select case trigger_subtype
    when 'GITHUB' then
      (not config ? 'events' or config -> 'events' ? (event ->> 'event'))
      and (not config ? 'actions' or not event ? 'action' or config -> 'actions' ? (event ->> 'action'))
      and (not config ? 'branches' or not event ? 'branch' or exists (
        select from jsonb_array_elements_text(config -> 'branches') b (pattern)
        where triggers.matches_glob(b.pattern, event ->> 'branch')))
    when 'SLACK' then
      (not config ? 'channels' or coalesce(config -> 'channels' ? (event ->> 'channel'), false))
      and (coalesce((config ->> 'include_bots')::boolean, false)
        or not coalesce((event ->> 'is_bot')::boolean, false))
    when 'EMAIL' then
      not config ? 'from' or exists (
        select from jsonb_array_elements_text(config -> 'from') f (sender)
        where lower(f.sender) = case
          when f.sender like '@%' then right(event ->> 'from', length(f.sender))
          else event ->> 'from'
        end)
    else false
  end
$$;
comment on function triggers.accepts(text, jsonb, jsonb) is 'Do a trigger''s filters let an event through?';
