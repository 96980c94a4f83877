// Random cron expressions, zones and times, near the days on which clocks change more often than not.
import { Cron } from "croner";

export interface Case {
  expression: string;
  timezone: string;
  after: Date;
}

type Random = () => number;

const hour = 3_600_000;
const day = 24 * hour;

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

export function randomCase(random: Random, zones: readonly string[]): Case {
  const timezone = pick(random, zones);
  const year = 1973 + Math.floor(random() * 70);
  const anywhere = Date.UTC(year, 0, 1) + Math.floor(random() * 365 * 24 * 60) * 60_000;
  const change = random() < 0.7 ? changeAfter(timezone, anywhere) : undefined;
  // at the change, in its night, or in the days before it
  const reach = pick(random, [0, 2 * hour, day, 4 * day]);
  const at = change === undefined ? anywhere : change - Math.floor((random() - 0.25) * reach);
  const expression = random() < 0.03
    ? pick(random, ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"])
    : randomExpression(
      random,
      change === undefined ? undefined : new Date(change - 1 + offsetAt(timezone, change - 1)),
    );
  return { expression, timezone, after: new Date(at - at % (random() < 0.5 ? 60_000 : 1000)) };
}

/** Five fields; with a time on the wall clock, often close to it. */
function randomExpression(random: Random, near?: Date): string {
  const about = (value: number, low: number, high: number) =>
    near && random() < 0.5 ? clamp(value + Math.floor(random() * 4) - 1, low, high) : between(random, low, high);
  const field = (low: number, high: number, wild: number, near: number, names?: string[]) => {
    if (random() < wild) return "*";
    const one = () => about(near, low, high);
    const named = (value: number) => {
      const name = names?.[value - low];
      return name && random() < 0.4 ? random() < 0.5 ? name : name.toLowerCase() : String(value);
    };
    const step = () => between(random, 1, Math.ceil((high - low + 1) / pick(random, [1, 2, 6])));
    const part = () => {
      const [a, b] = [one(), one()].toSorted((a, b) => a - b) as [number, number];
      const kind = random();
      if (kind < 0.55) return named(one());
      if (kind < 0.75) return `${named(a)}-${named(b)}`;
      if (kind < 0.85) return `${a}-${b}/${step()}`;
      if (kind < 0.9) return `${a}/${step()}`;
      return `*/${step()}`;
    };
    return Array.from({ length: random() < 0.75 ? 1 : between(random, 2, 4) }, part).join(",");
  };
  const at = near ?? new Date(0);
  return [
    field(0, 59, 0.2, at.getUTCMinutes()),
    field(0, 23, 0.25, at.getUTCHours()),
    field(1, 31, 0.55, at.getUTCDate()),
    field(1, 12, 0.7, at.getUTCMonth() + 1, months),
    random() < 0.03 ? "7" : field(0, 6, 0.6, at.getUTCDay(), weekdays),
  ].join(" ");
}

/** What croner says, told to keep the same rules. */
export function runsByCroner({ expression, timezone, after }: Case, count: number): number[] {
  const [, , dayOfMonth = "", , dayOfWeek = ""] = expression.split(" ");
  const cron = new Cron(expression, {
    timezone,
    mode: "5-part",
    sloppyRanges: true, // a/n
    fixedTimeRule: "no-wildcard", // lists and ranges are times of the day too
    domAndDow: dayOfMonth.startsWith("*") || dayOfWeek.startsWith("*"), // */2 is a star to Vixie's cron
  });
  return cron.nextRuns(count, after).map(Number);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** A zone's offset in ms, as this runtime knows it. */
export function offsetAt(timezone: string, at: number): number {
  let format = formats.get(timezone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: timezone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(timezone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year, month, day, hour, minute, second } = parts as Record<string, number>;
  return Date.UTC(year!, month! - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** The next change of a zone's clocks, within a year. */
function changeAfter(timezone: string, from: number): number | undefined {
  for (let low = from; low < from + 365 * day; low += 15 * day) {
    const offset = offsetAt(timezone, low);
    if (offsetAt(timezone, low + 15 * day) === offset) continue;
    let high = low + 15 * day;
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000;
      if (offsetAt(timezone, middle) === offset) low = middle;
      else high = middle;
    }
    return high;
  }
}

/** Does a time end a gap that began on the day before? Croner skips what lay in it, we run it then. */
export function endsGapOverMidnight(timezone: string, at: number): boolean {
  const dayOf = (wall: number) => Math.floor(wall / day);
  const before = offsetAt(timezone, at - 1000);
  return before < offsetAt(timezone, at) && dayOf(at + before) !== dayOf(at + offsetAt(timezone, at));
}

const between = (random: Random, low: number, high: number) => low + Math.floor(random() * (high - low + 1));
const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
