-- Tokens that verify one delivery only, whatever it says (Mailgun signs nothing else).
create table triggers.used_tokens (
  workspace_id uuid not null,
  integration_id uuid not null,
  token_hash bytea not null,
  used_at timestamptz not null,
  -- also the foreign key's index
  primary key (workspace_id, integration_id, token_hash),
  constraint a_token_belongs_to_its_integration foreign key (workspace_id, integration_id)
    references public.integrations (workspace_id, id) on delete cascade
);
comment on table triggers.used_tokens is 'Single-use tokens of deliveries, for longer than they are good.';
alter table triggers.used_tokens enable row level security;
-- no policy and no grant: receiving keeps it

create function triggers.use_token(integration public.integrations, token text)
returns boolean
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into triggers.used_tokens (workspace_id, integration_id, token_hash, used_at)
  values (integration.workspace_id, integration.id, sha256(convert_to(token, 'UTF8')), engine.now())
  on conflict do nothing;
  return found;
end
$$;
comment on function triggers.use_token(public.integrations, text) is 'False where the token was used before.';
