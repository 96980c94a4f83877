import assert from "node:assert/strict";
import { ApiError, apiError, catalogue, errorBody, isConflict, isConnectionLoss, toApiError } from "./errors.ts";

const sql = (code: string, more: Record<string, unknown> = {}) =>
  Object.assign(new Error("internal text"), { code, severity: "ERROR", ...more });

Deno.test("an error that SQL declares passes through with its own code, message and hint", () => {
  const error = toApiError(sql("PT409", { message: "Taken", detail: "name_taken", hint: "Choose another." }));
  assert.deepEqual(errorBody(error, "r1"), {
    error: { code: "name_taken", message: "Taken", hint: "Choose another." },
    request_id: "r1",
  });
  assert.equal(error.status, 409);
});

Deno.test("a hint that lists problems becomes details.problems", () => {
  const problems = [{ code: "node_missing", message: "m", node_id: "a", path: "$.nodes[0]" }];
  const error = toApiError(sql("PT422", { detail: "definition_invalid", hint: JSON.stringify(problems) }));
  assert.deepEqual(error.details, { problems });
  assert.equal(toApiError(sql("PT422", { detail: "x", hint: "[not json" })).hint, "[not json");
});

Deno.test("other states become their statuses and show nothing of the inside", () => {
  const expected: [string, number, string][] = [
    ["42501", 403, "forbidden"],
    ["22P02", 400, "value_invalid"],
    ["22023", 400, "value_invalid"],
    ["22P05", 400, "value_invalid"],
    ["57014", 504, "timeout"],
    ["53300", 503, "database_unavailable"],
    ["57P01", 503, "database_unavailable"],
    ["08006", 503, "database_unavailable"],
    ["CONNECTION_CLOSED", 503, "database_unavailable"],
    ["ECONNREFUSED", 503, "database_unavailable"],
    ["23505", 500, "internal_error"],
    ["42P01", 500, "internal_error"],
    ["PT200", 500, "internal_error"],
  ];
  for (const [state, status, code] of expected) {
    const error = toApiError(sql(state, { hint: "secret hint", detail: "secret detail" }));
    assert.deepEqual([error.status, error.code], [status, code], state);
    assert.ok(!/secret|internal text/.test(JSON.stringify(errorBody(error, ""))), state);
  }
  assert.equal(toApiError(new TypeError("secret")).code, "internal_error");
  assert.equal(toApiError(undefined).code, "internal_error");
});

Deno.test("an unavailable database says when to come back", () => {
  assert.equal(toApiError(sql("57P03")).headers["retry-after"], "2");
});

Deno.test("losses and conflicts are told apart", () => {
  assert.ok(isConnectionLoss(sql("57P01")) && isConnectionLoss({ code: "ECONNRESET" }));
  assert.ok(!isConnectionLoss(sql("57014")) && !isConnectionLoss(new Error()) && !isConnectionLoss(null));
  assert.ok(isConflict(sql("40001")) && isConflict(sql("40P01")) && !isConflict(sql("40003")));
});

Deno.test("every code of the catalogue is explained in errors.md", async () => {
  const text = await Deno.readTextFile(new URL("./errors.md", import.meta.url));
  for (const [code, [status]] of Object.entries(catalogue)) {
    assert.ok(new RegExp(`^\\| \`${code}\` +\\| ${status} `, "m").test(text), `${code} ${status}`);
  }
  const documented = [...text.matchAll(/^\| `(\w+)` +\| \d{3} /gm)].map((match) => match[1]!);
  assert.deepEqual(documented.filter((code) => !(code in catalogue)), []);
});

Deno.test("every error that a node can end with is explained in errors.md", async () => {
  const text = await Deno.readTextFile(new URL("./errors.md", import.meta.url));
  const section = text.slice(text.indexOf("## Errors of nodes"), text.indexOf("## Errors of messages"));
  const rows = [...section.matchAll(/^\| (`.*?) +\|/gm)].map(([, cell]) => cell!);
  const documented = new Set(rows.flatMap((cell) => [...cell.matchAll(/`([\w<>]+)`/g)].map(([, code]) => code!)));
  const sources = ["./worker.ts"];
  for await (const { name } of Deno.readDir(new URL("./nodes", import.meta.url))) {
    if (/^\w+\.ts$/.test(name)) sources.push(`./nodes/${name}`);
  }
  const used = new Set<string>();
  for (const source of sources) {
    const code = await Deno.readTextFile(new URL(source, import.meta.url));
    // a literal in the worker is an error of a task, in a node it may be one of zod's
    const pattern = source === "./worker.ts" ? /(?:NodeError\(|\bcode: )"(\w+)/g : /NodeError\(["`](\w+)/g;
    for (const [, found] of code.matchAll(pattern)) used.add(found!);
  }
  // why a task was told to end whose result counts no longer: nobody sees these
  for (const code of ["lease_gone", "released"]) assert.ok(used.delete(code), code);
  const spelled = (code: string) => code === "http_" ? "http_<status>" : code;
  assert.deepEqual([...used].map(spelled).filter((code) => !documented.has(code)), []);
  assert.deepEqual([...documented].filter((code) => ![...used].map(spelled).includes(code)), []);
});

Deno.test("every error that a message can end with is explained in errors.md", async () => {
  const text = await Deno.readTextFile(new URL("./errors.md", import.meta.url));
  const section = text.slice(text.indexOf("## Errors of messages"), text.indexOf("## Errors of embeddings"));
  const documented = new Set([...section.matchAll(/`([\w<>]+)`/g)].map(([, code]) => code!));
  const sources = ["./hil_sender.ts"];
  for await (const { name } of Deno.readDir(new URL("./channels", import.meta.url))) {
    if (/^\w+\.ts$/.test(name)) sources.push(`./channels/${name}`);
  }
  const used = new Set(["network_error", "address_not_allowed"]);
  for (const source of sources) {
    const code = await Deno.readTextFile(new URL(source, import.meta.url));
    for (const [, found] of code.matchAll(/ChannelError\(\s*["`]([^"`]+)/g)) used.add(found!);
  }
  const spelled = (code: string) =>
    code.replace("${provider}_${status}", "<provider>_<status>").replace("slack_${error}", "slack_<error>")
      .replace(/^(\$\{name\}|slack)_malformed$/, "<provider>_malformed");
  assert.deepEqual([...used].map(spelled).filter((code) => !documented.has(code)), []);
  for (const code of documented) {
    if (/^(webhook_<status>|slack_not_in_channel|slack_ratelimited)$/.test(code)) continue;
    assert.ok([...used].map(spelled).includes(code), code);
  }
});

Deno.test("every error that an embedding can end with is explained in errors.md", async () => {
  const text = await Deno.readTextFile(new URL("./errors.md", import.meta.url));
  const section = text.slice(text.indexOf("## Errors of embeddings"));
  const rows = [...section.matchAll(/^\| (`.*?) +\|/gm)].map(([, cell]) => cell!);
  const documented = rows.flatMap((cell) => [...cell.matchAll(/`([\w<>]+)`/g)].map(([, code]) => code!)).sort();
  const used = new Set<string>();
  for await (const { name } of Deno.readDir(new URL("./embeddings", import.meta.url))) {
    if (!/^\w+\.ts$/.test(name)) continue;
    const code = await Deno.readTextFile(new URL(`./embeddings/${name}`, import.meta.url));
    for (const [, found] of code.matchAll(/EmbeddingError\(\s*["`]([^"`]+)/g)) {
      used.add(found!.replace("${status}", "<status>"));
    }
  }
  assert.deepEqual([...used].sort(), documented);
});

Deno.test("our own errors stay what they are", () => {
  const error = apiError("request_invalid", { details: { problems: [] } });
  assert.ok(error instanceof ApiError);
  assert.equal(toApiError(error), error);
});
