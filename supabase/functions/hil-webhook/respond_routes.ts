// The link of a question. Looking at it changes nothing, however often; a POST decides, once.
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { type App, readBytes } from "shared/app.ts";
import type { Bytes } from "shared/encoding.ts";
import { type ApiError, apiError, errorBody, type Problem, toApiError } from "shared/errors.ts";
import { repeated } from "shared/inbound/delivery.ts";
import { isForm } from "shared/inbound/event.ts";
import { parseJson, storableJson } from "shared/json.ts";
import { problemsOf } from "shared/validation.ts";
import type { HilWebhookDependencies } from "./handler.ts";
import { pageHeaders, pageHtml, prefersHtml, privateHeaders } from "./page.ts";
import {
  type Answer,
  decidedHtml,
  noticeHtml,
  outcomeHtml,
  type Question,
  questionHtml,
  readAnswer,
} from "./question.ts";
import { decisions } from "./webhook_routes.ts";

const QuestionSchema = z.looseObject({
  interaction_id: z.uuid(),
  type: z.enum(["approval", "input", "selection", "review"]),
  state: z.enum(["open", "used", "decided", "expired", "reassigned"])
    .openapi({ description: "used: this link's answer counted, and others have to agree" }),
  title: z.string(),
  message: z.string().optional(),
  data: z.unknown().optional(),
  schema: z.unknown().optional().openapi({ description: "INPUT: JSON Schema of what is asked for" }),
  options: z.array(z.looseObject({ value: z.unknown(), label: z.string().optional() })).optional(),
  multiple: z.boolean().optional(),
  allow: z.array(z.string()).optional(),
  timeout_at: z.string(),
  outcome: z.string().nullish(),
  responded_by: z.unknown().optional(),
  responded_by_name: z.string().nullish(),
  responded_at: z.string().nullish(),
  comment: z.string().nullish(),
  result: z.unknown().optional().openapi({ description: "The data that flow on, once somebody decided" }),
}).openapi("Question");

const Decision = z.strictObject({
  decision: z.enum(decisions),
  data: z.unknown().optional(),
  comment: z.string().max(10_000).nullish(),
}).openapi("Decision");

const Decided = z.looseObject({
  status: z.string(),
  outcome: z.string().nullish().openapi({ description: "Null while others have to agree" }),
  responded_by: z.unknown().optional(),
  responded_at: z.string().nullish(),
}).openapi("Decided");

const description = "The token in the path is the proof: 256 random bits, of one person and one question, good once. ";

export function addRespondRoutes(app: App, dependencies: HilWebhookDependencies): void {
  const { database, url, pageUrl = null } = dependencies;
  // Hosted functions' own domain makes text of HTML.
  const servesHtml = !/\.supabase\.(co|in|red|net)$/i.test(URL.parse(url)?.hostname ?? "");

  app.route({
    method: "get",
    path: "/respond/:token",
    summary: "Show a question",
    description: `${description}As JSON, or for browsers as a page; where RESPOND_PAGE_URL is set they are led to it.`,
    responses: {
      200: { description: "The question, or what became of it", schema: QuestionSchema },
      303: { description: "To the page, with the token behind #" },
      410: { description: "Its time is over" },
    },
  }, (input) =>
    answered(input.c, input.requestId, async (token, html) => {
      if (html && pageUrl) return new Response(null, { status: 303, headers: { location: pageOf(pageUrl, token) } });
      const question = await shown(token);
      const status = question.state === "expired" ? 410 : 200;
      if (!html) return Response.json(question, { status });
      return await page(question.title, questionHtml(question), status);
    }));

  app.route({
    method: "post",
    path: "/respond/:token",
    summary: "Decide",
    description:
      `${description}Body: {decision, data?, comment?} as JSON, or the page's form. The same decision again ` +
      "is answered the same; after another's it is 409 with details of who decided and when.",
    responses: {
      200: { description: "It counted", schema: Decided },
      409: { description: "Somebody decided otherwise, or before" },
      410: { description: "Its time is over" },
    },
  }, (input) =>
    answered(input.c, input.requestId, async (token, html) => {
      const { headers } = input.c.req.raw;
      const bytes = await readBytes(input.c.req.raw);
      if (!isForm(headers)) {
        const decided = await decide(token, readJson(headers, bytes));
        return html ? await page("Answered", decidedHtml(decided, null)) : Response.json(decided);
      }
      const question = await shown(token);
      const entries = [...new URLSearchParams(new TextDecoder().decode(bytes))];
      const { answer, problems } = readAnswer(question, entries);
      // of what is over, SQL tells how it ended
      if (question.state === "open" && problems.length > 0) return await again(question, problems, entries, html);
      try {
        const decided = await decide(token, answer);
        return html ? await page(question.title, decidedHtml(decided, question)) : Response.json(decided);
      } catch (thrown) {
        const error = toApiError(thrown);
        const found = error.details?.problems;
        if (!html || error.code !== "response_invalid" || !Array.isArray(found)) throw thrown;
        return await again(question, found as Problem[], entries, html);
      }
    }));

  async function again(question: Question, problems: Problem[], entries: [string, string][], html: boolean) {
    if (!html) throw apiError("request_invalid", { details: { problems } });
    return await page(`Please check: ${question.title}`, questionHtml(question, { problems, entries }), 422);
  }

  async function shown(token: string): Promise<Question> {
    await admit(token);
    const [row] = await database.sql`select hil.show(${token}) as answer`;
    const question = questionOf(row!.answer);
    if (!question) throw apiError("link_not_found");
    return question;
  }

  async function decide(token: string, { decision, data, comment }: Answer) {
    await admit(token);
    const [row] = await repeated(() =>
      database.sql`
        select hil.answer_link(
          ${token}, ${decision}, ${data === undefined ? null : storableJson(data)}::text::jsonb,
          ${comment ?? null}) as answer`
    );
    if (!row!.answer) throw apiError("link_not_found");
    return row!.answer as z.infer<typeof Decided>;
  }

  async function admit(token: string): Promise<void> {
    const [row] = await database.sql`select hil.admit(${token}) as answer`;
    if (row!.answer !== null) throw apiError("rate_limited", { headers: { "retry-after": String(row!.answer) } });
  }

  function readJson(headers: Headers, bytes: Bytes): Answer {
    if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(headers.get("content-type")?.trim() ?? "")) {
      throw apiError("unsupported_media_type", { hint: "Send JSON, or a form as application/x-www-form-urlencoded." });
    }
    const raw = parseJson(bytes);
    const body = Decision.safeParse(raw);
    if (!body.success) throw apiError("request_invalid", { details: { problems: problemsOf(body.error, "$", raw) } });
    const { comment, ...rest } = body.data;
    return { ...rest, ...(comment && { comment }) };
  }

  /** Whatever is answered is nobody's to keep; people get a page, also of what went wrong. */
  async function answered(
    c: Context,
    requestId: string,
    answer: (token: string, html: boolean) => Promise<Response>,
  ): Promise<Response> {
    const html = prefersHtml(c.req.header("accept") ?? null) && (servesHtml || pageUrl !== null);
    let response: Response;
    try {
      // longer ones are none of ours, and cost as much to look up
      response = await answer(c.req.param("token")!.slice(0, 200).replaceAll("\0", ""), html);
    } catch (thrown) {
      const error = toApiError(thrown);
      // the app logs those
      if (error.status >= 500) throw Object.assign(error, { headers: { ...error.headers, ...privateHeaders } });
      response = html && servesHtml
        ? await page(error.message, await errorHtml(c.req.param("token")!, error), error.status)
        : Response.json(errorBody(error, requestId), { status: error.status });
      for (const [name, value] of Object.entries(error.headers)) response.headers.set(name, value);
    }
    for (const [name, value] of Object.entries(privateHeaders)) response.headers.set(name, value);
    return response;
  }

  async function errorHtml(token: string, error: ApiError): Promise<string> {
    if (error.code === "interaction_decided" || error.code === "interaction_expired") {
      const [row] = await database.sql`select hil.show(${token}) as answer`;
      const question = questionOf(row!.answer);
      if (question) return outcomeHtml({ ...question, ...error.details });
    }
    return noticeHtml(error.message, error.hint ?? "");
  }
}

/** One object of hil.show's; whom the link was sent to need not be told to who has it. */
function questionOf(answer: Record<string, unknown> | null): Question | null {
  if (!answer) return null;
  const { interaction, assignee: _, ...rest } = answer;
  return { ...interaction as Question, ...rest };
}

async function page(title: string, main: string, status = 200): Promise<Response> {
  return new Response(pageHtml(title, main), { status, headers: await pageHeaders() });
}

/** Behind #, which browsers send to nobody. */
function pageOf(pageUrl: string, token: string): string {
  const page = new URL(pageUrl);
  page.hash = token;
  return page.href;
}
