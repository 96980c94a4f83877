// Steps as automations record them, generated: row n is the same in every run.
import { createHash } from "node:crypto";
import { intents } from "./intents.ts";
import { type Random, random } from "./random.ts";
import { apps, capital, elements, labels, name, nameCount, nouns, verbs } from "./words.ts";

export interface Tenant {
  workspace_id: string;
  user_id: string;
}

export interface Step {
  id: string;
  workspace_id: string;
  user_id: string;
  app_name: string;
  window_title: string;
  element_path: string;
  step_name: string;
  definition: string;
  workflow_text_id: string;
  workflow_name: string;
  workflow_description: string;
  author: string;
  /** Milliseconds. */
  created_at: number;
  /** Null when it never ran. */
  stats: { succeeded: number; failed: number; duration_ms: number; last_executed_at: number } | null;
}

export interface Shape {
  rows: number;
  /** The giant first. */
  tenants: Tenant[];
  /** Its part of the rows. */
  giant: number;
  /** The part of the steps that ran. */
  executed: number;
  /** The newest row is of this time; the oldest is a year older. */
  end: number;
}

const year = 365 * 86_400_000;
const stepsAWorkflow = 40;

export function step(n: number, shape: Shape): Step {
  const chance = random(n);
  const { rows, tenants } = shape;
  const isGiant = chance.next() < shape.giant || tenants.length === 1;
  const tenant = isGiant ? tenants[0]! : tenants[1 + chance.rank(tenants.length - 1)]!;
  const created = shape.end - year + Math.floor(year * (n + 1) / rows);
  const workflows = Math.ceil((isGiant ? rows * shape.giant : rows / tenants.length) / stepsAWorkflow);
  const workflow = workflowOf(tenant, chance.below(workflows));
  const app = chance.pickByRank(apps);
  const label = chance.pickByRank(labels);
  const element = chance.pickByRank(elements);
  const subject = `${capital(chance.pickByRank(nouns))} ${chance.pickByRank(nouns)}`;
  const executed = chance.next() < shape.executed;
  const runs = 1 + chance.rank(2000);
  const failed = Math.floor(runs * chance.next() ** 3);
  return {
    id: uuid(created, chance),
    ...tenant,
    app_name: app,
    window_title: chance.next() < 0.5 ? `${subject} - ${app}` : `${subject} ${someName(chance)} - ${app}`,
    element_path: `Window > Pane > ${capital(chance.pickByRank(elements))} > ${capital(element)}[name="${label}"]`,
    step_name: stepName(chance, label, element),
    definition: definition(chance, label, element),
    ...workflow,
    author: author(chance.rank(isGiant ? 200 : 10)),
    created_at: created,
    stats: executed
      ? {
        succeeded: runs - failed,
        failed,
        duration_ms: 20 + Math.floor(3000 * chance.next() ** 4),
        last_executed_at: created + Math.floor((shape.end - created) * chance.next()),
      }
      : null,
  };
}

/** The giant has 200, the first of whom made most. */
export const author = (rank: number) => `${name(rank + 7919)}@example.com`.toLowerCase();

// a few are common, most are rare
const someName = (chance: Random) => name(Math.floor(nameCount * chance.next() ** 2));

function stepName(chance: Random, label: string, element: string): string {
  const verb = capital(chance.pickByRank(verbs));
  const noun = () => chance.pickByRank(nouns);
  const kind = chance.next();
  if (kind < 0.3) return `${verb} the ${label} ${element}`;
  if (kind < 0.5) return `${verb} the ${label} ${element} of ${someName(chance)}`;
  if (kind < 0.65) return `Type the ${noun()} ${noun()} into the ${label} field`;
  if (kind < 0.75) return `Find the ${noun()} ${noun()} of ${someName(chance)}`;
  if (kind < 0.85) return `${verb} the ${noun()} of order ${100_000 + chance.below(900_000)}`;
  const words = chance.pick(intents).intent.split(" ");
  const from = chance.below(Math.max(1, words.length - 5));
  return capital(words.slice(from, from + 4 + chance.below(5)).join(" "));
}

function definition(chance: Random, label: string, element: string): string {
  const role = capital(element);
  const lines = [
    `const target = await desktop.locator("role:${role}|name:${label}").first(${500 * (1 + chance.below(20))});`,
  ];
  for (let i = chance.below(3); i >= 0; i--) {
    const text = `${chance.pickByRank(nouns)} ${someName(chance)}`;
    lines.push(
      chance.pick([
        "await target.click();",
        `await target.typeText("${text}", { clear: true });`,
        `await target.pressKey("{Ctrl}${String.fromCharCode(97 + chance.below(26))}");`,
        `if (!(await target.isVisible())) throw new Error("No ${text}");`,
        `await desktop.locator("name:${text}").waitFor("visible");`,
        `await delay(${50 * chance.below(40)});`,
      ]),
    );
  }
  return lines.join("\n");
}

function workflowOf({ workspace_id }: Tenant, number: number) {
  const seed = parseInt(workspace_id.slice(0, 8), 16) ^ Math.imul(number + 1, 2_654_435);
  const chance = random(seed);
  const { intent } = chance.pick(intents);
  const workflow_name = `${capital(chance.pickByRank(nouns))} ${chance.pickByRank(nouns)} for ${someName(chance)} ${
    number + 1
  }`;
  const workflow_description = `${intent}. Done for ${someName(chance)}.`;
  return {
    workflow_text_id: textId(workspace_id, workflow_name, workflow_description),
    workflow_name,
    workflow_description,
  };
}

/** As the generated column of public.workflow_steps has it. */
function textId(workspace: string, name: string, description: string): string {
  return createHash("md5").update(`${workspace}${[...name].length}:${name}${description}`).digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Of version 7, so that ids ascend with time as real ones do. */
function uuid(milliseconds: number, chance: Random): string {
  const hex = (digits: number) => Math.floor(chance.next() * 16 ** digits).toString(16).padStart(digits, "0");
  const time = milliseconds.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-${"89ab"[chance.below(4)]}${hex(3)}-${hex(6)}${hex(6)}`;
}
