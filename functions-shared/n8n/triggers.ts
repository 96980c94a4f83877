import { list, record } from "../json.ts";
import { plain, Untranslatable } from "./expression.ts";
import { located, type Mapper, type Plan } from "./plan.ts";
import { oldSchedule, schedule } from "./schedule.ts";
import { text } from "./source.ts";

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

export const triggers: Record<string, Mapper> = {
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
};
