-- How many tokens a workspace may still have embedded at once: of ad-hoc texts, of its rows. A row is made by
-- the first ones.
create table search.token_budgets (
  workspace_id uuid not null,
  kind text not null,
  level double precision not null,
  filled_at timestamptz not null,
  constraint token_budgets_pkey primary key (workspace_id, kind),
  constraint a_budget_is_of_texts_or_rows check (kind in ('texts', 'rows'))
) with (fillfactor = 50);
comment on table search.token_budgets is 'Tokens that workspaces may still have embedded.';
alter table search.token_budgets enable row level security;
-- no policy and no grant: spend_tokens() and claims keep it

-- Takes tokens from a workspace's budget, or refuses. The budget of a minute (setting
-- embeddings.tokens_per_minute) fills evenly; a request over the whole budget is let through when it is full,
-- and paid off afterwards.
create function search.spend_tokens(workspace_id uuid, tokens int)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
declare
  v_now timestamptz := engine.now();
  v_budget double precision := platform.setting('embeddings.tokens_per_minute', '100000')::double precision;
  v_tokens double precision := greatest(spend_tokens.tokens, 0);
  v_level double precision;
  v_seconds int;
begin
  perform workspaces.require(spend_tokens.workspace_id, 'viewer');
  insert into search.token_budgets as b (workspace_id, kind, level, filled_at)
  values (spend_tokens.workspace_id, 'texts', v_budget - v_tokens, v_now)
  on conflict on constraint token_budgets_pkey do update
  set filled_at = greatest(b.filled_at, v_now), level = search.refilled(b, v_budget, v_now) - v_tokens
  where search.refilled(b, v_budget, v_now) >= least(v_tokens, v_budget);
  if found then
    return;
  end if;
  select search.refilled(b, v_budget, v_now) into v_level
  from search.token_budgets b where b.workspace_id = spend_tokens.workspace_id and b.kind = 'texts';
  v_seconds := greatest(1, ceil((least(v_tokens, v_budget) - v_level) / v_budget * 60));
  perform platform.fail(429, 'embedding_budget_exceeded',
    format('The workspace may have %s tokens of texts embedded a minute', v_budget),
    jsonb_build_object('retry_after_seconds', v_seconds,
      'hint', format('Try again in %s seconds, or raise the setting embeddings.tokens_per_minute.',
        v_seconds))::text);
end
$$;
comment on function search.spend_tokens(uuid, int) is
  'Count tokens of ad-hoc texts. Errors: embedding_budget_exceeded, workspace_not_found.';
grant execute on function search.spend_tokens(uuid, int) to authenticated, service_role;

-- How many tokens of its rows' texts a workspace may have embedded in a minute; null without a limit.
create function search.row_budget()
returns double precision
language sql
stable
security definer
set search_path = ''
as $$
  select (platform.setting('embeddings.row_tokens_per_minute') #>> '{}')::double precision
$$;
comment on function search.row_budget() is 'The budget of a minute for the texts of a workspace''s rows.';

-- Which workspaces have spent it; all of them where it is nothing.
create function search.held_workspaces()
returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
  select w.id
  from (select search.row_budget() as most, engine.now() as at offset 0) r
  cross join public.workspaces w
  left join search.token_budgets b on b.workspace_id = w.id and b.kind = 'rows'
  where search.refilled(b, r.most, r.at) <= 0
$$;
comment on function search.held_workspaces() is 'Workspaces whose rows wait until their budget fills.';

-- Counts what has just been leased, four characters a token. The last text may go beyond the budget: it is
-- paid off before the next.
create function search.charge_rows(jobs search.embedding_jobs[], most_characters int, at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  v_budget double precision := search.row_budget();
begin
  if v_budget is null then
    return;
  end if;
  insert into search.token_budgets as b (workspace_id, kind, level, filled_at)
  select j.workspace_id, 'rows', v_budget - sum(least(j.size, most_characters)) / 4.0, charge_rows.at
  from unnest(jobs) j group by j.workspace_id order by j.workspace_id
  on conflict on constraint token_budgets_pkey do update
  -- who has waited for the other one comes with an earlier time
  set filled_at = greatest(b.filled_at, charge_rows.at),
    level = search.refilled(b, v_budget, charge_rows.at) - (v_budget - excluded.level);
end
$$;
comment on function search.charge_rows(search.embedding_jobs[], int, timestamptz) is
  'Count tokens of rows'' texts that are being embedded.';

create function search.refilled(budget search.token_budgets, most float8, at timestamptz)
returns float8
language sql
immutable
set search_path = ''
as $$
  select least(refilled.most,
    budget.level + refilled.most / 60 * greatest(0, extract(epoch from refilled.at - budget.filled_at)))
$$;
comment on function search.refilled(search.token_budgets, float8, timestamptz) is
  'A budget''s level at a time.';

create function search.sweep_budgets()
returns void
language sql
volatile
security definer
set search_path = ''
as $$
  -- full again, and perhaps of workspaces that are gone
  delete from search.token_budgets b where b.filled_at < engine.now() - interval '1 day'
$$;
comment on function search.sweep_budgets() is 'Hourly upkeep of budgets.';
