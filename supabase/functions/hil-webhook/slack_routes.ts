// What people click in Slack.
import { z } from "@hono/zod-openapi";
import { type App, readBytes } from "shared/app.ts";
import { messageOf } from "shared/channels/message.ts";
import {
  escapeSlack,
  openSlackForm,
  readSlackAction,
  readSlackFormClick,
  type SlackAnswer,
} from "shared/channels/slack.ts";
import { formChannel, formErrors, formPlace, readSlackForm } from "shared/channels/slack_form.ts";
import { apiError } from "shared/errors.ts";
import { type Answer, keptHeaders, receiveAnswer, type Received } from "shared/inbound/answer.ts";
import { findIntegration, type Integration, requireVerdict, secretsOf } from "shared/inbound/delivery.ts";
import { isForm, objectAt, parseObject, textAt } from "shared/inbound/event.ts";
import { isObject, type JsonObject, storableJson } from "shared/json.ts";
import { background } from "shared/serve.ts";
import { verifySlack } from "shared/signatures/slack.ts";
import type { HilWebhookDependencies } from "./handler.ts";

export type TellSlack = (responseUrl: string, text: string) => Promise<void>;

// Slack shows an error to who clicked when it has no answer after 3 s.
const patienceMs = 2_500;

export function addSlackRoutes(app: App, dependencies: HilWebhookDependencies): void {
  const { database, tellSlack = tell, slackPatienceMs = patienceMs } = dependencies;

  app.route({
    method: "post",
    path: "/slack/:integration",
    uuids: ["integration"],
    summary: "A click in Slack",
    description:
      "The app's Interactivity Request URL; signed with its signing secret (X-Slack-Signature). Answers in " +
      "threads come with the events, at execute/hooks/slack.",
    responses: { 200: { description: "It was taken; of a modal what is wrong with it", schema: z.looseObject({}) } },
  }, async ({ c }) => {
    const { headers } = c.req.raw;
    const integration = await findIntegration(dependencies, c.req.param("integration")!, "slack");
    const bytes = await readBytes(c.req.raw);
    const now = Math.floor(Date.now() / 1000);
    await requireVerdict(dependencies, integration, (secrets) => verifySlack(secrets, headers, bytes, now));
    const payload = payloadOf(headers, bytes);
    if (!payload) return c.body(null, 200);
    const { external_id } = integration!;
    // An app may be installed in many teams with one signing secret.
    const teams = [payload.team, payload.user, payload.enterprise].filter(isObject)
      .flatMap((one) => [textAt(one, "id"), textAt(one, "team_id")]);
    if (external_id !== null && !teams.includes(external_id)) throw apiError("signature_invalid");

    const clicked = readSlackFormClick(payload);
    if (clicked) {
      const opened = showForm(payload, clicked, integration!);
      background(opened.then(async (problem) => {
        const responseUrl = textAt(payload, "response_url");
        if (problem && responseUrl) await tellSlack(responseUrl, problem);
      }));
      await inTime(opened);
      return c.body(null, 200);
    }
    const answer = readSlackAction(payload) ?? readSlackForm(payload);
    // a link was opened, a choice is not sent yet
    if (!answer) return c.body(null, 200);
    const isForm = payload.type === "view_submission";
    const taken = take(payload, answer, integration!, keptHeaders(headers));
    // of a modal the answer to the request is what its person sees
    if (isForm) {
      background(taken);
      return c.json(await inTime(taken.then((received) => formAnswer(received, payload))) ?? takesLong, 200);
    }
    const told = taken.then(async (received) => {
      const text = whatToTell(received);
      const responseUrl = textAt(payload, "response_url");
      if (text && responseUrl) await tellSlack(responseUrl, text);
    });
    background(told);
    await inTime(taken);
    return c.body(null, 200);
  });

  /** What the promise comes to, or undefined where Slack would not wait for it. */
  async function inTime<T>(promise: Promise<T>): Promise<T | undefined> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), slackPatienceMs);
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Opens the question's form for who clicked; answers what to tell where that cannot be. */
  async function showForm(
    payload: JsonObject,
    { interactionId, triggerId }: { interactionId: string; triggerId: string },
    integration: Integration,
  ): Promise<string | null> {
    const { user, channel } = slackOf(payload);
    const [row] = await database.sql`
      select hil.form_for(${integration.id}, ${interactionId}, ${storableJson({ slack: user, channel })}::text::jsonb)
        as answer`;
    const found = row!.answer;
    if (!found) return "There is no such question.";
    if (found.state === "forbidden") return "Somebody else was asked.";
    if (found.state !== "open") return "It is over: nothing can be answered any more.";
    const { title, text, data, schema } = messageOf({
      id: interactionId,
      workspace_id: integration.workspace_id,
      interaction_id: interactionId,
      kind: "request",
      channel: "slack",
      integration_id: integration.id,
      recipient: "",
      attempt: 1,
      content: found.interaction,
    }, null);
    try {
      const keys = await secretsOf(dependencies, integration, "api_key");
      const account = { keys, team: integration.external_id, config: integration.config };
      const [secret] = await secretsOf(dependencies, integration, "signing");
      const place = user && channel ? { place: await formPlace(secret!, interactionId, channel, user) } : {};
      const network = { allowedHosts: found.allowed_hosts, signal: AbortSignal.timeout(slackPatienceMs) };
      if (await openSlackForm(triggerId, { interactionId, title, text, data, schema, ...place }, account, network)) {
        return null;
      }
    } catch (error) {
      const log = dependencies.log ?? ((line) => console.error(JSON.stringify(line)));
      const { code = "unknown" } = error as { code?: string };
      log({ level: "warning", event: "slack_form_not_opened", integration_id: integration.id, code });
    }
    return "The form could not be opened: use the page that the message leads to.";
  }

  async function take(
    payload: JsonObject,
    { interaction_id, decision, data, comment }: SlackAnswer & { comment?: string },
    integration: Integration,
    headers: Record<string, string>,
  ): Promise<Received | null> {
    const slack = slackOf(payload);
    if (payload.type === "view_submission") {
      slack.channel = await formChannel(await secretsOf(dependencies, integration, "signing"), payload);
    }
    const answer: Answer = {
      provider: "slack",
      integrationId: integration.id,
      messageId: textAt(payload, "trigger_id") ?? textAt(objectAt(payload, "view"), "id") ?? crypto.randomUUID(),
      raw: withoutSecrets(payload),
      headers,
      hints: {
        action: { interaction_id, value: decision },
        slack,
        decision,
        ...(data !== undefined && { data }),
        ...(comment && { comment }),
      },
    };
    return await receiveAnswer(dependencies, answer);
  }
}

/** Where it was clicked, and by whom. */
function slackOf(payload: JsonObject) {
  const container = objectAt(payload, "container");
  const message = objectAt(payload, "message");
  return {
    team: textAt(objectAt(payload, "team"), "id") ?? textAt(objectAt(payload, "user"), "team_id"),
    channel: textAt(objectAt(payload, "channel"), "id") ?? textAt(container, "channel_id"),
    thread_ts: textAt(message, "thread_ts") ?? textAt(message, "ts") ?? textAt(container, "message_ts"),
    user: textAt(objectAt(payload, "user"), "id"),
  };
}

/** The JSON in the form's field; null of what is no interaction. */
function payloadOf(headers: Headers, bytes: Uint8Array<ArrayBuffer>): JsonObject | null {
  if (!isForm(headers)) throw apiError("unsupported_media_type", { hint: "Slack sends interactions as a form." });
  const text = new URLSearchParams(new TextDecoder().decode(bytes)).get("payload");
  return text === null ? null : parseObject(new TextEncoder().encode(text));
}

/** What becomes of the modal: it closes, it stays open with what is wrong, or it says why the answer changed nothing. */
function formAnswer(received: Received | null, payload: JsonObject): Record<string, unknown> {
  const errors = received?.result === "invalid" ? formErrors(received.problems ?? [], payload) : null;
  if (errors) return { response_action: "errors", errors };
  const text = whatToTell(received);
  return text ? notice("Not counted", text) : { response_action: "clear" };
}

const notice = (title: string, text: string) => ({
  response_action: "update",
  view: {
    type: "modal",
    title: { type: "plain_text", text: title },
    close: { type: "plain_text", text: "Close" },
    blocks: [{ type: "section", text: { type: "plain_text", text: text.slice(0, 3000) } }],
  },
});
const takesLong = notice("Sent", "This takes longer than usual. The message changes once your answer counts.");

/** Where an answer changed nothing its person is told; else the message itself changes for all. */
function whatToTell(received: Received | null): string | null {
  if (!received) return null;
  if (received.result === "decided" || received.result === "recorded" || received.result === "repeated") return null;
  return received.message ?? "This answer could not be taken.";
}

/** What lets somebody else speak in the conversation is not kept. */
function withoutSecrets({ token: _, response_url: __, response_urls: ___, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** To who clicked alone. Only Slack is told anything, whatever a payload says. */
async function tell(responseUrl: string, text: string): Promise<void> {
  const url = URL.parse(responseUrl);
  if (url?.protocol !== "https:" || !/^hooks\.slack(-gov)?\.com$/.test(url.hostname) || url.port !== "") return;
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ response_type: "ephemeral", replace_original: false, text: escapeSlack(text) }),
    redirect: "error",
    signal: AbortSignal.timeout(10_000),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`Slack answered ${response.status}`);
}
