// What the page shows of a question, and what its form says.
import assert from "node:assert/strict";
import { respondPage, respondPageFile } from "./respond_page.ts";
import { prefersHtml } from "./page.ts";
import { type Question, questionHtml, readAnswer } from "./question.ts";

const question = (more: Partial<Question>): Question => ({
  type: "approval",
  state: "open",
  title: "Refund?",
  timeout_at: "2026-12-21T10:00:00Z",
  ...more,
});

const schema = {
  type: "object",
  required: ["name", "count", "colour"],
  properties: {
    name: { type: "string", title: "Full name", maxLength: 100 },
    notes: { type: "string", format: "multi-line" },
    count: { type: "integer", minimum: 1, maximum: 9 },
    price: { type: "number" },
    urgent: { type: "boolean", default: true },
    colour: { enum: ["red", "green"] },
    sizes: { type: "array", items: { enum: [1, 2, 3] } },
    due: { type: "string", format: "date" },
    mail: { type: "string", format: "email" },
    more: { type: "object" },
  },
};
const input = question({ type: "input", schema });

Deno.test("every kind of field has its input, its label and its limits", () => {
  const html = questionHtml(input);
  for (
    const part of [
      /<label for="f-data_46_name">Full name <span class="needed">/,
      /<input type="text" id="f-data_46_name" name="data.name" required maxlength="100"/,
      /<textarea [^>]*name="data.notes"/,
      /<input type="number" [^>]*name="data.count" required min="1" max="9" step="1"/,
      /<input type="number" [^>]*name="data.price" step="any"/,
      /<input type="checkbox" value="true" [^>]*name="data.urgent" checked/,
      /<select [^>]*name="data.colour" required><option value=""><\/option><option value="0">red/,
      /<fieldset [^>]*id="f-data_46_sizes"[^>]*><legend>sizes<\/legend>.*<input type="checkbox" name="data.sizes" value="2">/,
      /<input type="date" [^>]*name="data.due"/,
      /<input type="email" [^>]*name="data.mail"/,
      /<textarea [^>]*name="data.more"[^>]*class="code"/,
      /value="answer"/,
      /value="reject"[^>]*formnovalidate/,
    ]
  ) assert.match(html, part);
  // every control has a label of its own, or stands in one
  const controls = [...html.matchAll(/<(?:input|select|textarea)[^>]*>/g)];
  assert.ok(controls.length > 10);
  for (const { 0: control, index } of controls) {
    const id = / id="([^"]+)"/.exec(control)?.[1];
    const isIn = html.slice(0, index).endsWith('<label class="choice">');
    assert.ok(isIn || html.includes(`<label for="${id}">`), control);
  }
});

Deno.test("a form's entries become the values that the schema asks for", () => {
  const { answer, problems } = readAnswer(input, [
    ["decision", "answer"],
    ["data.name", "Ana"],
    ["data.notes", "a\r\nb"],
    ["data.count", "3"],
    ["data.price", "2,5"],
    ["data.colour", "1"],
    ["data.sizes", "0"],
    ["data.sizes", "2"],
    ["data.due", "2026-11-21"],
    ["data.mail", ""],
    ["data.more", '{"a":[1]}'],
    ["comment", " ok "],
  ]);
  assert.deepEqual(problems, []);
  assert.deepEqual(answer, {
    decision: "answer",
    comment: "ok",
    data: {
      name: "Ana",
      notes: "a\nb",
      count: 3,
      price: 2.5,
      urgent: false,
      colour: "green",
      sizes: [1, 3],
      due: "2026-11-21",
      more: { a: [1] },
    },
  });
});

Deno.test("all that is wrong is told at once, at its field, and what was entered stays", () => {
  const entries: [string, string][] = [
    ["decision", "answer"],
    ["data.name", " "],
    ["data.count", "1.5"],
    ["data.price", "1.000,5"],
    ["data.more", "{"],
  ];
  const { problems } = readAnswer(input, entries);
  assert.deepEqual(problems.map(({ path }) => path), [
    "data.name",
    "data.count",
    "data.price",
    "data.colour",
    "data.more",
  ]);
  const html = questionHtml(input, { problems, entries });
  assert.match(html, /role="alert" id="problems" tabindex="-1"/);
  assert.match(html, /<a href="#f-data_46_count" id="f-data_46_count-e">count: this is not a whole number/);
  assert.match(
    html,
    /name="data.count" required aria-invalid="true" aria-describedby="f-data_46_count-e"[^>]*value="1.5"/,
  );
  assert.ok(!/name="data.urgent"[^>]* checked/.test(html), "what was taken out stays out");
  // of the database, which knows the fields by their paths
  const told = questionHtml(input, {
    problems: [{ code: "x", message: "<too small>", path: "$.data.price" }],
    entries,
  });
  assert.match(told, /href="#f-data_46_price"[^>]*>&lt;too small&gt;/);
});

Deno.test("data are edited where they may be, and an untouched approval edits nothing", () => {
  const data = { amount: 50, note: "", isNew: true, ["a.b"]: "x" };
  const shown = question({ data });
  assert.match(questionHtml(shown), /name="data.amount" required step="any" inputmode="decimal" value="50"/);
  const untouched: [string, string][] = [
    ["decision", "approve"],
    ["data.amount", "50"],
    ["data.note", ""],
    ["data.isNew", "true"],
    ["data.a.b", "x"],
  ];
  assert.deepEqual(readAnswer(shown, untouched).answer, { decision: "approve" });
  const edited = untouched.map(([name, value]): [string, string] => [name, name === "data.amount" ? "40" : value]);
  assert.deepEqual(readAnswer(shown, edited).answer.data, { amount: 40, note: "", isNew: true, "a.b": "x" });
  // a rejection needs no valid data
  assert.deepEqual(readAnswer(shown, [["decision", "reject"], ["data.amount", "x"]]), {
    answer: { decision: "reject" },
    problems: [],
  });
  const nested = question({ type: "review", allow: ["accept", "edit"], data: { items: [1] } });
  assert.deepEqual(readAnswer(nested, [["decision", "edit"], ["data", '{"items":[2]}']]).answer.data, { items: [2] });
  const fixed = question({ type: "review", allow: ["accept", "ignore"], data });
  assert.ok(!questionHtml(fixed).includes('name="data'), "what may not be edited is shown");
  assert.match(questionHtml(fixed), /<dt dir="auto">amount<\/dt>/);
  assert.equal(readAnswer(question({ type: "review" }), [["decision", "respond"]]).problems[0]!.path, "comment");
  const polluted = question({ data: JSON.parse('{"__proto__": "x"}') });
  const { answer } = readAnswer(polluted, [["decision", "approve"], ["data.__proto__", "y"]]);
  assert.equal(JSON.stringify(answer.data), '{"__proto__":"y"}');
});

Deno.test("a choice gives its options' own values", () => {
  const one = question({ type: "selection", options: [{ value: 1, label: "One" }, { value: { b: 2 } }] });
  assert.match(questionHtml(one), /<input type="radio" name="data" value="1" required>[^]*{&quot;b&quot;:2}/);
  assert.deepEqual(readAnswer(one, [["decision", "answer"], ["data", "1"]]).answer.data, { b: 2 });
  assert.equal(readAnswer(one, [["decision", "answer"], ["data", "7"]]).answer.data, undefined);
  assert.equal(readAnswer(one, [["decision", "answer"]]).problems.length, 1);
  const many = question({ ...one, multiple: true });
  assert.deepEqual(readAnswer(many, [["decision", "answer"], ["data", "0"], ["data", "1"]]).answer.data, [1, { b: 2 }]);
});

Deno.test("what was decided is shown: who, when, what was said, and the data as they were left", () => {
  const decided = {
    state: "decided",
    outcome: "approved",
    data: { amount: 50 },
    responded_by: { user: crypto.randomUUID(), email: "ana@example.com" },
    responded_by_name: "Ana Example",
    responded_at: "2027-01-31T09:00:00Z",
    comment: "less is enough",
  };
  const edited = questionHtml(question({ ...decided, result: { amount: 40 } }));
  assert.match(
    edited,
    /Approved by <bdi>Ana Example<\/bdi>.*31 January 2027.*less is enough.*data, which were changed.*<dd[^>]*>40<\/dd>/s,
  );
  assert.ok(!edited.includes("<form"));
  assert.match(questionHtml(question({ ...decided, result: { amount: 50 } })), /With these data:<.*<dd[^>]*>50<\/dd>/s);
  const rejected = questionHtml(question({ ...decided, outcome: "rejected", result: { amount: 50 } }));
  assert.ok(!rejected.includes("<dd"), "a rejection has no data that flow on");
});

Deno.test("nothing of a question becomes markup", () => {
  const evil = `"><script>alert(1)</script><img src=x onerror='a()'>`;
  const html = [
    questionHtml(question({ title: evil, message: evil, data: { [evil]: evil }, workflow: evil })),
    questionHtml(question({ type: "review", allow: [], data: [evil] })),
    questionHtml(
      question({ type: "input", schema: { properties: { [evil]: { title: evil, description: evil, enum: [evil] } } } }),
    ),
    questionHtml(question({ type: "selection", options: [{ value: evil, label: evil }] })),
    questionHtml(question({ state: "decided", outcome: "approved", responded_by: { email: evil }, comment: evil })),
    questionHtml(
      question({ state: "decided", outcome: "approved", responded_by_name: evil, result: { [evil]: evil } }),
    ),
    questionHtml(question({ data: { a: 1 } }), {
      problems: [{ code: "x", message: evil, path: evil }],
      entries: [["data.a", evil], ["comment", evil]],
    }),
  ].join("");
  assert.ok(!/<script|<img|onerror='/.test(html), html);
});

Deno.test("a browser gets the page, a program JSON", () => {
  assert.ok(prefersHtml("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
  for (const accept of [null, "*/*", "application/json", "text/html;q=0.5, application/json", "text/html;q=0"]) {
    assert.ok(!prefersHtml(accept), String(accept));
  }
});

Deno.test("respond.html is what the page's source makes of it, and asks nothing of anybody else", async () => {
  const page = await Deno.readTextFile(respondPageFile);
  assert.equal(page, await respondPage(), "write it anew: deno run -A supabase/functions/hil-webhook/respond_page.ts");
  assert.equal(page.match(/<\/script>/g)!.length, 1);
  assert.ok(!/\b(src|href)="(https?:)?\/\//.test(page));
  assert.ok(!/^import /m.test(page));
});

Deno.test("respond.html asks for the question behind #, shows it, and sends what its form says", async () => {
  const page = await Deno.readTextFile(respondPageFile);
  const script = page.slice(page.indexOf('<script type="module">') + 22, page.lastIndexOf("</script>"));
  const token = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst";
  const asked: { url: string; init: RequestInit }[] = [];
  const answers: unknown[] = [
    question({ type: "approval", title: "Refund?", data: { amount: 50 } }),
    {
      error: {
        code: "response_invalid",
        message: "no",
        details: { problems: [{ code: "x", message: "too much", path: "$.data.amount" }] },
      },
    },
    { error: { code: "interaction_decided", message: "over", details: { outcome: "rejected", responded_by: "Bob" } } },
  ];
  let submit: ((event: unknown) => Promise<void>) | undefined;
  const main = {
    innerHTML: "",
    querySelector: (selector: string) =>
      selector === "form" && main.innerHTML.includes("<form")
        ? { addEventListener: (_: string, listener: typeof submit) => submit = listener }
        : null,
  };
  const entries = [["decision", "approve"], ["data.amount", "40"]];
  const browser = {
    document: {
      title: "",
      querySelector: (selector: string) =>
        selector === "main" ? main : { content: "https://x.example/functions/v1/hil-webhook/" },
    },
    location: { hash: `#${token}`, reload() {} },
    fetch: (url: string, init: RequestInit) => {
      asked.push({ url, init });
      return Promise.resolve({ status: 200, json: () => Promise.resolve(answers.shift()) });
    },
    FormData: class {
      [Symbol.iterator] = () => entries[Symbol.iterator]();
    },
    addEventListener() {},
  };
  new Function(...Object.keys(browser), script)(...Object.values(browser));
  const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
  await settled();
  assert.deepEqual([asked[0]!.url, browser.document.title], [
    `https://x.example/functions/v1/hil-webhook/respond/${token}`,
    "Refund?",
  ]);
  assert.deepEqual([asked[0]!.init.referrerPolicy, asked[0]!.init.credentials, asked[0]!.init.cache], [
    "no-referrer",
    "omit",
    "no-store",
  ]);
  const send = () => submit!({ preventDefault() {}, target: { querySelectorAll: () => [] }, submitter: null });
  await send();
  assert.deepEqual([asked[1]!.init.method, asked[1]!.init.body], [
    "POST",
    '{"decision":"approve","data":{"amount":40}}',
  ]);
  assert.match(main.innerHTML, /role="alert"[^]*too much[^]*value="40"/);
  await send();
  assert.match(main.innerHTML, /Rejected by <bdi>Bob/);
});
