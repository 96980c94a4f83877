// Where other systems deliver to.

/** Where a provider delivers what an integration lets through; null of webhook, whose triggers have their own. */
export function hookUrl(projectUrl: string, { id, provider }: Record<string, unknown>): string | null {
  const hooks = `${projectUrl}/functions/v1/execute/hooks`;
  if (provider === "webhook") return null;
  if (provider === "github" || provider === "slack") return `${hooks}/${provider}/${id}`;
  return `${hooks}/email/${provider}/${id}`;
}

export function webhookUrl(projectUrl: string, triggerId: string, path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "").map(encodeURIComponent);
  return [`${projectUrl}/functions/v1/execute/hooks/webhook/${triggerId}`, ...segments].join("/")
    // a path pattern such as orders/:id stays readable
    .replaceAll("%3A", ":");
}

interface Trigger {
  id: string;
  subtype: string;
  path?: string | null;
  integration_id?: string | null;
  provider?: unknown;
}

/** Of a WEBHOOK its own, of GITHUB, SLACK and EMAIL their integration's; null of what nothing is delivered to. */
export function triggerUrl(projectUrl: string, trigger: Trigger): string | null {
  if (trigger.subtype === "WEBHOOK") return webhookUrl(projectUrl, trigger.id, trigger.path ?? "");
  return trigger.provider ? hookUrl(projectUrl, { id: trigger.integration_id, provider: trigger.provider }) : null;
}
