// Reads server-sent events from a response (https://html.spec.whatwg.org/multipage/server-sent-events.html).
export interface ServerEvent {
  id: string | null;
  event: string;
  data: Record<string, unknown>;
}

export async function* serverEvents(response: Response): AsyncGenerator<ServerEvent> {
  let text = "";
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    const blocks = text.split("\n\n");
    text = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(
        block.split("\n").filter((line) => !line.startsWith(":")).map((line) => {
          const colon = line.indexOf(": ");
          return [line.slice(0, colon), line.slice(colon + 2)];
        }),
      );
      const data = fields.get("data");
      if (data !== undefined) {
        yield { id: fields.get("id") ?? null, event: fields.get("event") ?? "message", data: JSON.parse(data) };
      }
    }
  }
}
