// @ts-check
// The page of a question, as HTML, and the answer in its form. Plain JavaScript without imports: the function runs it,
// and scripts/respond_page.ts puts it into respond.html, which runs it in the browser.

/**
 * What hil.show says.
 * @typedef {{
 *   interaction_id?: string, type: string, state: string, title: string, message?: string, data?: unknown,
 *   schema?: unknown, options?: {value: unknown, label?: string}[], multiple?: boolean, allow?: string[],
 *   priority?: string, workflow?: string, created_at?: string, timeout_at?: string, outcome?: string | null,
 *   responded_by?: unknown, responded_by_name?: string | null, responded_at?: string | null, comment?: string | null,
 *   result?: unknown, [field: string]: unknown,
 * }} Question
 * @typedef {{code: string, message: string, path: string}} Problem
 * @typedef {{decision: string, data?: unknown, comment?: string}} Answer
 * @typedef {{
 *   name: string, path: string, title: string, description: string, kind: string, required: boolean, initial: unknown,
 *   choices: {value: unknown, label: string}[], schema: Record<string, any>,
 * }} Field
 */

const types = {
  approval: "Approval",
  input: "Information needed",
  selection: "Choice",
  review: "Review",
};

const outcomes = {
  approved: "Approved",
  rejected: "Rejected",
  answered: "Answered",
  timed_out: "Expired without an answer",
  cancelled: "Cancelled",
};

/** @param {unknown} text */
export function escapeHtml(text) {
  return String(text ?? "").replace(
    /[&<>"']/g,
    (character) =>
      /** @type {Record<string, string>} */ ({
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&#39;",
      })[character] ?? "",
  );
}

/** @param {unknown} value @returns {value is Record<string, any>} */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** In the reader's own time zone where that is known. @param {unknown} text */
function timeOf(text) {
  const at = new Date(String(text ?? ""));
  if (Number.isNaN(at.getTime())) return "";
  const shown = !("document" in globalThis)
    ? `${
      at.toLocaleString("en-GB", {
        dateStyle: "long",
        timeStyle: "short",
        timeZone: "UTC",
      })
    } UTC`
    : at.toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
  return `<time datetime="${at.toISOString()}">${escapeHtml(shown)}</time>`;
}

/** Who decided, as far as the page may tell. @param {unknown} by */
function personOf(by) {
  if (typeof by === "string") return by;
  if (!isObject(by)) return "";
  return String(
    by.name ?? by.email ??
      (by.slack ? `${by.slack} on Slack` : by.webhook || by.service ? "a system" : ""),
  );
}

// -- fields -------------------------------------------------------------------------------------------------------------

/** The kind of input for a JSON Schema. @param {Record<string, any>} schema */
function kindOf(schema) {
  const type = [schema.type].flat().find((one) => one !== "null");
  if (
    Array.isArray(schema.enum) ||
    Array.isArray(schema.oneOf) &&
      schema.oneOf.every((/** @type {any} */ one) => "const" in one)
  ) {
    return "enum";
  }
  if (
    type === "array" && isObject(schema.items) &&
    kindOf(schema.items) === "enum"
  ) return "list";
  if (type === "boolean" || type === "number" || type === "integer") {
    return type;
  }
  if (type !== "string" && type !== undefined) return "json";
  if (schema.format === "date") return "date";
  if (schema.format === "email" || schema.format === "time") {
    return schema.format;
  }
  if (schema.format === "uri" || schema.format === "url") return "url";
  const isLong = schema.format === "textarea" ||
    schema.format === "multi-line" || schema.format === "multiline" ||
    schema.multiline === true || Number(schema.maxLength) > 200;
  return isLong ? "text" : type === undefined ? "json" : "string";
}

/** @param {Record<string, any>} schema */
function choicesOf(schema) {
  const listed = Array.isArray(schema.enum)
    ? schema.enum.map((value, i) => ({
      value,
      label: schema.enumNames?.[i] ?? value,
    }))
    : (schema.oneOf ?? []).map((/** @type {any} */ one) => ({
      value: one.const,
      label: one.title ?? one.const,
    }));
  return listed.map((/** @type {any} */ { value, label }) => ({
    value,
    label: typeof label === "object" ? JSON.stringify(label) : String(label),
  }));
}

/** @param {string} name @param {string} path @param {Record<string, any>} schema @param {boolean} required @param {unknown} initial @returns {Field} */
function field(name, path, schema, required, initial) {
  const kind = kindOf(schema);
  return {
    name,
    path,
    title: String(schema.title || path.split(".").pop() || "Answer"),
    description: String(schema.description ?? ""),
    kind,
    required: required && kind !== "boolean",
    initial: initial === undefined ? schema.default : initial,
    choices: kind === "enum" ? choicesOf(schema) : kind === "list" ? choicesOf(schema.items) : [],
    schema,
  };
}

/** The fields of a question's form. @param {Question} question @returns {Field[]} */
export function fieldsOf(question) {
  const { type } = question;
  if (type === "input") {
    const schema = isObject(question.schema) ? question.schema : {};
    if (!isObject(schema.properties)) {
      const whole = Object.keys(schema).length > 0 ? schema : { type: "string", format: "textarea" };
      return [
        field("data", "", { title: "Answer", ...whole }, true, undefined),
      ];
    }
    const needed = Array.isArray(schema.required) ? schema.required : [];
    const given = isObject(question.data) ? question.data : {};
    return Object.entries(schema.properties).filter(([, one]) => isObject(one))
      .map(([name, one]) =>
        // what is there already is a proposal
        field(
          `data.${name}`,
          name,
          one,
          needed.includes(name),
          Object.hasOwn(given, name) ? given[name] : undefined,
        )
      );
  }
  const mayEdit = type === "approval" ||
    type === "review" && (question.allow ?? ["edit"]).includes("edit");
  const { data } = question;
  if (!mayEdit || data === undefined || data === null) return [];
  const entries = isObject(data) ? Object.entries(data) : [];
  const arePlain = entries.length > 0 && entries.length <= 40 &&
    entries.every(([, value]) => ["string", "number", "boolean"].includes(typeof value));
  if (!arePlain) {
    return [field("data", "", { title: "Data (JSON)" }, true, data)];
  }
  return entries.map(([name, value]) => {
    const isLong = typeof value === "string" &&
      (value.length > 80 || value.includes("\n"));
    const schema = {
      title: name,
      type: typeof value,
      ...(isLong && { format: "textarea" }),
    };
    // an empty text is a text
    return field(
      `data.${name}`,
      name,
      schema,
      typeof value === "number",
      value,
    );
  });
}

/** @param {unknown} a @param {unknown} b @returns {boolean} */
function isSame(a, b) {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((one, i) => isSame(one, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
}

/**
 * What a form says. Problems are told with the names of its fields as paths; the database checks the rest.
 * @param {Question} question
 * @param {[string, string][]} entries
 * @returns {{answer: Answer, problems: Problem[]}}
 */
export function readAnswer(question, entries) {
  const form = new Map();
  for (const [name, value] of entries) {
    form.set(name, [...form.get(name) ?? [], String(value)]);
  }
  const decision = form.get("decision")?.[0] ?? "";
  const comment = (form.get("comment")?.[0] ?? "").trim();
  /** @type {Problem[]} */
  const problems = [];
  /** @type {Answer} */
  const answer = { decision, ...(comment !== "" && { comment }) };
  if (decision === "") {
    problems.push({
      code: "required",
      message: "Choose an answer",
      path: "decision",
    });
  }
  if (decision === "respond" && comment === "") {
    problems.push({
      code: "required",
      message: "Write what should change",
      path: "comment",
    });
  }
  if (!["approve", "edit", "answer"].includes(decision)) {
    return { answer, problems };
  }

  if (question.type === "selection") {
    const options = question.options ?? [];
    const chosen = (form.get("data") ?? []).map((/** @type {string} */ at) => options[Number(at)]?.value);
    if (chosen.length === 0 && !question.multiple) {
      problems.push({ code: "required", message: "Choose one", path: "data" });
    }
    answer.data = question.multiple ? chosen : chosen[0];
    return { answer, problems };
  }

  const fields = fieldsOf(question);
  if (fields.length === 0) return { answer, problems };
  /** @type {any} */
  let data = {};
  for (const one of fields) {
    const given = form.get(one.name) ?? [];
    const { value, problem } = valueOf(one, given);
    if (problem) {
      problems.push({
        code: "invalid",
        message: `${one.title}: ${problem}`,
        path: one.name,
      });
    }
    if (one.path === "") data = value;
    // defineProperty, for a field called __proto__
    else if (value !== undefined) {
      Object.defineProperty(data, one.path, {
        value,
        enumerable: true,
        configurable: true,
      });
    }
  }
  // an approval of what was shown is one without an edit
  if (decision !== "approve" || !isSame(data, question.data)) {
    answer.data = data;
  }
  return { answer, problems };
}

/** @param {Field} one @param {string[]} given @returns {{value?: unknown, problem?: string}} */
function valueOf(one, given) {
  const text = (given[0] ?? "").replace(/\r\n/g, "\n");
  if (one.kind === "boolean") return { value: given.length > 0 };
  if (one.kind === "list") {
    const value = given.flatMap((at) => one.choices[Number(at)] ?? []).map((
      choice,
    ) => choice.value);
    if (value.length === 0 && one.required) {
      return { problem: "choose at least one" };
    }
    return value.length === 0 && !one.required ? {} : { value };
  }
  if (one.kind === "enum") {
    const choice = text === "" ? undefined : one.choices[Number(text)];
    return choice ? { value: choice.value } : one.required ? { problem: "choose one" } : {};
  }
  if (text.trim() === "") {
    // where there was a text before, it is emptied
    if (
      typeof one.initial === "string" && one.schema.default === undefined &&
      !one.required
    ) return { value: "" };
    return one.required ? { problem: "this is needed" } : {};
  }
  if (one.kind === "number" || one.kind === "integer") {
    // a comma is how many write it; a dot beside it would be a guess
    const plain = text.trim().replace(/^(-?\d+),(\d+)$/, "$1.$2");
    const number = Number(plain);
    if (
      !/^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(plain) ||
      !Number.isFinite(number)
    ) {
      return { problem: "this is not a number" };
    }
    return one.kind === "integer" && !Number.isInteger(number)
      ? { problem: "this is not a whole number" }
      : { value: number };
  }
  if (one.kind === "json") {
    try {
      return { value: JSON.parse(text) };
    } catch {
      return { problem: "this is not valid JSON" };
    }
  }
  return {
    value: one.kind === "string" || one.kind === "text" ? text : text.trim(),
  };
}

// -- HTML ---------------------------------------------------------------------------------------------------------------

/** @param {string} name */
const idOf = (name) => `f-${name.replace(/[^A-Za-z0-9]/g, (character) => `_${character.charCodeAt(0)}_`)}`;

/** @param {Field} one @param {string[] | undefined} entered @param {boolean} isWrong */
function fieldHtml(one, entered, isWrong) {
  const id = idOf(one.name);
  const name = escapeHtml(one.name);
  const { schema } = one;
  const described = [one.description && `${id}-d`, isWrong && `${id}-e`].filter(
    Boolean,
  ).join(" ");
  const common = `id="${id}" name="${name}"${one.required ? " required" : ""}${isWrong ? ' aria-invalid="true"' : ""}${
    described ? ` aria-describedby="${described}"` : ""
  }`;
  const label = escapeHtml(one.title) +
    (one.required ? ' <span class="needed">(needed)</span>' : "");
  const description = one.description ? `<p class="note" id="${id}-d">${escapeHtml(one.description)}</p>` : "";
  const number = (/** @type {string} */ html, /** @type {unknown} */ value) =>
    typeof value === "number" ? ` ${html}="${value}"` : "";
  const text = entered
    ? entered[0] ?? ""
    : one.initial === undefined || one.initial === null
    ? ""
    : one.kind === "json"
    ? JSON.stringify(one.initial, null, 2)
    : String(one.initial);

  if (one.kind === "boolean") {
    const isOn = entered ? entered.length > 0 : one.initial === true;
    return `<div class="field"><label class="choice"><input type="checkbox" value="true" ${common}${
      isOn ? " checked" : ""
    }> ${label}</label>${description}</div>`;
  }
  if (one.kind === "list") {
    return choiceList(
      one.name,
      label,
      description,
      one.choices,
      true,
      (choice, i) =>
        entered ? entered.includes(String(i)) : Array.isArray(one.initial) &&
          one.initial.some((value) => isSame(value, choice.value)),
    );
  }
  let control;
  if (one.kind === "enum") {
    const options = one.choices.map((choice, i) => {
      const isOn = entered ? entered[0] === String(i) : one.initial !== undefined && isSame(one.initial, choice.value);
      return `<option value="${i}"${isOn ? " selected" : ""}>${escapeHtml(choice.label)}</option>`;
    });
    control = `<select ${common}><option value=""></option>${options.join("")}</select>`;
  } else if (one.kind === "text" || one.kind === "json") {
    const rows = Math.min(16, Math.max(4, text.split("\n").length + 1));
    // a line end right after the tag would be swallowed
    control = `<textarea ${common} rows="${rows}"${one.kind === "json" ? ' class="code" spellcheck="false"' : ""}${
      number("maxlength", schema.maxLength)
    }>\n${escapeHtml(text)}</textarea>`;
  } else {
    const isNumber = one.kind === "number" || one.kind === "integer";
    const type = isNumber ? "number" : one.kind === "string" ? "text" : one.kind;
    const limits = isNumber
      ? `${number("min", schema.minimum)}${number("max", schema.maximum)} step="${
        typeof schema.multipleOf === "number" ? schema.multipleOf : one.kind === "integer" ? 1 : "any"
      }" inputmode="decimal"`
      : type === "text"
      ? `${number("minlength", schema.minLength)}${number("maxlength", schema.maxLength)}`
      : "";
    control = `<input type="${type}" ${common}${limits} value="${escapeHtml(text)}" autocomplete="off">`;
  }
  return `<div class="field"><label for="${id}">${label}</label>${description}${control}</div>`;
}

/**
 * @param {string} name @param {string} legend @param {string} description
 * @param {{value: unknown, label: string}[]} choices @param {boolean} isMultiple
 * @param {(choice: {value: unknown, label: string}, at: number) => boolean} isChosen
 */
function choiceList(name, legend, description, choices, isMultiple, isChosen) {
  const type = isMultiple ? "checkbox" : "radio";
  const items = choices.map((choice, i) =>
    `<label class="choice"><input type="${type}" name="${escapeHtml(name)}" value="${i}"${
      isChosen(choice, i) ? " checked" : ""
    }${isMultiple ? "" : " required"}> <span dir="auto">${escapeHtml(choice.label)}</span></label>`
  );
  return `<fieldset class="field" id="${idOf(name)}" tabindex="-1"><legend>${legend}</legend>${description}${
    items.join("")
  }</fieldset>`;
}

/** @param {string} value @param {string} label @param {string} [style] @param {boolean} [isFree] without the form's checks */
const button = (value, label, style = "", isFree = false) =>
  `<button type="submit" name="decision" value="${value}"${style && ` class="${style}"`}${
    isFree ? " formnovalidate" : ""
  }>${label}</button>`;

/** @param {Question} question */
function buttonsOf(question) {
  const decline = button("reject", "Decline to answer", "", true);
  if (question.type === "approval") {
    return [
      button("approve", "Approve", "yes"),
      button("reject", "Reject", "no", true),
    ];
  }
  if (question.type === "input" || question.type === "selection") {
    return [button("answer", "Send", "yes"), decline];
  }
  const allow = question.allow ?? ["accept", "edit", "respond", "ignore"];
  const canEdit = allow.includes("edit") && fieldsOf(question).length > 0;
  return [
    allow.includes("accept") ? button("accept", "Accept as it is", "yes", true) : "",
    canEdit ? button("edit", "Accept with my changes", "yes") : "",
    allow.includes("respond") ? button("respond", "Send my comment", "", true) : "",
    allow.includes("ignore") ? button("ignore", "Ignore", "no", true) : "",
  ];
}

/** @param {Question} question */
function headOf(question) {
  const type = types[/** @type {keyof typeof types} */ (question.type)] ??
    "Question";
  const isUrgent = question.priority === "high" ||
    question.priority === "critical";
  const facts = [
    escapeHtml(type),
    question.workflow ? `<bdi>${escapeHtml(question.workflow)}</bdi>` : "",
    isUrgent ? `<strong>Priority: ${escapeHtml(question.priority)}</strong>` : "",
  ].filter(Boolean);
  return `<p class="facts">${facts.join(" · ")}</p><h1 dir="auto" tabindex="-1">${escapeHtml(question.title)}</h1>${
    question.message ? `<div class="message" dir="auto">${escapeHtml(question.message)}</div>` : ""
  }`;
}

/** @param {unknown} data */
function dataHtml(data) {
  if (
    data === undefined || data === null ||
    isObject(data) && Object.keys(data).length === 0
  ) return "";
  const entries = isObject(data) ? Object.entries(data) : [];
  if (
    entries.length > 0 &&
    entries.every(([, value]) => typeof value !== "object" || value === null)
  ) {
    return `<dl>${
      entries.map(([name, value]) =>
        `<div><dt dir="auto">${escapeHtml(name)}</dt><dd dir="auto">${escapeHtml(value ?? "-")}</dd></div>`
      ).join("")
    }</dl>`;
  }
  return `<pre tabindex="0" role="region" aria-label="Data">${
    escapeHtml(typeof data === "string" ? data : JSON.stringify(data, null, 2))
  }</pre>`;
}

/**
 * The question with its form, or what became of it.
 * @param {Question} question
 * @param {{problems?: Problem[], entries?: [string, string][]}} [again] what was wrong with an answer, and what it was
 */
export function questionHtml(question, again = {}) {
  if (question.state !== "open") return outcomeHtml(question);
  const problems = again.problems ?? [];
  const entered = (/** @type {string} */ name) =>
    again.entries?.filter(([key]) => key === name).map(([, value]) => value);
  const fields = fieldsOf(question);
  const isWrong = (/** @type {Field} */ one) =>
    problems.some(({ path }) => path === one.name || one.path !== "" && path === `$.data.${one.path}`);
  const summary = problems.length === 0
    ? ""
    : `<div class="problems" role="alert" id="problems" tabindex="-1"><h2>Nothing was sent yet</h2><ul>${
      problems.map(({ message, path }) => {
        const one = fields.find(({ name, path: at }) => path === name || at !== "" && path === `$.data.${at}`);
        const target = one ? idOf(one.name) : path === "comment" ? "comment" : path === "data" ? idOf("data") : "";
        const text = escapeHtml(message);
        return `<li>${
          target ? `<a href="#${target}"${one ? ` id="${idOf(one.name)}-e"` : ""}>${text}</a>` : text
        }</li>`;
      }).join("")
    }</ul></div>`;

  const parts = [];
  if (question.type === "selection") {
    const choices = (question.options ?? []).map(({ value, label }) => ({
      value,
      label: label ??
        (typeof value === "string" ? value : JSON.stringify(value)),
    }));
    const legend = question.multiple ? "Choose any" : "Choose one";
    parts.push(
      choiceList(
        "data",
        legend,
        "",
        choices,
        question.multiple === true,
        (_, i) => entered("data")?.includes(String(i)) ?? false,
      ),
    );
  } else if (fields.length > 0) {
    const inputs = fields.map((one) => fieldHtml(one, again.entries && (entered(one.name) ?? []), isWrong(one))).join(
      "",
    );
    parts.push(
      question.type === "input"
        ? inputs
        : `<fieldset><legend>Data</legend><p class="note">You may change it before you answer.</p>${inputs}</fieldset>`,
    );
  }
  // what cannot be edited is shown
  const shown = fields.length > 0 && question.type !== "input" ? "" : dataHtml(question.data);
  const comment =
    `<div class="field"><label for="comment">Comment</label><textarea id="comment" name="comment" rows="3"` +
    ` maxlength="4000">\n${escapeHtml(entered("comment")?.[0] ?? "")}</textarea></div>`;
  const until = timeOf(question.timeout_at);
  return `${headOf(question)}${summary}${shown}<form method="post" accept-charset="utf-8">` +
    // Enter in a field submits by the first button: by none
    `<button type="submit" disabled hidden></button>${parts.join("")}${comment}` +
    `<div class="buttons">${buttonsOf(question).join("")}</div></form>` +
    (until ? `<p class="note">Open until ${until}. Opening this page decides nothing.</p>` : "");
}

/** The data that flow on, and that they were changed. @param {Question} question */
function resultHtml(question) {
  const shown = dataHtml(question.result);
  if (question.outcome === "rejected" || shown === "") return "";
  const edited = question.type !== "input" && question.type !== "selection" && !isSame(question.result, question.data);
  return `<p class="note">${edited ? "With these data, which were changed:" : "With these data:"}</p>${shown}`;
}

/** @param {Question} question */
export function outcomeHtml(question) {
  const { outcome: known, state } = question;
  const outcome = outcomes[/** @type {keyof typeof outcomes} */ (known ?? "")] ??
    (state === "expired"
      ? outcomes.timed_out
      : state === "reassigned"
      ? "Others have been asked instead"
      : state === "used"
      ? "Your answer was counted"
      : "Closed");
  const by = question.responded_by_name || personOf(question.responded_by);
  const at = timeOf(question.responded_at);
  const note = state === "used" && !known ? "Others have to answer, too." : "This link decides nothing any more.";
  return `${headOf(question)}<div class="outcome" role="status"><h2>${outcome}${
    by ? ` by <bdi>${escapeHtml(by)}</bdi>` : ""
  }</h2>${at ? `<p>${at}</p>` : ""}${
    question.comment ? `<p class="message" dir="auto">${escapeHtml(question.comment)}</p>` : ""
  }${resultHtml(question)}<p class="note">${note}</p></div>`;
}

/** The receipt of an answer. @param {{outcome?: string | null}} decided @param {Question | null} question */
export function decidedHtml(decided, question) {
  const outcome = outcomes[/** @type {keyof typeof outcomes} */ (decided.outcome ?? "")];
  const text = outcome ? "Thank you. The workflow goes on." : "Thank you. Others have to agree, too.";
  return `${question ? headOf(question) : ""}<div class="outcome" role="status"><h2>${
    outcome ?? "Your answer was counted"
  }</h2><p>${text}</p><p class="note">You may close this page.</p></div>`;
}

/** @param {string} title @param {string} text */
export function noticeHtml(title, text) {
  return `<h1 tabindex="-1">${escapeHtml(title)}</h1><p role="status">${escapeHtml(text)}</p>`;
}

export const pageStyle = `
:root{color-scheme:light dark;--ground:#f6f7f9;--paper:#fff;--ink:#16191d;--soft:#4d5661;--line:#8a939e;--edge:#d8dde3;--link:#0b57b0;
--yes:#0a6b3b;--no:#a4262c;--on:#fff;--wrong:#fdecec}
@media(prefers-color-scheme:dark){:root{--ground:#101317;--paper:#1a1f25;--ink:#eef1f4;--soft:#b3bcc6;--line:#7a8490;--edge:#363e47;
--link:#8ec2ff;--yes:#7fdca6;--no:#ff9d9d;--on:#101317;--wrong:#3a1d1f}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{max-width:42rem;margin:2rem auto;padding:1.5rem;background:var(--paper);border:1px solid var(--edge);border-radius:.75rem}
h1{font-size:1.5rem;line-height:1.25;margin:.25rem 0 1rem;overflow-wrap:anywhere}
h2{font-size:1.125rem;margin:0 0 .5rem}
.facts,.note{color:var(--soft);font-size:.9rem;margin:.25rem 0}
.message{white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 1rem}
dl{margin:0 0 1rem}dl div{display:flex;gap:1rem;padding:.25rem 0;border-bottom:1px solid var(--edge)}
dt{flex:0 0 35%;color:var(--soft);overflow-wrap:anywhere}dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}
pre{overflow:auto;max-height:24rem;padding:.75rem;border:1px solid var(--line);border-radius:.5rem;font-size:.875rem}
fieldset{border:1px solid var(--edge);border-radius:.5rem;margin:0 0 1.25rem;padding:.5rem 1rem 1rem}
fieldset>:last-child{margin-bottom:0}fieldset>.note{margin:0 0 .75rem}
legend{font-weight:600;padding:0 .25rem}
.field{margin:0 0 1rem}.field>label:not(.choice){display:block;font-weight:600;margin-bottom:.25rem}
.choice{display:flex;gap:.5rem;align-items:baseline;padding:.375rem 0}
.needed{font-weight:400;font-size:.9rem;color:var(--soft)}
input:not([type=checkbox],[type=radio]),select,textarea{width:100%;min-height:2.75rem;padding:.5rem .625rem;font:inherit;
color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:.375rem}
textarea.code{font-family:ui-monospace,monospace;font-size:.875rem}
input[type=checkbox],input[type=radio]{width:1.125rem;height:1.125rem;flex:none}
[aria-invalid=true]{border:2px solid var(--no)!important}
.buttons{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.25rem 0 .75rem}
button{min-height:2.75rem;padding:.5rem 1.25rem;font:inherit;font-weight:600;cursor:pointer;color:var(--ink);
background:var(--paper);border:2px solid var(--line);border-radius:.5rem}
button.yes{background:var(--yes);border-color:var(--yes);color:var(--on)}
button.no{border-color:var(--no);color:var(--no)}
button[disabled]{opacity:.6;cursor:default}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.problems{background:var(--wrong);border-left:4px solid var(--no);padding:.75rem 1rem;margin:0 0 1rem}
.problems ul{margin:0;padding-left:1.25rem}
.outcome{border-left:4px solid var(--yes);padding:.25rem 1rem;margin:1rem 0}
@media(max-width:44rem){main{margin:0;border:0;border-radius:0;min-height:100vh}dl div{display:block}button{width:100%}}
`;
