// The form of an INPUT as a modal of Slack's: what of JSON Schema its inputs can hold, and what they say when they are
// sent. A form that they cannot hold is filled in on the page.
import { fromBase64, toBase64, utf8 } from "../encoding.ts";
import { isObject, type JsonObject, list, record } from "../json.ts";
import { hmac, hmacMatches } from "../signatures/hmac.ts";
import { fitted, oneLine, plain } from "./message.ts";

// docs.slack.dev, views and block elements
export const viewLimits = {
  title: 24,
  blocks: 100,
  privateMetadata: 3000,
  callbackId: 255,
  blockId: 255,
  label: 2000,
  hint: 2000,
  text: 3000,
  options: 100,
  optionText: 75,
  optionValue: 150,
  bytes: 250_000,
};
const mostFields = 50;
const mostName = 200;

export interface Form {
  interactionId: string;
  title: string;
  text: string;
  /** Proposals for fields of the same name. */
  data: unknown;
  schema: unknown;
  /** Of a question that everybody in a channel may answer. */
  place?: FormPlace;
}

/** Where we opened a form and for whom, and the proof of it: others who have the bot's token can open views, too. */
export interface FormPlace {
  channel: string;
  user: string;
  proof: string;
}

export interface FormView {
  type: "modal";
  [field: string]: unknown;
}

type Kind = "string" | "text" | "number" | "integer" | "boolean" | "enum" | "list" | "date" | "time" | "email" | "url";

const plainText = (text: string, limit: number) => ({ type: "plain_text", text: fitted(text, limit), emoji: false });

/** Null where Slack's inputs cannot hold the form. */
export function slackForm({ interactionId, title, text, data, schema, place }: Form): FormView | null {
  const properties = Object.entries(record(record(schema).properties));
  if (properties.length === 0 || properties.length > mostFields) return null;
  const required = list(record(schema).required);
  const given = record(data);
  const fields = properties.map(([name, property]) =>
    isObject(property) && name.length <= mostName
      ? input(name, property, required.includes(name), Object.hasOwn(given, name) ? given[name] : property.default)
      : null
  );
  if (fields.some((field) => field === null)) return null;
  const view: FormView = {
    type: "modal",
    callback_id: "hil:form",
    private_metadata: JSON.stringify({ interaction_id: interactionId, ...place }),
    title: plainText(title, viewLimits.title),
    submit: plainText("Send", viewLimits.title),
    close: plainText("Cancel", viewLimits.title),
    blocks: [
      // a title of 24 characters seldom says it all
      { type: "section", text: plainText(text ? `${title}\n\n${text}` : title, viewLimits.text) },
      ...fields,
      {
        type: "input",
        block_id: commentBlock,
        optional: true,
        label: plainText("Comment", viewLimits.label),
        element: { type: "plain_text_input", action_id: "comment", multiline: true, max_length: 3000 },
      },
    ],
  };
  return JSON.stringify(view).length <= viewLimits.bytes / 4 ? view : null;
}

const commentBlock = "hil:comment";
const blockOf = (name: string) => `hil:field:${name}`;

function input(name: string, schema: JsonObject, required: boolean, initial: unknown): unknown {
  const kind = kindOf(schema);
  const element = kind && elementOf(kind, schema, initial);
  if (!element) return null;
  const hint = typeof schema.description === "string" ? plain(schema.description).trim() : "";
  return {
    type: "input",
    block_id: blockOf(name),
    // of a box both is an answer
    optional: !required || kind === "boolean",
    label: plainText(oneLine(String(schema.title ?? "")) || oneLine(name) || "Answer", viewLimits.label),
    ...(hint && { hint: plainText(hint, viewLimits.hint) }),
    element: { action_id: kind, ...element },
  };
}

function kindOf(schema: JsonObject): Kind | null {
  const types = [schema.type].flat().filter((type) => type !== "null");
  if (types.length > 1) return null;
  const [type] = types;
  if (choicesOf(schema)) return "enum";
  if (type === "array") return isObject(schema.items) && choicesOf(schema.items) ? "list" : null;
  if (type === "boolean" || type === "number" || type === "integer") return type;
  if (type !== "string") return null;
  const { format } = schema;
  if (format === "date" || format === "time" || format === "email") return format;
  if (format === "uri" || format === "url") return "url";
  return format === "textarea" || format === "multiline" || Number(schema.maxLength) > 200 ? "text" : "string";
}

function choicesOf(schema: JsonObject): { value: unknown; label: unknown }[] | null {
  if (Array.isArray(schema.enum)) {
    const names = list(schema.enumNames);
    return schema.enum.map((value, i) => ({ value, label: names[i] ?? value }));
  }
  if (!Array.isArray(schema.oneOf) || !schema.oneOf.every((one) => isObject(one) && "const" in one)) return null;
  return schema.oneOf.map((one) => ({ value: one.const, label: one.title ?? one.const }));
}

/** A value is its JSON, so that it comes back as what it was. Null where the menu cannot hold them. */
function optionsOf(choices: { value: unknown; label: unknown }[]) {
  const values = choices.map(({ value }) => JSON.stringify(value));
  const fits = choices.length > 0 && choices.length <= viewLimits.options &&
    values.every((value) => value.length <= viewLimits.optionValue) && new Set(values).size === values.length;
  return fits
    ? choices.map(({ value, label }, i) => ({
      text: plainText(oneLine(typeof label === "object" ? values[i]! : String(label)) || "-", viewLimits.optionText),
      value: JSON.stringify(value),
    }))
    : null;
}

function elementOf(kind: Kind, schema: JsonObject, initial: unknown): JsonObject | null {
  const text = typeof initial === "string" && initial !== "" && initial.length <= viewLimits.text ? initial : null;
  switch (kind) {
    case "number":
    case "integer": {
      const limit = (name: string, value: unknown) => typeof value === "number" ? { [name]: decimal(value) } : {};
      return {
        type: "number_input",
        is_decimal_allowed: kind === "number",
        ...limit("min_value", schema.minimum),
        ...limit("max_value", schema.maximum),
        ...limit("initial_value", initial),
      };
    }
    case "boolean": {
      const options = [{ text: plainText("Yes", viewLimits.optionText), value: "true" }];
      return { type: "checkboxes", options, ...(initial === true && { initial_options: options }) };
    }
    case "enum": {
      const options = optionsOf(choicesOf(schema)!);
      const chosen = options?.find(({ value }) => value === JSON.stringify(initial));
      return options && { type: "static_select", options, ...(chosen && { initial_option: chosen }) };
    }
    case "list": {
      const options = optionsOf(choicesOf(record(schema.items))!);
      const values = list(initial).map((one) => JSON.stringify(one));
      const chosen = options?.filter(({ value }) => values.includes(value)) ?? [];
      const most = typeof schema.maxItems === "number" && schema.maxItems >= 1 ? schema.maxItems : null;
      return options && {
        type: "multi_static_select",
        options,
        ...(chosen.length > 0 && { initial_options: chosen }),
        ...(most && { max_selected_items: most }),
      };
    }
    case "date":
      return { type: "datepicker", ...(text && isDate(text) && { initial_date: text }) };
    case "time":
      return { type: "timepicker", ...(text && /^([01]\d|2[0-3]):[0-5]\d$/.test(text) && { initial_time: text }) };
    case "email":
    case "url":
      return { type: `${kind}_text_input`, ...(text && { initial_value: text }) };
  }
  const length = (value: unknown, least: number) =>
    typeof value === "number" && value >= least ? Math.min(value, viewLimits.text) : null;
  const [least, most] = [length(schema.minLength, 0), length(schema.maxLength, 1)];
  return {
    type: "plain_text_input",
    multiline: kind === "text",
    ...(least !== null && { min_length: least }),
    ...(most !== null && { max_length: most }),
    ...(text && (most === null || text.length <= most) && { initial_value: text }),
  };
}

/** 0.0000001, not 1e-7 */
const decimal = (value: number) => value.toLocaleString("en", { useGrouping: false, maximumFractionDigits: 20 });

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}

// -- what it says -------------------------------------------------------------------------------------------------------

export interface SlackFormAnswer {
  interaction_id: string;
  decision: "answer";
  data: JsonObject;
  comment?: string;
}

/** What a view_submission says, once its signature was verified; null of modals that are none of ours. */
export function readSlackForm(payload: JsonObject): SlackFormAnswer | null {
  const view = record(payload.view);
  if (payload.type !== "view_submission" || view.callback_id !== "hil:form") return null;
  const interaction_id = interactionOf(view.private_metadata);
  if (!interaction_id) return null;
  const data: JsonObject = {};
  let comment = "";
  for (const [block, inputs] of Object.entries(record(record(view.state).values))) {
    for (const [kind, input] of Object.entries(record(inputs))) {
      const value = valueOf(kind, record(input));
      if (block === commentBlock) comment = typeof value === "string" ? value.trim() : "";
      else if (value !== undefined && block.startsWith(blockOf(""))) {
        // a field may be called __proto__
        const name = block.slice(blockOf("").length);
        Object.defineProperty(data, name, { value, enumerable: true, configurable: true, writable: true });
      }
    }
  }
  return { interaction_id, decision: "answer", data, ...(comment && { comment }) };
}

function interactionOf(metadata: unknown): string | null {
  const { interaction_id } = record(parsed(metadata));
  return typeof interaction_id === "string" ? interaction_id : null;
}

const placeText = (interactionId: unknown, channel: unknown, user: unknown) =>
  utf8(JSON.stringify(["hil:form", interactionId, channel, user]));

/** `secret` is the app's signing secret. */
export async function formPlace(
  secret: string,
  interactionId: string,
  channel: string,
  user: string,
): Promise<FormPlace> {
  const proof = toBase64(await hmac("SHA-256", utf8(secret), placeText(interactionId, channel, user)));
  return { channel, user, proof };
}

/** The channel in which who sends a form has opened it, which Slack does not say; null where we did not open it there. */
export async function formChannel(secrets: string[], payload: JsonObject): Promise<string | null> {
  const { interaction_id, channel, proof } = record(parsed(record(payload.view).private_metadata));
  const mac = typeof proof === "string" ? fromBase64(proof) : null;
  if (typeof channel !== "string" || !mac) return null;
  const text = placeText(interaction_id, channel, record(payload.user).id);
  return await hmacMatches("SHA-256", secrets.map(utf8), text, [mac]) ? channel : null;
}

/** Undefined of what was left empty. */
function valueOf(kind: string, input: JsonObject): unknown {
  const values = list(input.selected_options).map((option) => parsed(record(option).value));
  switch (kind) {
    case "boolean":
      return values.includes(true);
    case "list":
      return values.length > 0 ? values : undefined;
    case "enum":
      return parsed(record(input.selected_option).value);
    case "date":
      return input.selected_date ?? undefined;
    case "time":
      return input.selected_time ?? undefined;
  }
  const { value } = input;
  if (typeof value !== "string" || value === "") return undefined;
  // what is no number is told by the schema
  if (kind === "number" || kind === "integer") return Number.isFinite(Number(value)) ? Number(value) : value;
  return value;
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** What is wrong, below the inputs that it is about: Slack keeps the modal open. */
export function formErrors(
  problems: readonly { message: string; path: string }[],
  payload: JsonObject,
): Record<string, string> | null {
  const blocks = list(record(payload.view).blocks).map((block) => record(block).block_id)
    .filter((id): id is string => typeof id === "string" && id.startsWith(blockOf("")));
  const errors: Record<string, string> = {};
  for (const { message, path } of problems) {
    const name = fieldOf(path);
    const block = name !== null && blocks.includes(blockOf(name)) ? blockOf(name) : blocks[0];
    if (block === undefined) return null;
    errors[block] ??= fitted(oneLine(message) || "This does not fit", 2000);
  }
  return Object.keys(errors).length > 0 ? errors : null;
}

/** amount of $.data.amount, and of $.data."order id"[0] it is order id. */
function fieldOf(path: string): string | null {
  const match = /^\$\.data\.(?:([A-Za-z_]\w*)|("(?:[^"\\]|\\.)*"))/.exec(path);
  return match ? match[1] ?? JSON.parse(match[2]!) : null;
}
