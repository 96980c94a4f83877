// n8n's comparisons as path predicates.
import { list, record } from "../json.ts";
import { type Expression, type Translator, Untranslatable } from "./expression.ts";
import { text } from "./source.ts";

interface Comparison {
  left: Expression;
  right: Expression;
  type: string;
  operation: string;
  loose: boolean;
  caseSensitive: boolean;
}

/** Of IF, FILTER and SWITCH as of 2022: {conditions: [{leftValue, rightValue, operator}], combinator, options}. */
export function filterPredicate(given: unknown, at: string, t: Translator, loose: boolean): string {
  const filter = record(given);
  const options = record(filter.options);
  const comparisons = list(filter.conditions).map((one, i) => {
    const condition = record(one);
    const operator = record(condition.operator);
    return comparison(
      {
        left: t.expression(condition.leftValue ?? "", `${at}.conditions[${i}].leftValue`),
        right: t.expression(condition.rightValue ?? "", `${at}.conditions[${i}].rightValue`),
        type: text(operator.type) || "string",
        operation: text(operator.operation) || "equals",
        loose: loose || options.typeValidation === "loose",
        caseSensitive: options.caseSensitive !== false,
      },
      t,
      `${at}.conditions[${i}]`,
    );
  });
  return combined(comparisons, filter.combinator === "or" ? "||" : "&&", at);
}

/** Of IF before: {string: [{value1, operation, value2}], number: ..., boolean: ..., dateTime: ...}. */
export function groupedPredicate(given: unknown, any: boolean, at: string, t: Translator): string {
  const comparisons = Object.entries(record(given)).flatMap(([type, group]) =>
    list(group).map((one, i) => oldComparison(record(one), type, `${at}.${type}[${i}]`, t))
  );
  return combined(comparisons, any ? "||" : "&&", at);
}

export function oldComparison(given: Record<string, unknown>, type: string, at: string, t: Translator): string {
  const names: Record<string, string> = {
    equal: "equals",
    notEqual: "notEquals",
    larger: "gt",
    largerEqual: "gte",
    smaller: "lt",
    smallerEqual: "lte",
    isEmpty: "empty",
    isNotEmpty: "notEmpty",
  };
  const operation = text(given.operation) || (type === "number" ? "smaller" : "equal");
  return comparison(
    {
      left: t.expression(given.value1 ?? "", `${at}.value1`),
      right: t.expression(given.value2 ?? (type === "boolean" ? false : type === "number" ? 0 : ""), `${at}.value2`),
      type,
      operation: names[operation] ?? operation,
      loose: true,
      caseSensitive: true,
    },
    t,
    at,
  );
}

function combined(predicates: string[], operator: string, at: string): string {
  if (predicates.length === 0) throw new Untranslatable("There is no condition", at);
  const whole = predicates.length === 1 ? predicates[0]! : predicates.map((one) => `(${one})`).join(` ${operator} `);
  if (whole.length > 500) throw new Untranslatable("The predicate would have more than 500 characters", at);
  return whole;
}

function comparison(given: Comparison, t: Translator, at: string): string {
  const { type, operation, loose, caseSensitive } = given;
  const left = typed(given.left, type);
  const right = typed(given.right, type);
  const unable = () => new Untranslatable(`${type}: ${operation} is no question that a path can ask`, at);
  if (left.kind === "binary" || left.kind === "not") {
    if (type !== "boolean") throw unable();
    const asked = t.predicate(left);
    if (operation === "true") return asked;
    if (operation === "false") return `!(${asked})`;
    if ((operation === "equals" || operation === "notEquals") && right.kind === "literal") {
      return (right.value === true) === (operation === "equals") ? asked : `!(${asked})`;
    }
    throw unable();
  }
  const x = t.operand(left);
  const there = left.kind === "read" ? `exists(${x}) && ${x} != null` : `${x} != null`;
  if (operation === "exists") return there;
  if (operation === "notExists") return `!(${there})`;
  switch (type) {
    case "string": {
      if (operation === "empty") return `!(${there}) || ${x} == ""`;
      if (operation === "notEmpty") return `${there} && !(${x} == "")`;
      if (!caseSensitive) throw new Untranslatable("A path tells capital letters from small ones", at);
      const y = t.operand(right);
      if (operation === "startsWith" && right.kind === "literal") return `${x} starts with ${y}`;
      let same = `${x} == ${y}`;
      if (loose && right.kind === "literal" && typeof right.value === "string") {
        // "5" and 5, "true" and true are the same text
        if (/^(true|false|-?(0|[1-9]\d*)(\.\d+)?)$/.test(right.value)) same = `${same} || ${x} == ${right.value}`;
      }
      if (operation === "equals") return same;
      if (operation === "notEquals") return `!(${same})`;
      throw unable();
    }
    case "number": {
      const signs: Record<string, string> = { equals: "==", gt: ">", gte: ">=", lt: "<", lte: "<=" };
      const a = loose && left.kind === "read" ? `${x}.double()` : x;
      if (operation === "empty") return `!(${there})`;
      if (operation === "notEmpty") return there;
      if (right.kind === "literal" && typeof right.value !== "number") {
        throw new Untranslatable("It is compared with what is no number", at);
      }
      const y = t.operand(right);
      const b = loose && right.kind === "read" ? `${y}.double()` : y;
      if (operation === "notEquals") return `!(${a} == ${b})`;
      if (Object.hasOwn(signs, operation)) return `${a} ${signs[operation]} ${b}`;
      throw unable();
    }
    case "boolean": {
      if (operation === "true") return `${x} == true`;
      if (operation === "false") return `${x} == false`;
      if (operation === "empty") return `!(${there})`;
      if (operation === "notEmpty") return there;
      if (operation === "equals") return `${x} == ${t.operand(right)}`;
      if (operation === "notEquals") return `!(${x} == ${t.operand(right)})`;
      throw unable();
    }
    case "array": {
      const signs: Record<string, string> = {
        lengthEquals: "==",
        lengthNotEquals: "!=",
        lengthGt: ">",
        lengthLt: "<",
        lengthGte: ">=",
        lengthLte: "<=",
      };
      if (operation === "empty") return `!(exists(${x}[*]))`;
      if (operation === "notEmpty") return `exists(${x}[*])`;
      if (operation === "contains" && right.kind === "literal") return `${x}[*] == ${t.operand(right)}`;
      if (operation === "notContains" && right.kind === "literal") return `!(${x}[*] == ${t.operand(right)})`;
      const count = typed(given.right, "number");
      if (Object.hasOwn(signs, operation) && count.kind === "literal" && typeof count.value === "number") {
        return `${x}.size() ${signs[operation]} ${count.value}`;
      }
      throw unable();
    }
    default:
      throw unable();
  }
}

/** A number or a truth value that stands there as text. */
function typed(expression: Expression, type: string): Expression {
  if (expression.kind !== "literal" || typeof expression.value !== "string") return expression;
  const text = expression.value.trim();
  if (type === "number" && text !== "" && Number.isFinite(Number(text))) {
    return { kind: "literal", value: Number(text) };
  }
  if (type === "boolean" && (text === "true" || text === "false")) return { kind: "literal", value: text === "true" };
  return expression;
}
