// n8n's rules of time as cron expressions of five fields.
import { list, record } from "../json.ts";
import { Untranslatable } from "./expression.ts";
import { number, text } from "./source.ts";

export interface Rule {
  parameters: { expression: string; timezone?: string };
  notes: string[];
}

export function schedule(parameters: Record<string, unknown>, timezone: string | undefined): Rule[] {
  const given = list(record(parameters.rule).interval);
  return (given.length > 0 ? given : [{}]).map((one, i) => {
    const rule = record(one);
    const at = `parameters.rule.interval[${i}]`;
    const field = text(rule.field) || "days";
    const minute = whole(rule.triggerAtMinute, 0, 0, 59, `${at}.triggerAtMinute`);
    const hour = whole(rule.triggerAtHour, 0, 0, 23, `${at}.triggerAtHour`);
    switch (field) {
      case "seconds":
        throw new Untranslatable("A schedule is due once a minute at most", at);
      case "minutes":
        return every(whole(rule.minutesInterval, 5, 1, 59, at), 60, (n) => `${n} * * * *`, timezone, "hour");
      case "hours":
        return every(whole(rule.hoursInterval, 1, 1, 23, at), 24, (n) => `${minute} ${n} * * *`, timezone, "day");
      case "days":
        return every(
          whole(rule.daysInterval, 1, 1, 31, at),
          1,
          (n) => `${minute} ${hour} ${n} * *`,
          timezone,
          "month",
        );
      case "weeks": {
        if (number(rule.weeksInterval, 1) !== 1) throw new Untranslatable("Cron knows every week only", at);
        const days = list(rule.triggerAtDay).map((day) => whole(day, 0, 0, 7, `${at}.triggerAtDay`));
        return due(`${minute} ${hour} * * ${days.length > 0 ? days.join(",") : 0}`, timezone);
      }
      case "months": {
        const day = whole(rule.triggerAtDayOfMonth, 1, 1, 31, `${at}.triggerAtDayOfMonth`);
        const interval = whole(rule.monthsInterval, 1, 1, 12, at);
        return every(interval, 12, (n) => `${minute} ${hour} ${day} ${n} *`, timezone, "year");
      }
      case "cronExpression":
        return custom(text(rule.expression), timezone, `${at}.expression`);
    }
    throw new Untranslatable(`${field} is no rule of time`, at);
  });
}

/** Of the node that came before: {triggerTimes: {item: [{mode, hour, minute, ...}]}}. */
export function oldSchedule(parameters: Record<string, unknown>, timezone: string | undefined): Rule[] {
  const given = list(record(parameters.triggerTimes).item);
  return (given.length > 0 ? given : [{}]).map((one, i) => {
    const rule = record(one);
    const at = `parameters.triggerTimes.item[${i}]`;
    const minute = whole(rule.minute, 0, 0, 59, at);
    const hour = whole(rule.hour, 14, 0, 23, at);
    switch (text(rule.mode) || "everyDay") {
      case "everyMinute":
        return due("* * * * *", timezone);
      case "everyHour":
        return due(`${minute} * * * *`, timezone);
      case "everyDay":
        return due(`${minute} ${hour} * * *`, timezone);
      case "everyWeek":
        return due(`${minute} ${hour} * * ${whole(rule.weekday, 1, 0, 7, at)}`, timezone);
      case "everyMonth":
        return due(`${minute} ${hour} ${whole(rule.dayOfMonth, 1, 1, 31, at)} * *`, timezone);
      case "everyX": {
        const unit = text(rule.unit) || "hours";
        if (unit === "minutes") {
          return every(
            whole(rule.value, 1, 1, 59, at),
            60,
            (n) => `${n} * * * *`,
            timezone,
            "hour",
          );
        }
        if (unit === "hours") return every(whole(rule.value, 1, 1, 23, at), 24, (n) => `0 ${n} * * *`, timezone, "day");
        throw new Untranslatable("A schedule is due once a minute at most", at);
      }
      case "custom":
        return custom(text(rule.cronExpression), timezone, `${at}.cronExpression`);
    }
    throw new Untranslatable("This is no rule of time", at);
  });
}

function due(expression: string, timezone: string | undefined, notes: string[] = []): Rule {
  return { parameters: { expression, ...(timezone && { timezone }) }, notes };
}

function every(
  interval: number,
  period: number,
  write: (step: string) => string,
  timezone: string | undefined,
  begins: string,
): Rule {
  const notes = interval > 1 && period % interval !== 0 ? [`It is counted anew with each ${begins}`] : [];
  return due(write(interval === 1 ? "*" : `*/${interval}`), timezone, notes);
}

function custom(given: string, timezone: string | undefined, at: string): Rule {
  const expression = given.trim();
  if (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(expression)) return due(expression, timezone);
  const fields = expression.split(/\s+/);
  if (fields.length === 6 && fields[0] === "0") fields.shift();
  if (fields.length !== 5 || !fields.every((field) => /^[\w*,/?-]+$/.test(field))) {
    throw new Untranslatable("A schedule has five fields", at, expression);
  }
  return due(fields.join(" "), timezone);
}

function whole(given: unknown, otherwise: number, least: number, most: number, at: string): number {
  const value = given === undefined || given === "" ? otherwise : Number(given);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Untranslatable(`A whole number from ${least} to ${most} is expected`, at);
  }
  return value;
}
