// Rows of the outbox for tests.
import { type Content, type Message, messageOf, type OutboxRow } from "./message.ts";

export const interactionId = "0198c0de-0000-7000-8000-00000000000a";
export const project = "https://project.test";

export function outboxRow(more: Partial<Omit<OutboxRow, "content">> = {}, content: Partial<Content> = {}): OutboxRow {
  return {
    id: crypto.randomUUID(),
    workspace_id: "0198c0de-0000-4000-8000-000000000001",
    interaction_id: interactionId,
    kind: "request",
    channel: "slack",
    integration_id: "0198c0de-0000-4000-8000-000000000002",
    recipient: "C0REFUNDS",
    attempt: 1,
    thread: null,
    token: more.kind === "decided" ? null : "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst",
    ...more,
    content: {
      type: "approval",
      title: "Refund 120 EUR?",
      message: "Order 42 came back.",
      data: { order: 42, amount: 120 },
      priority: "normal",
      timeout_at: "2026-01-02T10:00:00Z",
      workflow: "Refunds",
      ...content,
    },
  };
}

export const message = (...row: Parameters<typeof outboxRow>): Message => messageOf(outboxRow(...row), project);
