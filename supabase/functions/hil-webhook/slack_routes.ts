// What people click in Slack.
import { z } from "@hono/zod-openapi";
import { type App, readBytes } from "shared/app.ts";
import { escapeSlack, readSlackAction, type SlackAnswer } from "shared/channels/slack.ts";
import { apiError } from "shared/errors.ts";
import { type Answer, keptHeaders, receiveAnswer, type Received } from "shared/inbound/answer.ts";
import { findIntegration, requireVerdict } from "shared/inbound/delivery.ts";
import { isForm, objectAt, parseObject, textAt } from "shared/inbound/event.ts";
import { isObject, type JsonObject } from "shared/json.ts";
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

    const answer = readSlackAction(payload) ?? readSlackForm(payload);
    // a link was opened, a choice is not sent yet
    if (!answer) return c.body(null, 200);
    const isForm = payload.type === "view_submission";
    const taken = take(payload, answer, integration!.id, keptHeaders(headers));
    // of a modal the answer to the request is what its person sees
    if (isForm) return c.json(formAnswer(await taken), 200);
    const told = taken.then(async (received) => {
      const text = whatToTell(received);
      const responseUrl = textAt(payload, "response_url");
      if (text && responseUrl) await tellSlack(responseUrl, text);
    });
    const late = AbortSignal.timeout(slackPatienceMs);
    background(told);
    await Promise.race([taken, new Promise((resolve) => late.addEventListener("abort", resolve, { once: true }))]);
    return c.body(null, 200);
  });

  async function take(
    payload: JsonObject,
    { interaction_id, decision, data, comment }: SlackAnswer & { comment?: string },
    integrationId: string,
    headers: Record<string, string>,
  ): Promise<Received | null> {
    const container = objectAt(payload, "container");
    const message = objectAt(payload, "message");
    const answer: Answer = {
      provider: "slack",
      integrationId,
      messageId: textAt(payload, "trigger_id") ?? textAt(objectAt(payload, "view"), "id") ?? crypto.randomUUID(),
      raw: withoutSecrets(payload),
      headers,
      hints: {
        action: { interaction_id, value: decision },
        slack: {
          team: textAt(objectAt(payload, "team"), "id") ?? textAt(objectAt(payload, "user"), "team_id"),
          channel: textAt(objectAt(payload, "channel"), "id") ?? textAt(container, "channel_id"),
          thread_ts: textAt(message, "thread_ts") ?? textAt(message, "ts") ?? textAt(container, "message_ts"),
          user: textAt(objectAt(payload, "user"), "id"),
        },
        decision,
        ...(data !== undefined && { data }),
        ...(comment && { comment }),
      },
    };
    return await receiveAnswer(database, answer);
  }
}

/** The JSON in the form's field; null of what is no interaction. */
function payloadOf(headers: Headers, bytes: Uint8Array<ArrayBuffer>): JsonObject | null {
  if (!isForm(headers)) throw apiError("unsupported_media_type", { hint: "Slack sends interactions as a form." });
  const text = new URLSearchParams(new TextDecoder().decode(bytes)).get("payload");
  return text === null ? null : parseObject(new TextEncoder().encode(text));
}

/**
 * A modal whose private_metadata is {"interaction_id", "decision"?}: its inputs' action ids are the fields' names. Null
 * of others.
 */
export function readSlackForm(payload: JsonObject): SlackAnswer & { comment?: string } | null {
  const view = objectAt(payload, "view");
  if (payload.type !== "view_submission" || !textAt(view, "callback_id")?.startsWith("hil:")) return null;
  let metadata: JsonObject;
  try {
    metadata = parseObject(new TextEncoder().encode(textAt(view, "private_metadata") ?? ""));
  } catch {
    return null;
  }
  const interaction_id = textAt(metadata, "interaction_id");
  if (!interaction_id) return null;
  const data: JsonObject = {};
  let comment: string | undefined;
  for (const block of Object.values(objectAt(objectAt(view, "state"), "values")).filter(isObject)) {
    for (const [name, input] of Object.entries(block)) {
      if (!isObject(input)) continue;
      const value = valueOf(input);
      if (name === "hil:comment") comment = typeof value === "string" ? value : undefined;
      else if (value !== undefined && name !== "__proto__") data[name] = value;
    }
  }
  const decision = (textAt(metadata, "decision") ?? "answer") as SlackAnswer["decision"];
  return { interaction_id, decision, data, ...(comment && { comment }) };
}

/** The value of an input of Block Kit, where one was given. */
function valueOf(input: JsonObject): unknown {
  const chosen = (option: unknown) => textAt(isObject(option) ? option : {}, "value");
  switch (input.type) {
    case "number_input":
      return input.value === null || input.value === undefined ? undefined : Number(input.value);
    case "datepicker":
      return input.selected_date ?? undefined;
    case "timepicker":
      return input.selected_time ?? undefined;
    case "static_select":
    case "radio_buttons":
      return chosen(input.selected_option) ?? undefined;
    case "multi_static_select":
    case "checkboxes":
      return Array.isArray(input.selected_options) ? input.selected_options.map(chosen) : [];
    default:
      return input.value ?? undefined;
  }
}

function formAnswer(received: Received | null): Record<string, unknown> {
  const text = whatToTell(received);
  if (!text) return { response_action: "clear" };
  const plain = { type: "plain_text", text: text.slice(0, 3000) };
  return {
    response_action: "update",
    view: {
      type: "modal",
      title: { type: "plain_text", text: "Not counted" },
      close: { type: "plain_text", text: "Close" },
      blocks: [{ type: "section", text: plain }],
    },
  };
}

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
