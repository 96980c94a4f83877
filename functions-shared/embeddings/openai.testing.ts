// A service that speaks OpenAI's embeddings API, as strict as it: what is not allowed is refused, and told to the test.
import assert from "node:assert/strict";
import { encode } from "gpt-tokenizer/encoding/cl100k_base";
import { testServer } from "../nodes/http_server.testing.ts";
import { localLexical } from "./local_lexical.ts";

export const embeddingsKey = "sk-test-embeddings-0123456789";

export interface FakeOpenAi extends AsyncDisposable {
  /** The base URL, without a trailing slash. */
  url: string;
  host: string;
  /** The texts of each request that was taken. */
  batches: string[][];
  /** Every request, refused ones too. */
  requests: number;
  /** How the next requests are answered instead: the first entry first. */
  next: Answer[];
  /** How every request is answered instead, where it is set. */
  always: Answer | null;
  /** Texts that contain it are refused, with this status; 0 is a vector of nulls. */
  poison: { word: string; status: number } | null;
  /** The model's only dimension, where it has but one; asking for any is refused. */
  onlyDimension: number | null;
  /** What the service found wrong with requests. */
  faults: string[];
}

type Body = { data: { index: number; embedding: unknown }[] } & Record<string, unknown>;
/** What is done to a proper answer, or what is answered in its place; it may never settle. */
export type Answer = (proper: Body) => Body | Response | Promise<Body | Response>;

export const mostTexts = 2048;
const mostTokensOfText = 8192;
const mostTokensOfRequest = 300_000;

export function fakeOpenAi(): FakeOpenAi {
  // ends what hangs
  const over = Promise.withResolvers<void>();
  const server = testServer(async (request, body) => {
    fake.requests++;
    const refused = check(request, body);
    if (refused) {
      fake.faults.push(refused.fault);
      return error(refused.status, refused.fault, refused.code);
    }
    const { input, model, dimensions = fake.onlyDimension ?? 1536 } = JSON.parse(body);
    const texts: string[] = Array.isArray(input) ? input : [input];
    const poisonous = texts.findIndex((text) => fake.poison && text.includes(fake.poison.word));
    if (poisonous >= 0 && fake.poison!.status > 0) return error(fake.poison!.status, "The input is refused", "refused");
    const proper: Body = {
      object: "list",
      model,
      data: texts.map((text, index) => ({
        object: "embedding",
        index,
        embedding: index === poisonous ? Array(dimensions).fill(null) : Array.from(vectorFor(text, dimensions)),
      })),
      usage: {
        prompt_tokens: texts.reduce((sum, text) => sum + tokensOf(text), 0),
        total_tokens: texts.reduce((sum, text) => sum + tokensOf(text), 0),
      },
    };
    const answer = fake.always ?? fake.next.shift();
    const answered = answer ? await Promise.race([answer(proper), over.promise.then(() => proper)]) : proper;
    if (answered instanceof Response) return answered;
    fake.batches.push(texts);
    return Response.json(answered);
  });

  const check = (request: Request, body: string): { status: number; fault: string; code: string } | null => {
    const bad = (fault: string, status = 400, code = "invalid_request_error") => ({ status, fault, code });
    if (new URL(request.url).pathname !== "/v1/embeddings") return bad("Unknown URL", 404, "unknown_url");
    if (request.method !== "POST") return bad("Method not allowed", 405);
    if (request.headers.get("authorization") !== `Bearer ${embeddingsKey}`) {
      return bad("Incorrect API key", 401, "invalid_api_key");
    }
    if (!request.headers.get("content-type")?.startsWith("application/json")) return bad("Not JSON");
    let parsed: Record<string, unknown>;
    try {
      parsed = JSON.parse(body);
    } catch {
      return bad("Could not parse the JSON body");
    }
    const unknown = Object.keys(parsed).find((key) =>
      !["model", "input", "dimensions", "encoding_format", "user"].includes(key)
    );
    if (unknown) return bad(`Unrecognized request argument: ${unknown}`);
    const { model, input, dimensions, encoding_format: format = "float" } = parsed;
    if (typeof model !== "string") return bad("You must provide a model");
    if (!/^text-embedding-3-|^own-/.test(model)) {
      return bad(`The model ${model} does not exist`, 404, "model_not_found");
    }
    if (format !== "float") return bad("Only floats here");
    if (dimensions !== undefined) {
      if (fake.onlyDimension) return bad("This model does not support specifying dimensions");
      if (!Number.isInteger(dimensions) || (dimensions as number) < 1 || (dimensions as number) > 1536) {
        return bad("Invalid value for dimensions");
      }
    }
    const texts = Array.isArray(input) ? input : [input];
    if (texts.length === 0 || texts.length > mostTexts) {
      return bad(`${texts.length} inputs: 1 to ${mostTexts} are allowed`);
    }
    if (texts.some((text) => typeof text !== "string" || text === "")) return bad("'$.input' is invalid");
    const tokens = texts.map(tokensOf);
    if (Math.max(...tokens) > mostTokensOfText) return bad(`An input has ${Math.max(...tokens)} tokens`);
    const sum = tokens.reduce((a, b) => a + b, 0);
    if (sum > mostTokensOfRequest) return bad(`Requested ${sum} tokens, max ${mostTokensOfRequest} tokens per request`);
    return null;
  };

  const fake: FakeOpenAi = {
    url: `${server.url}/v1`,
    host: new URL(server.url).host,
    batches: [],
    requests: 0,
    next: [],
    always: null,
    poison: null,
    onlyDimension: null,
    faults: [],
    [Symbol.asyncDispose]() {
      over.resolve();
      return server[Symbol.asyncDispose]();
    },
  };
  return fake;
}

/** What the service makes of a text: related to it, and of length 1. */
export const vectorFor = (text: string, dimensions: number) => localLexical(`model ${text}`, dimensions);

export const status = (code: number, headers: Record<string, string> = {}, type = "server_error"): Answer => () =>
  error(code, "Something is wrong", type, headers);

/** Does not answer. */
export const hang: Answer = () => new Promise(() => {});

function error(status: number, message: string, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error: { message, type: code, param: null, code } }, { status, headers });
}

// short texts have a token for about four characters; long ones are counted
function tokensOf(text: string): number {
  assert.equal(typeof text, "string");
  if (text.length < 2_000) return Math.ceil(text.length / 4);
  // the tokenizer's time grows with the square of a word's length
  const pieces = /\S{2000}/.test(text) ? text.match(/.{1,1000}/gsu)! : [text];
  return pieces.reduce((sum, piece) => sum + encode(piece, { disallowedSpecial: new Set<string>() }).length, 0);
}
