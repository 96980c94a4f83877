// Events of GitHub's webhooks, as JSON or as a form's field `payload`.
import { type Bytes, utf8 } from "../encoding.ts";
import { apiError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { type InboundEvent, isForm, objectAt, parseObject, textAt } from "./event.ts";

/** Null for a ping. Throws request_invalid, json_invalid, json_too_deep. */
export function parseGithub(headers: Headers, bytes: Bytes): InboundEvent | null {
  const event = headers.get("x-github-event");
  if (!event || !/^[a-z_]{1,100}$/.test(event)) {
    const problem = { code: "required", message: "This header names the event", path: "headers.x-github-event" };
    throw apiError("request_invalid", { details: { problems: [problem] } });
  }
  const payload = parseObject(isForm(headers) ? formPayload(bytes) : bytes);
  if (event === "ping") return null;
  const action = textAt(payload, "action");
  const repository = textAt(objectAt(payload, "repository"), "full_name");
  const branch = branchOf(event, payload);
  const deliveryId = headers.get("x-github-delivery");
  return {
    keys: repository ? [repository.toLowerCase()] : [],
    event: { event, ...(action !== null && { action }), ...(branch !== undefined && { branch }) },
    payload: {
      event,
      action,
      delivery_id: deliveryId,
      repository,
      sender: textAt(objectAt(payload, "sender"), "login"),
      payload,
    },
    deliveryId,
  };
}

function formPayload(bytes: Bytes): Bytes {
  return utf8(new URLSearchParams(new TextDecoder().decode(bytes)).get("payload") ?? "");
}

/** The branch of events that have one: where a pull request goes to; null for a tag's push. */
function branchOf(event: string, payload: JsonObject): string | null | undefined {
  switch (event) {
    case "push":
      return /^refs\/heads\/(.+)$/s.exec(textAt(payload, "ref") ?? "")?.[1] ?? null;
    case "pull_request":
      return textAt(objectAt(objectAt(payload, "pull_request"), "base"), "ref");
    case "workflow_run":
      return textAt(objectAt(payload, "workflow_run"), "head_branch");
  }
}
