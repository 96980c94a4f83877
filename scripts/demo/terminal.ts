// What the demo prints: plain lines, cut to the terminal's width, with colours where somebody looks at them.
const terminal = Deno.stdout.isTerminal();
const colours = terminal && !Deno.env.get("NO_COLOR");

const paint = (code: number) => (text: string) => colours ? `\x1b[${code}m${text}\x1b[0m` : text;
export const bold = paint(1);
export const dim = paint(2);
export const red = paint(31);
export const green = paint(32);
export const yellow = paint(33);

const width = (() => {
  try {
    return terminal ? Math.max(Deno.consoleSize().columns, 40) : 100;
  } catch {
    return 100;
  }
})();

/** Two columns; the second is cut where the line ends. */
export function row(label: string, text: string, { indent = 2, whole = false } = {}): void {
  const head = " ".repeat(indent) + label.padEnd(14 - indent) + " ";
  console.log(dim(head) + (whole ? text : cut(text, width - head.length)));
}

/** At most so many characters, colours not counted. */
export function cut(text: string, length: number): string {
  // deno-lint-ignore no-control-regex
  const pieces = text.split(/(\x1b\[\d+m)/);
  const visible = pieces.filter((_, i) => i % 2 === 0).join("");
  if (visible.length <= length) return text;
  let left = Math.max(length - 3, 0);
  return pieces.map((piece, i) => {
    if (i % 2 === 1) return piece;
    const kept = piece.slice(0, left);
    left -= kept.length;
    return left === 0 && kept.length > 0 ? kept + "..." : kept;
  }).join("");
}

/** A value as one line that tells most first: plain fields before nested ones, and those not deeper than two levels. */
export function compact(value: unknown, depth = 0): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const isNested = (inner: unknown) => inner !== null && typeof inner === "object" && Object.keys(inner).length > 0;
  if (depth === 2 && isNested(value)) return Array.isArray(value) ? `[${value.length}]` : "{...}";
  if (Array.isArray(value)) return `[${value.map((inner) => compact(inner, depth + 1)).join(", ")}]`;
  const fields = Object.entries(value).sort(([, a], [, b]) => Number(isNested(a)) - Number(isNested(b)))
    .map(([name, inner]) =>
      `${/^[A-Za-z_][\w-]*$/.test(name) ? name : JSON.stringify(name)}: ${compact(inner, depth + 1)}`
    );
  return fields.length ? `{ ${fields.join(", ")} }` : "{}";
}

export function duration(milliseconds: number): string {
  return milliseconds < 1
    ? "< 1 ms"
    : milliseconds < 10
    ? `${milliseconds.toFixed(1)} ms`
    : milliseconds < 1000
    ? `${Math.round(milliseconds)} ms`
    : `${(milliseconds / 1000).toFixed(2)} s`;
}
