// A Slack on loopback for tests: takes what the real one takes, by its documented limits, and answers like it.
import { slackLimits } from "./slack.ts";
import { viewLimits } from "./slack_form.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

export interface SlackPost {
  channel: string;
  ts: string;
  text: string;
  blocks: Json[];
  thread_ts?: string;
  reply_broadcast?: boolean;
  edited: boolean;
}

export interface FakeSlack extends AsyncDisposable {
  /** What an integration's api_url is set to. */
  url: string;
  host: string;
  posts: SlackPost[];
  calls: { method: string; body: Json }[];
  /** Answers the next calls in place of Slack, one each. */
  next: ((method: string) => Response | null)[];
  /** A click or a choice, as a block_actions payload; `value` of a select is its option's. */
  click(post: SlackPost, verb: string, user?: string, values?: string[]): Json;
  /** Modals that were opened, the newest last. */
  views: { id: string; user: string; view: Json }[];
  /**
   * What Slack sends of a modal that was filled in, by the labels of its inputs; it throws where Slack itself would not
   * let its user send it.
   */
  submit(opened: { id: string; user: string; view: Json }, filled: Record<string, unknown>): Json;
}

const knownUsers = /^[UW][A-Z0-9]{2,20}$/;
const knownChannels = /^[CDG][A-Z0-9]{2,20}$|^#[a-z0-9_-]{1,80}$/;

export function fakeSlack(token = "xoxb-test-token", team = "T0TEAM"): FakeSlack {
  const posts: SlackPost[] = [];
  const calls: FakeSlack["calls"] = [];
  const next: FakeSlack["next"] = [];
  const views: FakeSlack["views"] = [];
  const triggers = new Map<string, { user: string; at: number; used: boolean }>();
  const newTrigger = (user: string) => {
    const id = `${Date.now()}.${triggers.size + 1}.${crypto.randomUUID().replaceAll("-", "")}`;
    triggers.set(id, { user, at: Date.now(), used: false });
    return id;
  };
  const refuse = (error: string, more: Json = {}) => Response.json({ ok: false, error, ...more });

  const methods: Record<string, (body: Json) => Response> = {
    "chat.postMessage"(body) {
      const problem = problemOf(body);
      if (problem) return problem;
      const { channel, text = "", blocks = [], thread_ts, reply_broadcast } = body;
      if (!knownUsers.test(channel) && !knownChannels.test(channel)) return refuse("channel_not_found");
      if (reply_broadcast && !thread_ts) return refuse("invalid_arguments");
      // who is named is written to in a channel of her own
      const place = knownUsers.test(channel) ? `D${channel.slice(1)}` : channel.startsWith("#") ? "C0NAMED" : channel;
      // Slack takes an unknown thread for none; here it is a fault of ours
      if (thread_ts && !posts.some((post) => post.channel === place && post.ts === thread_ts)) {
        return refuse("thread_not_found");
      }
      const ts = `17${String(posts.length + 1).padStart(8, "0")}.${String(posts.length + 100).padStart(6, "0")}`;
      posts.push({
        channel: place,
        ts,
        text,
        blocks,
        ...(thread_ts && { thread_ts }),
        ...(reply_broadcast && { reply_broadcast }),
        edited: false,
      });
      return Response.json({ ok: true, channel: place, ts, message: { type: "message", text, blocks, ts, team } });
    },
    "chat.update"(body) {
      const problem = problemOf(body);
      if (problem) return problem;
      // unlike chat.postMessage it takes the channel's id only
      if (!/^[CDG][A-Z0-9]+$/.test(String(body.channel))) return refuse("channel_not_found");
      const post = posts.find((one) => one.channel === body.channel && one.ts === body.ts);
      if (!post) return refuse("message_not_found");
      Object.assign(post, { text: body.text, blocks: body.blocks ?? [], edited: true });
      return Response.json({
        ok: true,
        channel: post.channel,
        ts: post.ts,
        text: post.text,
        message: { blocks: post.blocks },
      });
    },
    "views.open"(body) {
      const trigger = triggers.get(body.trigger_id);
      if (!trigger) return refuse("invalid_arguments", { response_metadata: { messages: ["invalid `trigger_id`"] } });
      if (trigger.used) return refuse("exchanged_trigger_id");
      if (Date.now() - trigger.at > 3_000) return refuse("expired_trigger_id");
      if (JSON.stringify(body.view ?? null).length > viewLimits.bytes) return refuse("view_too_large");
      const problems = viewProblems(body.view);
      if (problems.length > 0) return refuse("invalid_arguments", { response_metadata: { messages: problems } });
      trigger.used = true;
      const opened = { id: `V${String(views.length + 1).padStart(8, "0")}`, user: trigger.user, view: body.view };
      views.push(opened);
      return Response.json({ ok: true, view: { ...body.view, id: opened.id, hash: "1.a", state: { values: {} } } });
    },
  };

  function problemOf({ text, blocks }: Json): Response | null {
    if (typeof text !== "string" && blocks === undefined) return refuse("no_text");
    if (typeof text === "string" && text.length > 40_000) return refuse("msg_too_long");
    const problems = blocks === undefined ? [] : blockProblems(blocks);
    return problems.length > 0 ? refuse("invalid_blocks", { response_metadata: { messages: problems } }) : null;
  }

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const method = new URL(request.url).pathname.replace(/^\/api\//, "");
    const given = await request.text();
    const special = next.shift()?.(method);
    if (special) return special;
    if (request.method !== "POST" || !Object.hasOwn(methods, method)) return refuse("unknown_method");
    const bearer = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    if (!bearer) return refuse("not_authed");
    if (bearer !== token) return refuse("invalid_auth");
    if (request.headers.get("content-type") !== "application/json; charset=utf-8") return refuse("missing_charset");
    let body: Json;
    try {
      body = JSON.parse(given);
    } catch {
      return refuse("invalid_json");
    }
    calls.push({ method, body });
    return methods[method]!(body);
  });
  const host = `127.0.0.1:${server.addr.port}`;

  return {
    url: `http://${host}/api`,
    host,
    posts,
    calls,
    next,
    views,
    submit({ id, user, view }, filled) {
      const values: Json = {};
      const left = new Set(Object.keys(filled));
      for (const block of view.blocks) {
        if (block.type !== "input") continue;
        const label = block.label.text;
        left.delete(label);
        const state = inputState(block.element, Object.hasOwn(filled, label) ? filled[label] : undefined, label);
        const isEmpty = [state.value, state.selected_option, state.selected_date, state.selected_time]
          .every((one) => one === null || one === undefined) && !(state.selected_options?.length > 0);
        if (isEmpty && !block.optional) throw new Error(`${label} is required`);
        values[block.block_id] = { [block.element.action_id]: state };
      }
      if (left.size > 0) throw new Error(`The form has no ${[...left].join(", ")}`);
      return {
        type: "view_submission",
        team: { id: team, domain: "test" },
        user: { id: user, username: user.toLowerCase(), team_id: team },
        api_app_id: "A0APP",
        trigger_id: newTrigger(user),
        view: { ...view, id, team_id: team, hash: "1.a", state: { values } },
        response_urls: [],
      };
    },
    click(post, verb, user = "U0ANA", values = []) {
      const elements: Json[] = post.blocks.flatMap((block) => [
        ...(block.elements ?? []).map((element: Json) => ({ ...element, block_id: block.block_id })),
        ...(block.accessory ? [{ ...block.accessory, block_id: block.block_id }] : []),
      ]);
      const element = elements.find(({ action_id }) => String(action_id).startsWith(`hil:${verb}:`));
      if (!element) throw new Error(`The message has no ${verb}`);
      const menu = elements.find(({ type }) => type === "multi_static_select");
      const chosen = (from: Json) => values.map((value) => from.options.find((option: Json) => option.value === value));
      return {
        type: "block_actions",
        user: { id: user, username: user.toLowerCase(), team_id: team },
        api_app_id: "A0APP",
        team: { id: team, domain: "test" },
        container: { type: "message", message_ts: post.ts, channel_id: post.channel, is_ephemeral: false },
        channel: { id: post.channel, name: "test" },
        message: {
          ts: post.ts,
          text: post.text,
          blocks: post.blocks,
          ...(post.thread_ts && { thread_ts: post.thread_ts }),
        },
        state: {
          values: menu
            ? { [menu.block_id]: { [menu.action_id]: { type: menu.type, selected_options: chosen(menu) } } }
            : {},
        },
        response_url: "https://hooks.slack.com/actions/T0TEAM/1/x",
        trigger_id: newTrigger(user),
        actions: [{
          type: element.type,
          action_id: element.action_id,
          block_id: element.block_id,
          ...(element.type === "button" && { value: element.value, text: element.text }),
          ...(element.type === "static_select" && { selected_option: chosen(element)[0] }),
          action_ts: post.ts,
        }],
      };
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

// -- Block Kit ----------------------------------------------------------------------------------------------------------

/** What Slack would refuse in blocks; empty where it takes them. */
export function blockProblems(blocks: Json): string[] {
  const problems: string[] = [];
  const say = (path: string, what: string) => problems.push(`[ERROR] ${what} [json-pointer:${path}]`);
  const only = (path: string, value: Json, ...names: string[]) => {
    for (const name of Object.keys(value)) if (!names.includes(name)) say(`${path}/${name}`, "additional property");
  };
  const length = (path: string, text: unknown, most: number) => {
    if (typeof text !== "string" || text.length < 1) return say(path, "must be a string that is not empty");
    if (text.length > most) say(path, `must be less than ${most + 1} characters`);
  };
  const text = (path: string, value: Json, most: number, types = ["plain_text"]) => {
    if (typeof value !== "object" || value === null) return say(path, "missing text");
    only(path, value, "type", "text", ...(value.type === "plain_text" ? ["emoji"] : ["verbatim"]));
    if (!types.includes(value.type)) say(path, `unsupported type: ${value.type}`);
    length(`${path}/text`, value.text, most);
    // a bare ampersand or bracket of what was written by others
    if (value.type === "mrkdwn" && /&(?!(amp|lt|gt);)/.test(value.text)) say(path, "unescaped &");
  };
  const ids = new Set<string>();
  const actionId = (path: string, value: Json) => {
    length(`${path}/action_id`, value.action_id, slackLimits.actionId);
    if (ids.has(value.action_id)) say(path, "action_id already exists");
    ids.add(value.action_id);
  };
  const confirm = (path: string, value: Json) => {
    only(path, value, "title", "text", "confirm", "deny", "style");
    text(`${path}/title`, value.title, 100);
    text(`${path}/text`, value.text, 300, ["plain_text", "mrkdwn"]);
    text(`${path}/confirm`, value.confirm, 30);
    text(`${path}/deny`, value.deny, 30);
  };
  const element = (path: string, value: Json, allowed: string[]) => {
    if (!allowed.includes(value?.type)) return say(path, `unsupported element: ${value?.type}`);
    actionId(path, value);
    if (value.type === "button") {
      only(path, value, "type", "action_id", "text", "value", "url", "style", "confirm", "accessibility_label");
      text(`${path}/text`, value.text, slackLimits.buttonText);
      if (value.value !== undefined) length(`${path}/value`, value.value, slackLimits.buttonValue);
      if (value.url !== undefined) {
        length(`${path}/url`, value.url, slackLimits.url);
        if (!URL.canParse(value.url)) say(`${path}/url`, "is no URL");
      }
      if (value.style !== undefined && !["primary", "danger"].includes(value.style)) {
        say(`${path}/style`, "unknown style");
      }
      return;
    }
    only(path, value, "type", "action_id", "placeholder", "options", "confirm", "focus_on_load", "max_selected_items");
    if (value.placeholder) text(`${path}/placeholder`, value.placeholder, 150);
    if (value.confirm) confirm(`${path}/confirm`, value.confirm);
    const options: Json[] = Array.isArray(value.options) ? value.options : [];
    if (options.length < 1 || options.length > slackLimits.options) say(`${path}/options`, "must have 1 to 100 items");
    options.forEach((option, i) => {
      only(`${path}/options/${i}`, option, "text", "value", "description", "url");
      text(`${path}/options/${i}/text`, option.text, slackLimits.optionText);
      length(`${path}/options/${i}/value`, option.value, slackLimits.optionValue);
    });
    if (new Set(options.map((option) => option.value)).size < options.length) say(path, "values must be unique");
  };

  if (!Array.isArray(blocks)) return ["[ERROR] blocks is no array"];
  if (blocks.length < 1 || blocks.length > slackLimits.blocks) say("/blocks", "no more than 50 items allowed");
  const blockIds = new Set<string>();
  blocks.forEach((block, i) => {
    const path = `/blocks/${i}`;
    if (block.block_id !== undefined) {
      length(`${path}/block_id`, block.block_id, 255);
      if (blockIds.has(block.block_id)) say(path, "block_id already exists");
      blockIds.add(block.block_id);
    }
    if (block.type === "header") {
      only(path, block, "type", "block_id", "text");
      text(`${path}/text`, block.text, slackLimits.headerText);
    } else if (block.type === "section") {
      only(path, block, "type", "block_id", "text", "fields", "accessory", "expand");
      if (!block.text && !block.fields) say(path, "needs text or fields");
      if (block.text) text(`${path}/text`, block.text, slackLimits.sectionText, ["plain_text", "mrkdwn"]);
      if (block.fields) {
        if (block.fields.length < 1 || block.fields.length > 10) say(`${path}/fields`, "must have 1 to 10 items");
        block.fields.forEach((field: Json, at: number) =>
          text(`${path}/fields/${at}`, field, slackLimits.fieldText, ["plain_text", "mrkdwn"])
        );
      }
      if (block.accessory) {
        element(`${path}/accessory`, block.accessory, ["button", "static_select", "multi_static_select"]);
      }
    } else if (block.type === "context") {
      only(path, block, "type", "block_id", "elements");
      if (block.elements.length < 1 || block.elements.length > 10) say(`${path}/elements`, "must have 1 to 10 items");
      block.elements.forEach((one: Json, at: number) =>
        text(`${path}/elements/${at}`, one, slackLimits.sectionText, ["plain_text", "mrkdwn"])
      );
    } else if (block.type === "actions") {
      only(path, block, "type", "block_id", "elements");
      if (block.elements.length < 1 || block.elements.length > 25) say(`${path}/elements`, "must have 1 to 25 items");
      // a menu of several belongs to a section
      block.elements.forEach((one: Json, at: number) =>
        element(`${path}/elements/${at}`, one, ["button", "static_select"])
      );
    } else if (block.type === "divider") only(path, block, "type", "block_id");
    else say(path, `unsupported type: ${block.type}`);
  });
  return problems;
}

// -- modals -------------------------------------------------------------------------------------------------------------

/** What Slack would refuse in a view. */
export function viewProblems(view: Json): string[] {
  const problems: string[] = [];
  const say = (path: string, what: string) => problems.push(`[ERROR] ${what} [json-pointer:/view${path}]`);
  const only = (path: string, value: Json, ...names: string[]) => {
    for (const name of Object.keys(value)) if (!names.includes(name)) say(`${path}/${name}`, "additional property");
  };
  const length = (path: string, text: unknown, most: number, least = 1) => {
    if (typeof text !== "string" || text.length < least) return say(path, "must be a string that is not empty");
    if (text.length > most) say(path, `must be less than ${most + 1} characters`);
  };
  const text = (path: string, value: Json, most: number) => {
    if (value?.type !== "plain_text") return say(path, "must be plain_text");
    only(path, value, "type", "text", "emoji");
    length(`${path}/text`, value.text, most);
  };
  const options = (path: string, given: Json, most: number, initial: Json[] = []) => {
    if (!Array.isArray(given) || given.length < 1 || given.length > most) {
      return say(path, `must have 1 to ${most} items`);
    }
    given.forEach((option: Json, i: number) => {
      only(`${path}/${i}`, option, "text", "value", "description");
      text(`${path}/${i}/text`, option.text, viewLimits.optionText);
      length(`${path}/${i}/value`, option.value, viewLimits.optionValue);
    });
    if (new Set(given.map(({ value }: Json) => value)).size < given.length) say(path, "values must be unique");
    const known = given.map((option: Json) => JSON.stringify(option));
    if (initial.some((one) => !known.includes(JSON.stringify(one)))) {
      say(path, "initial option is not among the options");
    }
  };
  const number = (path: string, value: unknown) => {
    if (value !== undefined && (typeof value !== "string" || !/^-?\d+(\.\d+)?$/.test(value))) {
      say(path, "must be a number");
    }
  };
  const element = (path: string, value: Json) => {
    length(`${path}/action_id`, value?.action_id, 255);
    switch (value?.type) {
      case "plain_text_input":
        only(path, value, "type", "action_id", "multiline", "min_length", "max_length", "initial_value", "placeholder");
        if (value.min_length !== undefined && !(value.min_length >= 0 && value.min_length <= 3000)) {
          say(path, "min_length");
        }
        if (value.max_length !== undefined && !(value.max_length >= 1 && value.max_length <= 3000)) {
          say(path, "max_length");
        }
        if (value.min_length > value.max_length) say(path, "min_length must not be more than max_length");
        if (value.initial_value !== undefined) {
          length(`${path}/initial_value`, value.initial_value, value.max_length ?? 3000);
        }
        return;
      case "number_input":
        only(path, value, "type", "action_id", "is_decimal_allowed", "min_value", "max_value", "initial_value");
        if (typeof value.is_decimal_allowed !== "boolean") say(path, "is_decimal_allowed is missing");
        for (const name of ["min_value", "max_value", "initial_value"]) number(`${path}/${name}`, value[name]);
        return;
      case "checkboxes":
        only(path, value, "type", "action_id", "options", "initial_options");
        return options(`${path}/options`, value.options, 10, value.initial_options);
      case "static_select":
        only(path, value, "type", "action_id", "options", "initial_option", "placeholder");
        return options(`${path}/options`, value.options, 100, value.initial_option ? [value.initial_option] : []);
      case "multi_static_select":
        only(path, value, "type", "action_id", "options", "initial_options", "max_selected_items", "placeholder");
        if (value.max_selected_items !== undefined && !(value.max_selected_items >= 1)) say(path, "max_selected_items");
        return options(`${path}/options`, value.options, 100, value.initial_options);
      case "datepicker":
        only(path, value, "type", "action_id", "initial_date", "placeholder");
        if (value.initial_date !== undefined && !/^\d{4}-\d\d-\d\d$/.test(value.initial_date)) {
          say(path, "initial_date");
        }
        return;
      case "timepicker":
        only(path, value, "type", "action_id", "initial_time", "placeholder");
        if (value.initial_time !== undefined && !/^\d\d:\d\d$/.test(value.initial_time)) say(path, "initial_time");
        return;
      case "email_text_input":
      case "url_text_input":
        return only(path, value, "type", "action_id", "initial_value", "placeholder");
    }
    say(path, `unsupported element: ${value?.type}`);
  };

  if (typeof view !== "object" || view === null || view.type !== "modal") return ["[ERROR] the view is no modal"];
  only("", view, "type", "callback_id", "private_metadata", "title", "submit", "close", "blocks");
  text("/title", view.title, viewLimits.title);
  text("/submit", view.submit, viewLimits.title);
  text("/close", view.close, viewLimits.title);
  length("/callback_id", view.callback_id, viewLimits.callbackId);
  length("/private_metadata", view.private_metadata, viewLimits.privateMetadata, 0);
  const blocks: Json[] = Array.isArray(view.blocks) ? view.blocks : [];
  if (blocks.length < 1 || blocks.length > viewLimits.blocks) say("/blocks", "no more than 100 items allowed");
  if (!blocks.some(({ type }) => type === "input")) say("/submit", "nothing to submit");
  const ids = new Set<string>();
  blocks.forEach((block, i) => {
    const path = `/blocks/${i}`;
    if (block.type === "section") {
      only(path, block, "type", "block_id", "text");
      return text(`${path}/text`, block.text, viewLimits.text);
    }
    if (block.type !== "input") return say(path, `unsupported type: ${block.type}`);
    only(path, block, "type", "block_id", "optional", "label", "hint", "element");
    length(`${path}/block_id`, block.block_id, viewLimits.blockId);
    if (ids.has(block.block_id)) say(path, "block_id already exists");
    ids.add(block.block_id);
    text(`${path}/label`, block.label, viewLimits.label);
    if (block.hint) text(`${path}/hint`, block.hint, viewLimits.hint);
    element(`${path}/element`, block.element);
  });
  return problems;
}

/** What an input says when it is sent; undefined leaves it as the modal shows it, null empties it. */
function inputState(element: Json, given: unknown, label: string): Json {
  const { type } = element;
  const initial = (name: string) => given === undefined ? element[name] ?? null : given;
  const option = (value: unknown) => {
    const found = element.options.find((one: Json) => one.value === value || one.text.text === value);
    if (!found) throw new Error(`${label} has no ${value}`);
    return found;
  };
  if (type === "datepicker") return { type, selected_date: initial("initial_date") };
  if (type === "timepicker") return { type, selected_time: initial("initial_time") };
  if (type === "static_select") {
    const chosen = given === undefined ? element.initial_option ?? null : given === null ? null : option(given);
    return { type, selected_option: chosen };
  }
  if (type === "checkboxes" || type === "multi_static_select") {
    const chosen = given === undefined ? element.initial_options ?? [] : [given ?? []].flat().map(option);
    if (chosen.length > (element.max_selected_items ?? Infinity)) throw new Error(`${label} takes fewer`);
    return { type, selected_options: chosen };
  }
  const value = initial("initial_value");
  if (value === null) return { type, value };
  if (typeof value !== "string") throw new Error(`${label} is typed in`);
  if (value.length > (element.max_length ?? 3000) || value.length < (element.min_length ?? 0)) {
    throw new Error(`${label} has the wrong length`);
  }
  if (type === "number_input") {
    if (!(element.is_decimal_allowed ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/).test(value)) {
      throw new Error(`${label} is a number`);
    }
    if (
      Number(value) < Number(element.min_value ?? -Infinity) || Number(value) > Number(element.max_value ?? Infinity)
    ) {
      throw new Error(`${label} is out of range`);
    }
  }
  if (type === "email_text_input" && !/^\S+@\S+$/.test(value)) throw new Error(`${label} is an address`);
  if (type === "url_text_input" && !URL.canParse(value)) throw new Error(`${label} is a URL`);
  return { type, value };
}
