// What becomes of each type of n8n's nodes. A type that is not here, or that asks for something that has no
// counterpart, becomes a placeholder with the reason.
import { list, record } from "../json.ts";
import { filterPredicate, groupedPredicate, oldComparison } from "./conditions.ts";
import { plain, type Translator, Untranslatable, wholePath } from "./expression.ts";
import { httpRequest } from "./http_request.ts";
import { items } from "./items.ts";
import { located, type Mapper, pairs, passing, put } from "./plan.ts";
import { number, type SourceNode, text } from "./source.ts";
import { triggers } from "./triggers.ts";

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

function condition(node: SourceNode, t: Translator): string {
  const at = "parameters.conditions";
  const p = node.parameters;
  if (node.version >= 2) {
    const loose = p.looseTypeValidation === true || record(p.options).looseTypeValidation === true;
    return filterPredicate(p.conditions, at, t, loose);
  }
  return groupedPredicate(p.conditions, p.combineOperation === "any" || p.combineConditions === "OR", at, t);
}

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
    return { condition: condition(node, t) };
  }, { outputs: 2 });
};

const filter: Mapper = (node) => ({
  ...passing("IF", (t) => {
    refuseIgnoredCase(node);
    return { condition: condition(node, t) };
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
  ...triggers,
  ...items,
  httpRequest,
  set,
  if: either,
  filter,
  switch: switched,
  wait,
  executeWorkflow: subWorkflow,
  noOp: () => ({ ...passing("NOOP", () => ({})), type: "ACTION" }),
  stopAndError: stop,
  respondToWebhook: respond,
  agent,
  chainLlm: agent,
};
