// n8n's expressions as SQL/JSON paths. What a path cannot say is Untranslatable, with the reason.

export type Step = string | number;

/** How a value of n8n lies in ours: its fields are below `path`, but for those that go by another name. */
export interface Shape {
  path: Step[];
  renames?: Record<string, Step[]>;
  /** Of a list of items: how each lies in its element. */
  item?: Shape;
}

export const plain: Shape = { path: [] };

export class Untranslatable extends Error {
  /** Where in the node's parameters. */
  path: string;
  expression: string | undefined;
  constructor(reason: string, path = "", expression?: string) {
    super(reason);
    this.path = path;
    this.expression = expression;
  }
}

export type Expression =
  | { kind: "literal"; value: string | number | boolean | null }
  | { kind: "read"; root: "input" | "vars" | "execution" | "workflow" | "now"; steps: Step[] }
  | { kind: "read"; root: "node"; node: string; which: "item" | "first"; steps: Step[] }
  | { kind: "binary"; operator: string; left: Expression; right: Expression }
  | { kind: "not"; of: Expression }
  | { kind: "text"; parts: Expression[] }
  | { kind: "json"; of: Expression };

/** What the translation has to know of the graph. */
export interface Surroundings {
  input: Shape;
  /** The path of a node's item, up to where its fields begin. */
  node(name: string, which: "item" | "first"): { base: string; shape: Shape };
  note(text: string): void;
}

const longest = 500;
const templatesPerNode = 200;

/** A string as SQL/JSON path writes it; braces escaped, so that no template ends inside. */
export function quoted(text: string): string {
  return JSON.stringify(text.replaceAll("\0", "\ufffd").toWellFormed()).replace(
    /[{}]/g,
    (brace) => brace === "{" ? "\\u007b" : "\\u007d",
  );
}

export function pathOf(base: string, steps: Step[]): string {
  return base +
    steps.map((step) =>
      typeof step === "number" ? `[${step}]` : /^[A-Za-z_][A-Za-z0-9_]*$/.test(step) ? `.${step}` : `.${quoted(step)}`
    ).join("");
}

/** The path of a field of n8n's item, given how that item lies. */
function pathIn(base: string, shape: Shape, steps: Step[]): string {
  const [first, ...rest] = steps;
  const renamed = typeof first === "string" && shape.renames && Object.hasOwn(shape.renames, first)
    ? shape.renames[first]
    : undefined;
  if (renamed) return pathOf(base, [...renamed, ...rest]);
  return pathOf(base, [...shape.path, ...steps]);
}

/** The path of a whole value, a list's items without what is wrapped around each. */
export function wholePath(base: string, shape: Shape): string {
  const list = pathOf(base, shape.path);
  return shape.item && shape.item.path.length > 0 ? wholePath(`${list}[*]`, shape.item) : list;
}

/** Text that is no template, whatever is in it. */
function literalText(text: string): string {
  return text.replaceAll("{{", `{{ ${quoted("{{")} }}`);
}

/** Turns values of n8n's parameters into values of ours. One for each node. */
export class Translator {
  #surroundings: Surroundings;
  #templates = 0;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  note(text: string): void {
    this.#surroundings.note(text);
  }

  /** A template of the node's whole input. */
  input(steps: Step[] = []): string {
    return this.#braces(pathIn("$.input", this.#surroundings.input, steps));
  }

  /** How the input lies. */
  get shape(): Shape {
    return this.#surroundings.input;
  }

  path(path: string): string {
    return this.#braces(path);
  }

  /** Any JSON: strings that begin with "=" are expressions, others are text. */
  value(given: unknown, at: string): unknown {
    if (typeof given === "string") return this.string(given, at);
    if (Array.isArray(given)) return given.map((element, i) => this.value(element, `${at}[${i}]`));
    if (given !== null && typeof given === "object") {
      return Object.fromEntries(
        Object.entries(given).map(([key, element]) => [key, this.value(element, `${at}.${key}`)]),
      );
    }
    return given;
  }

  string(given: string, at: string): unknown {
    if (!given.startsWith("=")) return literalText(given);
    return this.#located(at, given, () => {
      const parts = split(given.slice(1));
      const only = parts.length === 1 ? parts[0]! : undefined;
      if (only?.expression !== undefined) {
        const expression = parse(only.expression);
        if (expression.kind === "literal") {
          return typeof expression.value === "string" ? literalText(expression.value) : expression.value;
        }
        return this.template(expression);
      }
      return this.#joined(
        parts.map((part) => part.expression === undefined ? part.text : this.#piece(parse(part.expression))),
      );
    });
  }

  text(given: unknown, at: string): string {
    const value = this.value(given ?? "", at);
    if (value !== null && typeof value === "object") throw new Untranslatable("Text is expected here", at);
    return String(value ?? "");
  }

  /** JSON text with expressions inside, as n8n's JSON fields hold it. */
  json(given: unknown, at: string): unknown {
    if (typeof given !== "string") return this.value(given, at);
    return this.#located(at, given, () => {
      const source = given.startsWith("=") ? given.slice(1) : given;
      const parts = given.startsWith("=") ? split(source) : [{ text: source }];
      if (parts.length === 1 && parts[0]!.expression !== undefined) {
        const expression = parse(parts[0]!.expression);
        return this.template(expression.kind === "json" ? expression.of : expression);
      }
      // U+E000 is private: no text of a workflow means anything by it
      if (source.includes("\ue000")) throw new Untranslatable("The text has a private character in it", at);
      const expressions: Expression[] = [];
      let quotedText = false;
      let text = "";
      for (const part of parts) {
        if (part.expression === undefined) {
          for (let i = 0; i < part.text.length; i++) {
            if (quotedText && part.text[i] === "\\") i++;
            else if (part.text[i] === '"') quotedText = !quotedText;
          }
          text += part.text;
          continue;
        }
        const marker = `\ue000${expressions.length}\ue000`;
        const expression = parse(part.expression);
        if (expression.kind === "json" && quotedText) throw new Untranslatable("JSON inside of a string", at);
        expressions.push(expression.kind === "json" ? expression.of : expression);
        text += quotedText ? marker : `"${marker}"`;
      }
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        throw new Untranslatable("It is no JSON", at);
      }
      return this.#filled(parsed, expressions);
    });
  }

  #filled(value: unknown, expressions: Expression[]): unknown {
    if (Array.isArray(value)) return value.map((element) => this.#filled(element, expressions));
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(
        Object.entries(value).map(([key, element]) => {
          if (key.includes("\ue000")) throw new Untranslatable("A key is computed");
          return [key, this.#filled(element, expressions)];
        }),
      );
    }
    if (typeof value !== "string") return value;
    const parts = value.split("\ue000");
    if (parts.length === 1) return literalText(value);
    if (parts.length === 3 && parts[0] === "" && parts[2] === "") {
      const expression = expressions[Number(parts[1])]!;
      if (expression.kind !== "literal") return this.template(expression);
      return typeof expression.value === "string" ? literalText(expression.value) : expression.value;
    }
    return this.#joined(parts.map((part, i) => i % 2 === 0 ? part : this.#piece(expressions[Number(part)]!)));
  }

  /** A template, or text with templates in it. */
  template(expression: Expression): string {
    if (expression.kind === "text") return this.#joined(expression.parts.map((part) => this.#piece(part)));
    return this.#braces(isComparison(expression) ? this.predicate(expression) : this.operand(expression));
  }

  #piece(expression: Expression): string | { template: string } {
    if (expression.kind === "literal") return String(expression.value ?? "");
    if (expression.kind === "json") throw new Untranslatable("JSON.stringify() has no path");
    if (expression.kind === "text") return { template: this.template(expression) };
    return { template: this.template(expression) };
  }

  /** Literals between templates; a brace before a template must not become a part of it. */
  #joined(parts: (string | { template: string })[]): string {
    let text = "";
    for (const part of parts) {
      if (typeof part === "string") {
        // two literals in a row may make braces between them
        text = text.endsWith("{") && part.startsWith("{")
          ? text.slice(0, -1) + literalText("{" + part)
          : text + literalText(part);
      } else {
        if (text.endsWith("{")) text = `${text.slice(0, -1)}{{ ${quoted("{")} }}`;
        text += part.template;
      }
    }
    return text;
  }

  #braces(path: string): string {
    if (path.length > longest) throw new Untranslatable(`The path would have more than ${longest} characters`);
    if (++this.#templates > templatesPerNode) {
      throw new Untranslatable(`There are more than ${templatesPerNode} expressions`);
    }
    return `{{ ${path} }}`;
  }

  /** One value in a predicate or path. */
  operand(expression: Expression): string {
    switch (expression.kind) {
      case "literal":
        return typeof expression.value === "string" ? quoted(expression.value) : String(expression.value);
      case "read":
        return this.#read(expression);
      case "binary":
        if (!"+-*/%".includes(expression.operator)) {
          throw new Untranslatable(`${expression.operator} gives no value in a path`);
        }
        this.note("Arithmetic works on numbers only; text that looks like a number gives nothing");
        return `(${this.operand(expression.left)} ${expression.operator} ${this.operand(expression.right)})`;
      case "text":
        throw new Untranslatable("Joined text cannot be compared in a path");
      case "json":
        throw new Untranslatable("JSON.stringify() has no path");
      case "not":
        throw new Untranslatable("! gives no value in a path");
    }
  }

  predicate(expression: Expression): string {
    if (expression.kind === "not") return `!(${this.predicate(expression.of)})`;
    if (expression.kind === "literal" && typeof expression.value === "boolean") {
      return `true == ${expression.value}`;
    }
    if (expression.kind !== "binary") {
      throw new Untranslatable("Whether a value counts as true is no question that a path can ask");
    }
    const { operator, left, right } = expression;
    if (operator === "&&" || operator === "||") {
      return `(${this.predicate(left)} ${operator} ${this.predicate(right)})`;
    }
    if (/^===?$/.test(operator)) return `${this.operand(left)} == ${this.operand(right)}`;
    // what is not there differs from everything
    if (/^!==?$/.test(operator)) return `!(${this.operand(left)} == ${this.operand(right)})`;
    if (/^[<>]=?$/.test(operator)) return `${this.operand(left)} ${operator} ${this.operand(right)}`;
    throw new Untranslatable(`${operator} is no comparison`);
  }

  /** The single expression or the plain text that a parameter holds. */
  expression(given: unknown, at: string): Expression {
    if (typeof given !== "string") {
      if (given === null || typeof given === "number" || typeof given === "boolean") {
        return { kind: "literal", value: given };
      }
      throw new Untranslatable("A single value is expected here", at);
    }
    if (!given.startsWith("=")) return { kind: "literal", value: given };
    return this.#located(at, given, () => {
      const parts = split(given.slice(1));
      if (parts.length === 0) return { kind: "literal", value: "" };
      if (parts.length > 1) throw new Untranslatable("Joined text cannot be compared in a path");
      const [{ text, expression }] = parts as [Part];
      return expression === undefined ? { kind: "literal", value: text } : parse(expression);
    });
  }

  #read(expression: Expression & { kind: "read" }): string {
    const { root, steps } = expression;
    if (root === "input") return pathIn("$.input", this.#surroundings.input, steps);
    if (root === "node") {
      const { base, shape } = this.#surroundings.node(expression.node, expression.which);
      return pathIn(base, shape, steps);
    }
    if (root === "vars" && steps[0] === "\0env") {
      this.note(`$env.${String(steps[1])} is read from the workspace's variables: put it there`);
      return pathOf("$.vars", steps.slice(1));
    }
    return pathOf(`$.${root}`, steps);
  }

  #located<T>(at: string, expression: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Untranslatable && error.expression === undefined) {
        error.path = at;
        error.expression = expression.slice(0, 300);
      }
      throw error;
    }
  }
}

function isComparison(expression: Expression): boolean {
  return expression.kind === "not" ||
    expression.kind === "binary" && !"+-*/%".includes(expression.operator);
}

interface Part {
  text: string;
  expression?: string;
}

/** Text and the expressions in its braces. */
function split(source: string): Part[] {
  const parts: Part[] = [];
  let rest = source;
  for (;;) {
    const open = rest.indexOf("{{");
    const close = open < 0 ? -1 : closing(rest, open + 2);
    if (close < 0) {
      if (rest !== "") parts.push({ text: rest });
      return parts;
    }
    if (open > 0) parts.push({ text: rest.slice(0, open) });
    parts.push({ text: "", expression: rest.slice(open + 2, close) });
    rest = rest.slice(close + 2);
  }
}

/** Where the braces close that are not in a string. */
function closing(text: string, from: number): number {
  let quote = "";
  for (let i = from; i < text.length; i++) {
    const character = text[i]!;
    if (quote) {
      if (character === "\\") i++;
      else if (character === quote) quote = "";
    } else if (`"'\``.includes(character)) quote = character;
    else if (character === "}" && text[i + 1] === "}") return i;
  }
  return text.indexOf("}}", from);
}

type Token =
  | { type: "name"; value: string }
  | { type: "number"; value: number }
  | { type: "string"; value: string }
  | { type: "template"; parts: Expression[] }
  | { type: "sign"; value: string };

type Access = { name: string } | { index: number } | { call: Expression[] };

const deepest = 30;

export function parse(source: string): Expression {
  const text = source.trim().replace(/;$/, "");
  if (/^new Date\(\)(\.toISOString\(\))?$/.test(text)) return { kind: "read", root: "now", steps: [] };
  const tokens = tokenize(text);
  let at = 0;
  let depth = 0;
  const sign = (value: string) => {
    const token = tokens[at];
    if (token?.type !== "sign" || token.value !== value) return false;
    at++;
    return true;
  };
  const expect = (value: string) => {
    if (!sign(value)) throw new Untranslatable(`${value} is expected`);
  };
  const binary = (operators: string[], next: () => Expression) => (): Expression => {
    let left = next();
    for (;;) {
      const token = tokens[at];
      if (token?.type !== "sign" || !operators.includes(token.value)) return left;
      at++;
      left = join(token.value, left, next());
    }
  };
  const primary = (): Expression => {
    if (++depth > deepest) throw new Untranslatable("It is nested too deep");
    try {
      const token = tokens[at++];
      if (!token) throw new Untranslatable("The expression ends too early");
      if (token.type === "string" || token.type === "number") return literal(token.value);
      if (token.type === "template") return { kind: "text", parts: token.parts };
      if (token.type === "sign") {
        if (token.value === "(") {
          const inner = expression();
          expect(")");
          if (tokens[at]?.type === "sign" && [".", "?.", "["].includes((tokens[at] as { value: string }).value)) {
            throw new Untranslatable("Only what n8n's variables hold can be read");
          }
          return inner;
        }
        if (token.value === "!") return { kind: "not", of: primary() };
        if (token.value === "-" && tokens[at]?.type === "number") {
          return literal(-(tokens[at++] as { value: number }).value);
        }
        throw new Untranslatable(`${token.value} is nothing that a path can say`);
      }
      if (token.value === "true" || token.value === "false") return literal(token.value === "true");
      if (token.value === "null" || token.value === "undefined") return literal(null);
      return chain(token.value);
    } finally {
      depth--;
    }
  };
  const literal = (value: string | number | boolean | null): Expression => {
    const next = tokens[at];
    if (next?.type === "sign" && [".", "?.", "["].includes(next.value)) {
      throw new Untranslatable("A method of a literal has no path");
    }
    return { kind: "literal", value };
  };
  const chain = (name: string): Expression => {
    const accesses: Access[] = [];
    for (;;) {
      if (sign(".") || sign("?.")) {
        const token = tokens[at];
        if (token?.type === "name") {
          at++;
          accesses.push({ name: token.value });
        } else if (token?.type === "sign" && token.value === "[") continue;
        else throw new Untranslatable("A name is expected after the dot");
      } else if (sign("[")) {
        const token = tokens[at++];
        if (token?.type === "string") accesses.push({ name: token.value });
        else if (token?.type === "number" && Number.isInteger(token.value) && token.value >= 0) {
          accesses.push({ index: token.value });
        } else throw new Untranslatable("A computed subscript has no path");
        expect("]");
      } else if (sign("(")) {
        const given: Expression[] = [];
        while (!sign(")")) {
          given.push(expression());
          if (!sign(",")) {
            expect(")");
            break;
          }
        }
        accesses.push({ call: given });
      } else return readOf(name, accesses);
    }
  };
  const factor = binary(["*", "/", "%"], primary);
  const sum = binary(["+", "-"], factor);
  const order = binary(["<", ">", "<=", ">="], sum);
  const equality = binary(["==", "!=", "===", "!=="], order);
  const and = binary(["&&"], equality);
  const or = binary(["||"], and);
  const expression = (): Expression => or();

  const result = expression();
  const left = tokens[at];
  if (left) {
    const value = left.type === "template" ? "`" : String(left.value);
    throw new Untranslatable(value === "?" ? "A choice (? :) has no path" : `${value} is nothing that a path can say`);
  }
  return result;
}

function join(operator: string, left: Expression, right: Expression): Expression {
  const isText = (e: Expression) => e.kind === "text" || e.kind === "literal" && typeof e.value === "string";
  if (operator === "+" && (isText(left) || isText(right))) {
    const parts = (e: Expression) => e.kind === "text" ? e.parts : [e];
    return { kind: "text", parts: [...parts(left), ...parts(right)] };
  }
  if (operator === "+" && left.kind !== "literal" && right.kind !== "literal") {
    throw new Untranslatable("Whether + adds or joins is only known when it runs");
  }
  return { kind: "binary", operator, left, right };
}

function readOf(name: string, accesses: Access[]): Expression {
  const at = (i: number) => accesses[i];
  const named = (i: number, ...names: string[]) => {
    const access = at(i);
    return access !== undefined && "name" in access && names.includes(access.name);
  };
  const called = (i: number) => {
    const access = at(i);
    return access !== undefined && "call" in access ? access.call : undefined;
  };
  const first = (i: number) => {
    const given = called(i);
    return given && (given.length === 0 || given.length === 1 && given[0]!.kind === "literal" && given[0]!.value === 0);
  };
  const steps = (from: number): Step[] =>
    accesses.slice(from).map((access, i, all) => {
      const next = all[i + 1];
      if ("call" in access) throw new Untranslatable("A call has no path");
      if (next && "call" in next) {
        throw new Untranslatable(`.${"name" in access ? access.name : access.index}() has no path`);
      }
      if ("name" in access && access.name === "length" && i === all.length - 1) {
        throw new Untranslatable(".length has no path");
      }
      return "name" in access ? access.name : access.index;
    });
  const input = (from: number): Expression => ({ kind: "read", root: "input", steps: steps(from) });
  const node = (given: Expression[] | undefined, which: "item" | "first", from: number): Expression => {
    const only = given?.length === 1 ? given[0]! : undefined;
    if (only?.kind !== "literal" || typeof only.value !== "string") {
      throw new Untranslatable("The name of the node is computed");
    }
    return { kind: "read", root: "node", node: only.value, which, steps: steps(from) };
  };

  switch (name) {
    case "$json":
      return input(0);
    case "$input":
      if (named(0, "item") && named(1, "json")) return input(2);
      if (named(0, "first", "last") && first(1) && named(2, "json")) return input(3);
      if (named(0, "all") && first(1) && isZero(at(2)) && named(3, "json")) return input(4);
      break;
    case "$node": {
      const access = at(0);
      if (access && "name" in access && named(1, "json", "data")) {
        return { kind: "read", root: "node", node: access.name, which: "item", steps: steps(2) };
      }
      break;
    }
    case "$":
      if (named(1, "item") && named(2, "json")) return node(called(0), "item", 3);
      if (named(1, "json")) return node(called(0), "item", 2);
      if (named(1, "first", "last") && first(2) && named(3, "json")) return node(called(0), "first", 4);
      if (named(1, "all") && first(2) && isZero(at(3)) && named(4, "json")) return node(called(0), "first", 5);
      break;
    case "$items":
      if (called(0)?.length === 0 && isZero(at(1)) && named(2, "json")) return input(3);
      if (isZero(at(1)) && named(2, "json")) return node(called(0), "first", 3);
      break;
    case "$item":
      if (called(0) && first(0) && called(0)!.length === 1 && named(1, "$node") && at(2) && named(3, "json")) {
        const access = at(2)!;
        if ("name" in access) return { kind: "read", root: "node", node: access.name, which: "first", steps: steps(4) };
      }
      break;
    case "$now":
      if (accesses.length === 0 || named(0, "toISO") && called(1)?.length === 0 && accesses.length === 2) {
        return { kind: "read", root: "now", steps: [] };
      }
      break;
    case "$execution":
      if (named(0, "id") && accesses.length === 1) return { kind: "read", root: "execution", steps: ["id"] };
      break;
    case "$workflow":
      if (named(0, "id", "name") && accesses.length === 1) return { kind: "read", root: "workflow", steps: steps(0) };
      break;
    case "$vars":
      if (accesses.length > 0) return { kind: "read", root: "vars", steps: steps(0) };
      break;
    case "$env":
      if (accesses.length > 0) return { kind: "read", root: "vars", steps: ["\0env", ...steps(0)] };
      break;
    case "JSON":
      if (named(0, "stringify") && accesses.length === 2 && (called(1)?.length ?? 0) >= 1) {
        return { kind: "json", of: called(1)![0]! };
      }
  }
  const shown = accesses[0] && "name" in accesses[0] ? `${name}.${accesses[0].name}` : name;
  throw new Untranslatable(`${shown} has no counterpart`);
}

function isZero(access: Access | undefined): boolean {
  return access !== undefined && "index" in access && access.index === 0;
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let rest = source;
  while ((rest = rest.trimStart()) !== "") {
    const name = /^[\p{L}_$][\p{L}\p{N}_$]*/u.exec(rest)?.[0];
    const number = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(rest)?.[0];
    const sign = /^(?:===|!==|==|!=|>=|<=|&&|\|\||\?\?|=>|\?\.(?!\d)|[-+*/%<>!?:.,()[\]{}])/.exec(rest)?.[0];
    if (name !== undefined) {
      tokens.push({ type: "name", value: name });
      rest = rest.slice(name.length);
    } else if (number !== undefined) {
      const value = Number(number);
      if (!Number.isFinite(value)) throw new Untranslatable("A number is too large");
      tokens.push({ type: "number", value });
      rest = rest.slice(number.length);
    } else if (`"'\``.includes(rest[0]!)) {
      const { token, length } = rest[0] === "`" ? readTemplate(rest) : readString(rest);
      tokens.push(token);
      rest = rest.slice(length);
    } else if (sign !== undefined) {
      tokens.push({ type: "sign", value: sign });
      rest = rest.slice(sign.length);
    } else throw new Untranslatable(`${rest[0]} is nothing that a path can say`);
    if (tokens.length > 500) throw new Untranslatable("The expression is too long");
  }
  return tokens;
}

function readString(source: string): { token: Token; length: number } {
  let value = "";
  for (let i = 1; i < source.length; i++) {
    if (source[i] === source[0]) return { token: { type: "string", value }, length: i + 1 };
    if (source[i] !== "\\") value += source[i];
    else {
      const { text, length } = unescape(source.slice(i));
      value += text;
      i += length - 1;
    }
  }
  throw new Untranslatable("A string does not end");
}

function readTemplate(source: string): { token: Token; length: number } {
  const parts: Expression[] = [];
  let text = "";
  for (let i = 1; i < source.length; i++) {
    if (source[i] === "`") {
      if (text !== "" || parts.length === 0) parts.push({ kind: "literal", value: text });
      return { token: { type: "template", parts }, length: i + 1 };
    }
    if (source[i] === "$" && source[i + 1] === "{") {
      const end = source.indexOf("}", i);
      if (end < 0) break;
      if (text !== "") parts.push({ kind: "literal", value: text });
      text = "";
      parts.push(parse(source.slice(i + 2, end)));
      i = end;
    } else if (source[i] === "\\") {
      const unescaped = unescape(source.slice(i));
      text += unescaped.text;
      i += unescaped.length - 1;
    } else text += source[i];
  }
  throw new Untranslatable("A text in backticks does not end");
}

function unescape(source: string): { text: string; length: number } {
  const unicode = /^\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2}))/.exec(source);
  if (unicode) {
    const code = parseInt(unicode[1] ?? unicode[2] ?? unicode[3]!, 16);
    if (code > 0x10ffff) throw new Untranslatable("A character does not exist");
    return { text: String.fromCodePoint(code), length: unicode[0].length };
  }
  const known: Record<string, string> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", "0": "\0" };
  const character = source[1] ?? "";
  return { text: known[character] ?? character, length: 2 };
}
