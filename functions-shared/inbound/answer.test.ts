import assert from "node:assert/strict";
import type { Database } from "../db.ts";
import { type Answer, receiveAnswer, withoutLinks, withoutTokens } from "./answer.ts";
import { createMailbox } from "./mailbox.ts";

const token = "mnbvcxzasdfghjklpoiuytrewq234567mnbvcxzasdfghjklpoiu";
const link = `https://x.example/functions/v1/hil-webhook/respond/${token}`;

Deno.test("a token is nowhere in what is kept, however it is quoted", () => {
  const ways = [
    link,
    link.toUpperCase(),
    `https://filter.example/?url=${encodeURIComponent(link)}&data=1`,
    encodeURIComponent(encodeURIComponent(link)),
    `answers+${token}@example.com`,
    link.replace("respond/", "respond/\n"),
    `see\t${token}`,
    `\u00e9${token}`,
    `\u0007${token}`,
    `<a href="https://page.example/#${token}">`,
  ];
  for (const way of ways) {
    const kept = withoutTokens({ text: way });
    assert.ok(!kept.toLowerCase().includes(token), kept);
    assert.ok(kept.includes("[token]"));
    JSON.parse(kept);
  }
});

Deno.test("of a person's words a link loses what opens it, and nothing else is changed", () => {
  assert.equal(withoutLinks(`Yes!\nDecide: ${link}\nBye`), `Yes!\nDecide: ${link.replace(token, "[token]")}\nBye`);
  for (
    const way of [
      encodeURIComponent(link),
      encodeURIComponent(encodeURIComponent(link)),
      `a+${token}@example.com`,
      link.replace("respond/", "respond/\r\n"),
    ]
  ) {
    assert.ok(!withoutLinks(way).includes(token), way);
  }
  const secret = `The key is ${token}`;
  assert.equal(withoutLinks(secret), secret, "a word of 52 letters may be an answer");
  const path = `/${token}${token}`;
  assert.equal(withoutLinks(path), path);
});

const answer: Answer = {
  provider: "postmark",
  integrationId: "0198c0de-0000-4000-8000-000000000001",
  messageId: "m1",
  raw: { text: `Ok\n${link}` },
  headers: {},
  hints: { token, text: `Ok\n${link}` },
};

Deno.test("a quoted link reaches neither the database nor a model", async () => {
  const given: string[] = [];
  const database = {
    sql: (parts: TemplateStringsArray, ...values: unknown[]) => {
      given.push(...values.map(String));
      const isBatch = parts.join().includes("hil.store");
      return Promise.resolve([{ answer: isBatch ? [{ response_id: "r", status: "matched" }] : { response_id: "r" } }]);
    },
  } as unknown as Pick<Database, "sql">;
  await receiveAnswer({ database }, answer);
  await createMailbox(database).put(answer);
  assert.equal(given.filter((one) => one.includes('"text"')).length, 3);
  // the one that it came by is hashed by SQL
  const others = given.join("\n").replaceAll(`"token":"${token}"`, "");
  assert.ok(!others.includes(token), others);

  const asked = Promise.withResolvers<string>();
  const model = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    asked.resolve(await request.text());
    return Response.json({});
  });
  const doubting = {
    sql: (parts: TemplateStringsArray) =>
      Promise.resolve([{ answer: parts.join().includes("take_reading") ? {} : { response_id: "r", ask: {} } }]),
  } as unknown as Pick<Database, "sql">;
  const read = Promise.withResolvers<void>();
  await receiveAnswer({
    database: doubting,
    classifier: { url: `http://127.0.0.1:${model.addr.port}`, key: "k", model: "m" },
    log() {},
    onRead: () => read.resolve(),
  }, answer);
  const prompt = await asked.promise;
  await read.promise;
  await model.shutdown();
  assert.ok(prompt.includes("[token]") && !prompt.includes(token), prompt);
});
