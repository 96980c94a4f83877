// Keeps the parts of a stack running. A part that ends by itself is reported with the end of its log and started
// again, at most five times a minute; after that a function stays down, and any other part ends the stack.
import { type Child, tail } from "./processes.ts";

export interface Part {
  name: string;
  launch(): Child | Promise<Child>;
  /** Whether it does its work; asked often while it starts. */
  healthy(): Promise<boolean>;
  /** Whether the stack is of no use without it. */
  essential: boolean;
}

const MOST_RESTARTS_A_MINUTE = 5;
const START_TIMEOUT_MS = 60_000;

export class Supervisor {
  readonly #children = new Map<string, Child>();
  #stopping = false;
  #fail!: (reason: string) => void;
  /** Settles, with the reason, when the stack can't go on. */
  readonly failed = new Promise<string>((resolve) => this.#fail = resolve);

  constructor(private readonly report: (line: string) => void, private readonly changed: () => void = () => {}) {}

  get pids(): Record<string, number> {
    return Object.fromEntries([...this.#children].map(([name, child]) => [name, child.pid]));
  }

  /** Starts a part and waits until it is healthy; throws with the end of its log when it ends before. */
  async start(part: Part, restarts: number[] = []): Promise<void> {
    const child = await part.launch();
    this.#children.set(part.name, child);
    let ended = false;
    child.exited.then(() => ended = true);
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!await part.healthy()) {
      if (ended || Date.now() > deadline) {
        const what = ended ? "ended while it started" : `did not answer within ${START_TIMEOUT_MS / 1000} s`;
        await child.stop();
        this.#children.delete(part.name);
        throw new Error(`${part.name} ${what}; the end of ${child.log}:\n${await tail(child.log)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    this.#watch(part, child, restarts);
  }

  async #watch(part: Part, child: Child, restarts: number[]): Promise<void> {
    const status = await child.exited;
    this.#children.delete(part.name);
    if (this.#stopping) return;
    const how = status.signal ? `was ended by ${status.signal}` : `ended with code ${status.code}`;
    this.report(`${part.name} ${how}; the end of ${child.log}:\n${indent(await tail(child.log))}`);
    const recent = restarts.filter((time) => time > Date.now() - 60_000);
    const giveUp = (reason: string) => {
      if (part.essential) this.#fail(reason);
      else this.report(`${reason} The rest of the stack goes on without it.`);
    };
    if (recent.length >= MOST_RESTARTS_A_MINUTE) {
      return giveUp(`${part.name} ended ${recent.length + 1} times within a minute and stays down.`);
    }
    try {
      await this.start(part, [...recent, Date.now()]);
      if (this.#stopping) return await this.#children.get(part.name)?.stop();
      this.report(`${part.name} runs again.`);
      this.changed();
    } catch (error) {
      if (!this.#stopping) giveUp((error as Error).message);
    }
  }

  /** Stops the parts, the database last: the others hand back to it what they hold. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const children = [...this.#children.values()];
    const database = children.filter((child) => child.name === "postgres");
    await Promise.all(children.filter((child) => child.name !== "postgres").map((child) => child.stop()));
    for (const child of database) await child.stop();
  }
}

const indent = (text: string) => text.replaceAll(/^/gm, "  ");
