// As much of SQL/JSON path as the random graphs use: `$.a.b`, `$.a[*]` and `<path> <op> <number or string>`, lax.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Context = Record<string, Json>;

const isObject = (value: Json): value is { [key: string]: Json } =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/** The values that a path finds. */
export function find(path: string, context: Context): Json[] {
  let found: Json[] = [context];
  for (const [step] of path.slice(1).matchAll(/\.("[^"]*"|\w+)|\[\*\]/g)) {
    // lax: an array stands for its elements, what is no array for an array of itself
    const each = found.flatMap((value) => Array.isArray(value) ? value : [value]);
    const key = step.replace(/^\.|"/g, "").replaceAll('"', "");
    found = step === "[*]"
      ? each
      : each.flatMap((value) => isObject(value) && Object.hasOwn(value, key) ? [value[key]!] : []);
  }
  return found;
}

/** Does a predicate hold? Comparing values of different types is false. */
export function holds(predicate: string, context: Context): boolean {
  const [, path, operator, literal] = predicate.match(/^(\$[^ ]*) (==|<|<=|>|>=) (.+)$/)!;
  const right: string | number = JSON.parse(literal!);
  const lefts = find(path!, context).flatMap((value) => Array.isArray(value) ? value : [value]);
  return lefts.some((left) => {
    if (typeof left !== typeof right) return false;
    const [a, b] = [left as number, right as number];
    return operator === "=="
      ? a === b
      : operator === "<"
      ? a < b
      : operator === "<="
      ? a <= b
      : operator === ">"
      ? a > b
      : a >= b;
  });
}

/** A JSON value with its templates replaced by what they find. */
export function fill(value: Json, context: Context): Json {
  if (typeof value === "string") {
    const path = value.match(/^\{\{ (\$[^ ]*) \}\}$/)?.[1];
    if (path === undefined) return value;
    const found = find(path, context);
    return path.includes("[*]") ? found : found[0] ?? null;
  }
  if (Array.isArray(value)) return value.map((each) => fill(each, context));
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, context)]));
  }
  return value;
}
