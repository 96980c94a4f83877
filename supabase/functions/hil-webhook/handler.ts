// What people answer: on the page of a link, in Slack, by e-mail, by webhook. Whoever sends it is proved first, SQL
// stores it, finds the question and decides.
import { type AppDependencies, createApp } from "shared/app.ts";
import type { ClassifierEndpoint } from "shared/classifier.ts";
import type { Database } from "shared/db.ts";
import type { KeyRing } from "shared/fernet.ts";
import { addEmailRoutes } from "./email_routes.ts";
import { addRespondRoutes } from "./respond_routes.ts";
import { addSlackRoutes, type TellSlack } from "./slack_routes.ts";
import { addWebhookRoutes } from "./webhook_routes.ts";

export interface HilWebhookDependencies extends AppDependencies {
  database: Pick<Database, "sql" | "ping">;
  /** Of integrations' secrets; without it nothing that they send can be verified. */
  keys?: KeyRing;
  /** What classifies free text beside the rules, if anything. */
  classifier?: ClassifierEndpoint | null;
  /** Where respond.html is served, if anywhere: links lead there. */
  pageUrl?: string | null;
  /** Where the content of Resend's e-mails is fetched; theirs unless a test says another. */
  resendUrl?: string;
  /** Tells somebody in Slack what became of a click; a test looks at what is told. */
  tellSlack?: TellSlack;
  /** How long Slack is kept waiting for what a click comes to. */
  slackPatienceMs?: number;
}

export function createHilWebhookApp(dependencies: HilWebhookDependencies) {
  const app = createApp("hil-webhook", "Receive people's answers.", dependencies);
  addRespondRoutes(app, dependencies);
  addSlackRoutes(app, dependencies);
  addEmailRoutes(app, dependencies);
  addWebhookRoutes(app, dependencies);
  return app.build();
}
