// What becomes of each type of n8n's nodes. A type that is not here, or that asks for something that has no
// counterpart, becomes a placeholder with the reason.
import { filterPredicate, groupedPredicate, oldComparison } from "./conditions.ts";
import { plain, type Shape, type Step, type Translator, Untranslatable, wholePath } from "./expression.ts";
import { oldSchedule, schedule } from "./schedule.ts";
import { list, number, record, type SourceNode, text } from "./source.ts";

export interface Plan {
  type: string;
  subtype: string;
  /**
   * node: one node. set: one that adds to its input (three nodes). split: an item for each value. loop: until a
   * collecting merge. all: takes the items together. list: so, and gives a list.
   */
  form: "node" | "set" | "split" | "loop" | "all" | "list";
  /** Its regular outputs; what comes after them is n8n's error output. */
  outputs: number;
  /** Where an output of n8n leaves ours. */
  outputsOf?: (index: number) => number[];
  /** How its output lies: as its input, or so. */
  out: "input" | Shape | ((input: Shape) => Shape);
  parameters: (t: Translator) => Record<string, unknown>;
  /** Inputs must lie plainly: they are joined. */
  plainInput?: boolean;
  /** More triggers of the same kind. */
  more?: Record<string, unknown>[];
  disabled?: boolean;
  timeout?: number;
  retries?: boolean;
  notes: string[];
}

export interface Context {
  timezone: string | undefined;
  /** Whether what comes out of an appending merge runs item by item; else only the first goes on. */
  eachAppended: boolean;
  /** Our ids of other workflows, by n8n's. */
  workflows: Record<string, string>;
}

type Mapper = (node: SourceNode, context: Context) => Plan;

const passing = (subtype: string, parameters: Plan["parameters"], more: Partial<Plan> = {}): Plan => ({
  type: "FLOW",
  subtype,
  form: "node",
  outputs: 1,
  out: "input",
  parameters,
  notes: [],
  ...more,
});

const trigger = (subtype: string, parameters: Record<string, unknown>, more: Partial<Plan> = {}): Plan => ({
  type: "TRIGGER",
  subtype,
  form: "node",
  outputs: 1,
  out: plain,
  parameters: () => parameters,
  notes: [],
  ...more,
});

const manual: Mapper = () => trigger("MANUAL", {});

const scheduled = (rules: ReturnType<typeof schedule>): Plan => {
  const [first, ...more] = rules.map(({ parameters }) => parameters);
  return trigger("CRON", first!, {
    more,
    out: { path: [], renames: { timestamp: ["scheduled_at"], Timezone: ["timezone"] } },
    notes: [...new Set(rules.flatMap(({ notes }) => notes))],
  });
};

const webhookMethods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

function webhookPath(given: unknown, otherwise: string, notes: string[]): string {
  const path = text(given).replace(/^\/+|\/+$/g, "");
  if (/^(:?[A-Za-z0-9._~-]+)(\/:?[A-Za-z0-9._~-]+)*$/.test(path) && path.length <= 200) return path;
  const safe = (path || otherwise).replace(/[^A-Za-z0-9._~/:-]+/g, "-").replace(/\/+/g, "/").replace(
    /:+(?=[^A-Za-z])/g,
    "-",
  )
    .replace(/(?<!^|\/):/g, "-").slice(0, 200).replace(/^\/|\/$/g, "");
  const end = /^(:?[A-Za-z0-9._~-]+)(\/:?[A-Za-z0-9._~-]+)*$/.test(safe) ? safe : "hook";
  notes.push(`The path is ${end} here`);
  return end;
}

const webhook: Mapper = (node) => {
  const p = node.parameters;
  const notes: string[] = ["The URL is another: deploying answers it"];
  const given = list(p.httpMethod).length > 0 ? list(p.httpMethod).map(text) : [text(p.httpMethod) || "GET"];
  const several = given.length > 1;
  if (given.some((method) => !webhookMethods.includes(method))) {
    throw new Untranslatable(`A webhook takes ${webhookMethods.join(", ")}`, "parameters.httpMethod");
  }
  if (several) notes.push(`It takes every method here, not only ${given.join(", ")}`);
  const modes: Record<string, string> = { onReceived: "async", lastNode: "last_node", responseNode: "respond" };
  const authentication = text(p.authentication);
  const secured = authentication !== "" && authentication !== "none";
  if (secured) {
    notes.push(`It is disabled: ${authentication} has to be set up again, and until then anybody could call it`);
  }
  return trigger("WEBHOOK", {
    path: webhookPath(p.path, text(node.given.webhookId) || "hook", notes),
    method: several ? "ANY" : given[0],
    response_mode: modes[text(p.responseMode)] ?? "async",
  }, {
    notes,
    disabled: secured,
    // an output for each method
    outputsOf: () => [0],
    outputs: several ? given.length : 1,
  });
};

const chat: Mapper = (node) =>
  trigger("WEBHOOK", { path: "chat", method: "POST", response_mode: "last_node" }, {
    out: { path: ["body"] },
    notes: [
      "The chat's page is not there: post {chatInput, sessionId} to the URL that deploying answers",
      ...(node.parameters.public === true ? [] : ["It was only for its editor; here anybody may who knows its URL"]),
    ],
    disabled: record(node.parameters).authentication !== undefined && node.parameters.authentication !== "none",
  });

const form: Mapper = (node) => {
  const notes = ["The form's page is not there: post its fields to the URL that deploying answers"];
  const secured = text(node.parameters.authentication) !== "" && node.parameters.authentication !== "none";
  if (secured) notes.push("It is disabled until its authentication is set up again");
  return trigger("WEBHOOK", {
    path: webhookPath(node.parameters.path, text(node.given.webhookId) || "form", notes),
    method: "POST",
    response_mode: text(node.parameters.responseMode) === "lastNode" ? "last_node" : "async",
  }, { out: { path: ["body"] }, notes, disabled: secured });
};

/** A resource locator's value, or the value itself. */
function located(given: unknown): string {
  return text(record(given).value ?? given);
}

const github: Mapper = (node) => {
  const repository = [located(node.parameters.owner), located(node.parameters.repository)].join("/");
  if (!/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/.test(repository)) {
    throw new Untranslatable("owner and repository are no plain names", "parameters.repository");
  }
  const events = list(node.parameters.events).map(text).filter((event) => event !== "*");
  const all = events.length === 0 || list(node.parameters.events).includes("*");
  return trigger("GITHUB", { repository, ...(!all && { events }) }, {
    out: { path: [], renames: { body: ["payload"] } },
    notes: ["It needs an integration of GitHub"],
  });
};

const slack: Mapper = (node) => {
  const given = node.parameters.trigger;
  const events = (Array.isArray(given) ? given : [given]).map(text).filter((event) => event !== "");
  const names: Record<string, string> = {
    new_channel_created: "channel_created",
    new_public_channel: "channel_created",
    new_user: "team_join",
    reaction: "reaction_added",
  };
  const channel = located(node.parameters.channelId);
  const channels = /^[A-Z0-9]+$/.test(channel) ? { channels: [channel] } : {};
  const all = events.length === 0 || events.includes("any_event");
  const each = all ? [channels] : events.map((event) => ({ event: names[event] ?? event, ...channels }));
  if (each.some((one) => "event" in one && !/^[a-z_.]+$/.test(one.event as string))) {
    throw new Untranslatable("The event has another name", "parameters.trigger");
  }
  return trigger("SLACK", each[0]!, {
    more: each.slice(1),
    out: { path: ["payload", "event"] },
    notes: ["It needs an integration of Slack"],
  });
};

/** [{name, value}] as an object; a name that comes twice has the last value. */
function pairs(given: unknown, at: string, t: Translator, what = "value"): Record<string, unknown> {
  return Object.fromEntries(
    list(given).map((one, i) => {
      const pair = record(one);
      const name = text(pair.name);
      if (name.startsWith("=")) throw new Untranslatable("A name is computed", `${at}[${i}].name`, name);
      return [name, t.value(pair[what] ?? "", `${at}[${i}].${what}`)];
    }).filter(([name]) => name !== ""),
  );
}

function objectOf(given: unknown, at: string): Record<string, unknown> | string {
  if (typeof given === "string" || (given !== null && typeof given === "object" && !Array.isArray(given))) {
    return given as Record<string, unknown> | string;
  }
  throw new Untranslatable("An object is expected here", at);
}

const http: Mapper = (node) => {
  const p = node.parameters;
  const options = record(p.options);
  const isNew = node.version >= 3;
  const response = record(record(options.response).response);
  const full = isNew ? response.fullResponse === true : options.fullResponse === true;
  const format = text(isNew ? response.responseFormat : p.responseFormat) || (isNew ? "autodetect" : "json");
  const notes: string[] = [];
  if (format === "file") throw new Untranslatable("Files have no counterpart", "parameters.responseFormat");
  if (options.pagination !== undefined && record(record(options.pagination).pagination).paginationMode !== "off") {
    throw new Untranslatable("Pages are not fetched one after the other", "parameters.options.pagination");
  }
  if (options.allowUnauthorizedCerts === true || p.allowUnauthorizedCerts === true) {
    throw new Untranslatable("Certificates are always checked", "parameters.allowUnauthorizedCerts");
  }
  if (options.proxy !== undefined) throw new Untranslatable("There is no proxy", "parameters.options.proxy");
  if (options.batching !== undefined) notes.push("Requests are not sent in batches");
  if (response.neverError === true || options.ignoreResponseCode === true) {
    notes.push("A status of 400 or more is an error here, and was none");
  }
  const authentication = text(p.authentication);
  if (authentication !== "" && authentication !== "none" || Object.keys(record(node.given.credentials)).length > 0) {
    notes.push("Its credentials are not imported: the request goes out without them");
  }
  notes.push("A list in the answer is one value here, and was an item each");
  const name = text(record(response).outputPropertyName) || text(p.dataPropertyName) || "data";
  const shape: Shape = full
    ? {
      path: [],
      renames: {
        statusCode: ["status"],
        headers: ["headers"],
        body: ["body"],
        ...(format === "text" && { [name]: ["body"] }),
      },
    }
    : format === "text" || format === "string"
    ? { path: [], renames: { [name]: ["body"] } }
    : { path: ["body"] };
  return {
    type: "ACTION",
    subtype: "HTTP_REQUEST",
    form: "node",
    outputs: 1,
    out: continues(node) ? { ...shape, renames: { ...shape.renames, error: ["error"] } } : shape,
    retries: true,
    timeout: Math.max(1, Math.min(3600, Math.ceil(number(options.timeout, 300_000) / 1000))),
    notes,
    parameters(t) {
      const method = text(isNew ? p.method : p.requestMethod) || "GET";
      const url = t.text(p.url, "parameters.url");
      if (url === "") throw new Untranslatable("There is no URL", "parameters.url");
      const parameters: Record<string, unknown> = {
        method: method.startsWith("=") ? t.text(method, "parameters.method") : method.toUpperCase(),
        url,
      };
      const json = (given: unknown, at: string) => t.json(objectOf(given, at), at);
      if (isNew) {
        if (p.sendQuery === true) {
          parameters.query = p.specifyQuery === "json"
            ? json(p.jsonQuery, "parameters.jsonQuery")
            : pairs(record(p.queryParameters).parameters, "parameters.queryParameters.parameters", t);
        }
        if (p.sendHeaders === true) {
          parameters.headers = p.specifyHeaders === "json"
            ? json(p.jsonHeaders, "parameters.jsonHeaders")
            : pairs(record(p.headerParameters).parameters, "parameters.headerParameters.parameters", t);
        }
        if (p.sendBody === true) {
          const type = text(p.contentType) || "json";
          const fields = () => pairs(record(p.bodyParameters).parameters, "parameters.bodyParameters.parameters", t);
          if (type === "json") {
            parameters.body = p.specifyBody === "json" ? t.json(p.jsonBody ?? "{}", "parameters.jsonBody") : fields();
          } else if (type === "form-urlencoded" && p.specifyBody !== "string") parameters.form = fields();
          else throw new Untranslatable(`A body of ${type} has no counterpart`, "parameters.contentType");
        }
      } else if (p.jsonParameters === true) {
        for (const [field, from] of [["query", "query"], ["headers", "header"], ["body", "body"]] as const) {
          const at = `${from}ParametersJson`;
          if (text(p[at]) !== "") parameters[field] = t.json(p[at], `parameters.${at}`);
        }
      } else {
        for (const [field, from] of [["query", "query"], ["headers", "header"], ["body", "body"]] as const) {
          const at = `${from}ParametersUi`;
          const given = list(record(p[at]).parameter);
          if (given.length === 0) continue;
          parameters[field === "body" && options.bodyContentType === "form-urlencoded" ? "form" : field] = pairs(
            given,
            `parameters.${at}.parameter`,
            t,
          );
        }
      }
      if (!isNew && !["", "json", "form-urlencoded"].includes(text(options.bodyContentType))) {
        throw new Untranslatable("Such a body has no counterpart", "parameters.options.bodyContentType");
      }
      if (format === "json" || format === "text" || format === "string") {
        parameters.response = format === "json" ? "json" : "text";
      }
      return parameters;
    },
  };
};

/** Whether an error goes on as an item. */
export function continues(node: SourceNode): boolean {
  return node.given.onError === "continueRegularOutput" ||
    node.given.onError === undefined && node.given.continueOnFail === true;
}

/** Sets a field by its dotted name. */
function put(target: Record<string, unknown>, name: string, value: unknown, dotted: boolean): void {
  const keys = dotted ? name.split(".") : [name];
  let at = target;
  for (const key of keys.slice(0, -1)) {
    const inner = Object.hasOwn(at, key) ? at[key] : undefined;
    const next = record(inner) === inner ? inner as Record<string, unknown> : {};
    Object.defineProperty(at, key, { value: next, enumerable: true, configurable: true, writable: true });
    at = next;
  }
  Object.defineProperty(at, keys.at(-1)!, { value, enumerable: true, configurable: true, writable: true });
}

const set: Mapper = (node) => {
  const p = node.parameters;
  const dotted = record(p.options).dotNotation !== false;
  const notes: string[] = [];
  let others: boolean;
  let fields: { name: string; value: unknown; type: string; at: string }[] = [];
  if (node.version < 3) {
    others = p.keepOnlySet !== true;
    fields = Object.entries(record(p.values)).flatMap(([type, values]) =>
      list(values).map((one, i) => ({
        name: text(record(one).name),
        value: record(one).value,
        type,
        at: `parameters.values.${type}[${i}]`,
      }))
    );
  } else {
    const include = text(p.include) || "all";
    others = node.version >= 3.3 ? p.includeOtherFields === true : include !== "none";
    if (others && include !== "all") {
      throw new Untranslatable("Some of the other fields are kept, and a path cannot choose", "parameters.include");
    }
    fields = list(record(p.fields).values).map((one, i) => {
      const field = record(one);
      const type = text(field.type) || "stringValue";
      return {
        name: text(field.name),
        value: field[type],
        type: type.replace("Value", ""),
        at: `parameters.fields.values[${i}]`,
      };
    });
    fields.push(
      ...list(record(p.assignments).assignments).map((one, i) => ({
        name: text(record(one).name),
        value: record(one).value,
        type: text(record(one).type),
        at: `parameters.assignments.assignments[${i}]`,
      })),
    );
  }
  if (others && dotted && fields.some(({ name }) => name.includes("."))) {
    notes.push("An object that is set in part replaces the whole one of the input");
  }
  return {
    type: "ACTION",
    subtype: "TRANSFORM",
    form: others ? "set" : "node",
    outputs: 1,
    out: plain,
    notes,
    parameters(t) {
      if (p.mode === "raw") return { output: t.json(p.jsonOutput ?? "{}", "parameters.jsonOutput") };
      const output: Record<string, unknown> = {};
      for (const { name, value, type, at } of fields) {
        if (name === "") continue;
        if (name.startsWith("=")) throw new Untranslatable("A name is computed", `${at}.name`, name);
        put(output, name, assigned(value, type, `${at}.value`, t), dotted);
      }
      return { output };
    },
  };
};

function assigned(value: unknown, type: string, at: string, t: Translator): unknown {
  if (typeof value === "string" && !value.startsWith("=")) {
    if (type === "number" && value.trim() !== "" && Number.isFinite(Number(value))) return Number(value);
    if (type === "boolean" && (value === "true" || value === "false")) return value === "true";
    if (type === "object" || type === "array") return t.json(value, at);
  }
  if (typeof value === "string" && (type === "object" || type === "array") && !/^=\s*\{\{/.test(value)) {
    return t.json(value, at);
  }
  if (value === undefined) return type === "string" ? "" : null;
  if (typeof value === "string" && value.startsWith("=") && type === "string") {
    t.note("A value keeps its type here, also where text was asked for");
  }
  return t.value(value, at);
}

const condition: (at: string) => (node: SourceNode, t: Translator) => string = (at) => (node, t) => {
  const p = node.parameters;
  if (node.version >= 2) {
    const loose = p.looseTypeValidation === true || record(p.options).looseTypeValidation === true;
    return filterPredicate(p.conditions, at, t, loose);
  }
  return groupedPredicate(p.conditions, p.combineOperation === "any" || p.combineConditions === "OR", at, t);
};
const ask = condition("parameters.conditions");

function refuseIgnoredCase(node: SourceNode): void {
  if (record(node.parameters.options).ignoreCase === true && node.version >= 2) {
    const conditions = list(record(node.parameters.conditions).conditions);
    if (conditions.some((one) => (text(record(record(one).operator).type) || "string") === "string")) {
      throw new Untranslatable("A path tells capital letters from small ones", "parameters.options.ignoreCase");
    }
  }
}

const either: Mapper = (node) => {
  return passing("IF", (t) => {
    refuseIgnoredCase(node);
    return { condition: ask(node, t) };
  }, { outputs: 2 });
};

const filter: Mapper = (node) => ({
  ...passing("IF", (t) => {
    refuseIgnoredCase(node);
    return { condition: ask(node, t) };
  }),
  // n8n's second output is that of the error, where there is one
  notes: ["What is kept leaves by the output true; what is not ends here, and is among the execution's outputs"],
});

const switched: Mapper = (node) => {
  const p = node.parameters;
  if (text(p.mode) === "expression") {
    const count = number(p.numberOutputs ?? p.outputsAmount, 4);
    if (!(count >= 1 && count <= 100)) {
      throw new Untranslatable("There are 1 to 100 outputs", "parameters.numberOutputs");
    }
    return passing("SWITCH", (t) => {
      const output = t.operand(t.expression(p.output ?? 0, "parameters.output"));
      return { rules: Array.from({ length: count }, (_, i) => `${output} == ${i}`) };
    }, { outputs: count });
  }
  if (node.version >= 3) {
    const rules = list(record(p.rules).values ?? record(p.rules).rules).map(record);
    const options = record(p.options);
    if (rules.length === 0 || rules.length > 100) {
      throw new Untranslatable("There are 1 to 100 rules", "parameters.rules");
    }
    if (options.allMatchingOutputs === true) {
      throw new Untranslatable("Only the first rule that holds counts here", "parameters.options.allMatchingOutputs");
    }
    const fallback = options.fallbackOutput;
    return passing("SWITCH", (t) => ({
      rules: rules.map((rule, i) => {
        const loose = p.looseTypeValidation === true || options.looseTypeValidation === true;
        if (options.ignoreCase === true && list(record(rule.conditions).conditions).length > 0) {
          throw new Untranslatable("A path tells capital letters from small ones", "parameters.options.ignoreCase");
        }
        return filterPredicate(rule.conditions, `parameters.rules.values[${i}].conditions`, t, loose);
      }),
    }), {
      outputs: rules.length + (fallback === "extra" ? 1 : 0),
      outputsOf: (index) => index === fallback ? [index, rules.length] : [index],
    });
  }
  const rules = list(record(p.rules).rules).map(record);
  if (rules.length === 0 || rules.length > 100) {
    throw new Untranslatable("There are 1 to 100 rules", "parameters.rules");
  }
  const fallback = number(p.fallbackOutput, -1);
  return passing("SWITCH", (t) => ({
    rules: rules.map((rule, i) =>
      oldComparison(
        { value1: p.value1, operation: rule.operation, value2: rule.value2 },
        text(p.dataType) || "number",
        `parameters.rules.rules[${i}]`,
        t,
      )
    ),
  }), {
    outputs: 4,
    outputsOf: (index) => [
      ...rules.flatMap((rule, i) => number(rule.output, 0) === index ? [i] : []),
      ...(index === fallback ? [rules.length] : []),
    ],
  });
};

const merge: Mapper = (node, context) => {
  const p = node.parameters;
  const mode = text(p.mode) || "append";
  const combination = text(p.combineBy) || text(p.combinationMode) || "combineByFields";
  const joined = (how: string, out: Plan["out"], notes: string[] = []): Plan =>
    passing("MERGE", () => ({ mode: how }), { out, plainInput: true, notes, outputsOf: () => [0] });
  if (mode === "append") {
    if (context.eachAppended) {
      return { ...joined("append", { path: [], item: plain }), form: "node" };
    }
    return joined("append", { path: [0] }, [
      "What was appended is a list here, of which the first goes on: run item by item it would meet other ways",
    ]);
  }
  const clash = text(record(record(record(p.options).clashHandling).values).resolveClash) || "preferLast";
  const position = mode === "mergeByIndex" || mode === "multiplex" ||
    mode === "combine" && /^(mergeByPosition|combineByPosition|multiplex|combineAll)$/.test(combination);
  if (position) {
    if (clash !== "preferLast" && clash !== "preferInput2") {
      throw new Untranslatable("Of a field of both inputs the last one counts", "parameters.options.clashHandling");
    }
    return joined("combine", plain, ["Items meet one by one, not in lists"]);
  }
  const chosen = (input: number) =>
    joined("all", { path: [String(input)] }, ["It gives the values of all inputs; what follows reads that one"]);
  if (mode === "chooseBranch" && (text(p.output) || "specifiedInput") !== "empty") {
    const input = text(p.useDataOfInput) || text(p.output).replace("input", "") || "1";
    return chosen(Math.max(1, Number(input) || 1) - 1);
  }
  if (mode === "passThrough") return chosen(text(p.output) === "input2" ? 1 : 0);
  throw new Untranslatable(
    `Merging by ${mode === "combine" ? combination : mode} has no counterpart`,
    "parameters.mode",
  );
};

const loop: Mapper = (node) => {
  if (node.version < 2) {
    throw new Untranslatable("This version's loop ends by a condition of its own", "typeVersion");
  }
  const size = number(node.parameters.batchSize, node.version >= 3 ? 1 : 10);
  if (record(node.parameters.options).reset !== undefined && record(node.parameters.options).reset !== false) {
    throw new Untranslatable("A loop cannot be reset", "parameters.options.reset");
  }
  return {
    ...passing("FOR_EACH", (t) => ({
      items: t.path(wholePath("$.input", t.shape)),
      max_concurrency: Math.max(1, Math.min(10_000, Math.trunc(size))),
    })),
    form: "loop",
    outputs: 2,
    out: (input) => input.item ? { ...plain } : input,
    notes: size > 1 ? [`${size} items are at work at a time, each for itself; there are no batches`] : [],
  };
};

const steps = (dotted: unknown): Step[] =>
  text(dotted).replace(/^\$json\./, "").split(".").filter((step) => step !== "");

const split: Mapper = (node) => {
  const p = node.parameters;
  const field = text(p.fieldToSplitOut);
  if (field === "" || field.startsWith("=") || /[,[\]]/.test(field)) {
    throw new Untranslatable("One field by its name is split, no other", "parameters.fieldToSplitOut");
  }
  if ((text(p.include) || "noOtherFields") !== "noOtherFields") {
    throw new Untranslatable("Other fields do not go along with each item", "parameters.include");
  }
  const destination = text(record(p.options).destinationFieldName);
  return {
    ...passing("FOR_EACH", (t) => ({ items: t.input(steps(field)) })),
    form: "split",
    out: destination !== "" ? { path: [], renames: { [destination]: [] } } : plain,
    notes: ["A value that is no object is the item itself here, and was a field of it"],
  };
};

const aggregate: Mapper = (node) => {
  const p = node.parameters;
  const all = text(p.aggregate) === "aggregateAllItemData";
  if (all && (text(p.include) || "allFields") !== "allFields") {
    throw new Untranslatable("Some of the fields are kept, and a path cannot choose", "parameters.include");
  }
  return {
    type: "ACTION",
    subtype: "TRANSFORM",
    form: "all",
    outputs: 1,
    out: plain,
    notes: [],
    parameters(t) {
      const shape = t.shape;
      const field = (path: Step[]) => {
        if (!shape.item) return [t.input(path)];
        const each = wholePath("$.input", { path: [...shape.path], item: undefined }) + "[*]";
        return t.path(
          path.length === 0 && shape.item.path.length === 0
            ? wholePath("$.input", { path: shape.path })
            : each + pathTail(shape.item, path),
        );
      };
      if (all) return { output: { [text(p.destinationFieldName) || "data"]: field([]) } };
      const output: Record<string, unknown> = {};
      for (const one of list(record(p.fieldsToAggregate).fieldToAggregate).map(record)) {
        const name = text(one.fieldToAggregate);
        if (name.startsWith("=")) throw new Untranslatable("A name is computed", "parameters.fieldsToAggregate", name);
        if (name === "") continue;
        const last = one.renameField === true ? text(one.outputFieldName) : steps(name).at(-1);
        put(output, String(last || name), field(steps(name)), false);
      }
      return { output };
    },
  };
};

function pathTail(shape: Shape, path: Step[]): string {
  const [first, ...rest] = path;
  const renamed = typeof first === "string" && shape.renames && Object.hasOwn(shape.renames, first)
    ? shape.renames[first]
    : undefined;
  return wholePath("", { path: renamed ? [...renamed, ...rest] : [...shape.path, ...path] });
}

const limit: Mapper = (node) => {
  const count = number(node.parameters.maxItems, 1);
  if (!(count >= 1 && count <= 10_000)) throw new Untranslatable("1 to 10,000 items are kept", "parameters.maxItems");
  const range = node.parameters.keep === "lastItems" ? `[last - ${count - 1} to last]` : `[0 to ${count - 1}]`;
  return {
    type: "ACTION",
    subtype: "TRANSFORM",
    form: "list",
    outputs: 1,
    out: (input) => ({ path: [], item: input.item ? plain : plain }),
    notes: [],
    parameters: (t) => ({
      output: t.shape.item
        ? t.path(`${wholePath("$.input", { path: t.shape.path })}${range}${pathTail(t.shape.item, [])}`)
        : [t.input()],
    }),
  };
};

const itemLists: Mapper = (node, context) => {
  const operation = text(node.parameters.operation) || "splitOutItems";
  if (operation === "splitOutItems") return split(node, context);
  if (operation === "limit") return limit(node, context);
  if (operation === "aggregateItems" || operation === "concatenateItems") {
    return aggregate(node, context);
  }
  throw new Untranslatable(`${operation} has no counterpart`, "parameters.operation");
};

const unitSeconds: Record<string, number> = { seconds: 1, minutes: 60, hours: 3600, days: 86400 };

const wait: Mapper = (node) => {
  const p = node.parameters;
  const resume = text(p.resume) || "timeInterval";
  const unit = unitSeconds[text(p.unit) || (node.version >= 1.1 ? "seconds" : "hours")] ?? 1;
  if (resume === "timeInterval") {
    return passing("WAIT", (t) => {
      const amount = t.expression(p.amount ?? (node.version >= 1.1 ? 5 : 1), "parameters.amount");
      if (amount.kind === "literal") {
        const seconds = Number(amount.value) * unit;
        if (!(seconds >= 0 && seconds <= 31_536_000)) {
          throw new Untranslatable("It waits a year at most", "parameters.amount");
        }
        return { seconds };
      }
      if (unit === 1) return { seconds: t.template(amount) };
      return {
        seconds: t.path(
          t.operand({ kind: "binary", operator: "*", left: amount, right: { kind: "literal", value: unit } }),
        ),
      };
    });
  }
  if (resume === "specificTime") {
    return passing("WAIT", (t) => ({ until: t.text(p.dateTime, "parameters.dateTime") }), {
      notes: ["A time without a zone is one of UTC"],
    });
  }
  if (resume === "webhook" || resume === "form") {
    const bounded = p.limitWaitTime === true && (text(p.limitType) || "afterTimeInterval") === "afterTimeInterval";
    const seconds = number(p.resumeAmount, 1) * (unitSeconds[text(p.resumeUnit) || "hours"] ?? 3600);
    return passing("WAIT", (t) => ({
      event: "resumed",
      key: t.path("$.execution.id"),
      ...(bounded && seconds >= 1 && seconds <= 31_536_000 && { timeout_seconds: seconds }),
    }), {
      out: { path: [], renames: { body: [] } },
      notes: ["It waits for the event `resumed` with the execution's id as key, not for a call of its own URL"],
    });
  }
  throw new Untranslatable(`${resume} has no counterpart`, "parameters.resume");
};

const subWorkflow: Mapper = (node, context) => {
  const p = node.parameters;
  const id = located(p.workflowId);
  const known = Object.hasOwn(context.workflows, id) ? context.workflows[id] : undefined;
  if (!known || !/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(known)) {
    throw new Untranslatable(
      `The workflow ${id || "that it calls"} is not known here: import it first and give its id in workflow_ids`,
      "parameters.workflowId",
    );
  }
  return {
    ...passing("SUB_WORKFLOW", (t) => {
      const inputs = record(p.workflowInputs);
      const mapped = Object.keys(record(inputs.value)).length > 0;
      return {
        workflow_id: known,
        input: mapped
          ? t.value(record(inputs.value), "parameters.workflowInputs.value")
          : t.path(wholePath("$.input", t.shape)),
        ...(record(p.options).waitForSubWorkflow === false && { wait: false }),
      };
    }),
    out: plain,
    notes: ["Its output is the called workflow's: an object by the nodes that ended it"],
  };
};

const stop: Mapper = (node) =>
  passing("STOP", (t) => ({
    status: "ERROR",
    message: node.parameters.errorType === "errorObject"
      ? t.text(node.parameters.errorObject, "parameters.errorObject")
      : t.text(node.parameters.errorMessage, "parameters.errorMessage"),
  }), { outputs: 0 });

const respond: Mapper = (node) => {
  const p = node.parameters;
  const options = record(p.options);
  const what = text(p.respondWith) || "firstIncomingItem";
  return passing("RESPOND", (t) => {
    const status = t.value(
      options.responseCode ?? (what === "redirect" ? 307 : 200),
      "parameters.options.responseCode",
    );
    const headers = pairs(record(options.responseHeaders).entries, "parameters.options.responseHeaders.entries", t);
    const answer = (body: unknown) => ({
      status,
      ...(Object.keys(headers).length > 0 && { headers }),
      ...(body !== undefined && { body }),
    });
    switch (what) {
      case "firstIncomingItem":
        return answer(t.path(wholePath("$.input", t.shape)));
      case "allIncomingItems":
        return answer(t.shape.item ? t.path(wholePath("$.input", t.shape)) : [t.path(wholePath("$.input", t.shape))]);
      case "json":
        return answer(t.json(p.responseBody ?? "{}", "parameters.responseBody"));
      case "text":
        return answer(t.text(p.responseBody, "parameters.responseBody"));
      case "noData":
        return answer("");
      case "redirect":
        headers.location = t.text(p.redirectURL, "parameters.redirectURL");
        return answer("");
    }
    throw new Untranslatable(`An answer of ${what} has no counterpart`, "parameters.respondWith");
  }, {
    notes: what === "allIncomingItems" ? ["Inside a loop each item answers for itself, and the first counts"] : [],
  });
};

const agent: Mapper = (node) => {
  const p = node.parameters;
  const options = record(p.options);
  const chain = node.kind !== "agent";
  return {
    type: "AI_AGENT",
    subtype: chain ? "CHAIN" : "AGENT",
    form: "node",
    outputs: 1,
    out: chain ? { path: [], renames: { text: ["output"], response: ["output"] } } : plain,
    retries: true,
    timeout: 300,
    notes: ["Its model and its credentials have to be chosen again"],
    parameters(t) {
      const given = p.promptType === "define" || p.text !== undefined || p.prompt !== undefined;
      const system = options.systemMessage ?? p.systemMessage;
      return {
        prompt: given ? t.text(p.text ?? p.prompt, "parameters.text") : t.input(["chatInput"]),
        ...(system !== undefined && { system_message: t.text(system, "parameters.options.systemMessage") }),
        ...(typeof options.maxIterations === "number" && { max_iterations: options.maxIterations }),
      };
    },
  };
};

export const mappers: Record<string, Mapper> = {
  manualTrigger: manual,
  start: manual,
  executeWorkflowTrigger: manual,
  scheduleTrigger: (node, { timezone }) => scheduled(schedule(node.parameters, timezone)),
  cron: (node, { timezone }) => scheduled(oldSchedule(node.parameters, timezone)),
  interval: (node, { timezone }) =>
    scheduled(oldSchedule({
      triggerTimes: {
        item: [{ mode: "everyX", value: node.parameters.interval, unit: node.parameters.unit ?? "seconds" }],
      },
    }, timezone)),
  webhook,
  formTrigger: form,
  chatTrigger: chat,
  githubTrigger: github,
  slackTrigger: slack,
  httpRequest: http,
  set,
  if: either,
  filter,
  switch: switched,
  merge,
  splitInBatches: loop,
  splitOut: split,
  itemLists,
  aggregate,
  limit,
  wait,
  executeWorkflow: subWorkflow,
  noOp: () => ({ ...passing("NOOP", () => ({})), type: "ACTION" }),
  stopAndError: stop,
  respondToWebhook: respond,
  agent,
  chainLlm: agent,
};
