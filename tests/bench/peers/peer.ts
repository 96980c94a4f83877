// What the peers have in common: they run the same layers of jobs, each in the way its users would.
import type postgres from "postgres";
import { payload, type Shape, stepsOf } from "../shapes.ts";

export interface Peer {
  name: string;
  /** What it does and does not do for its figures. */
  note: string;
  /** All, unless they would take it too long. */
  shapes?: Shape[];
  isCheap?: boolean;
  /** Makes its tables, in a database of its own. */
  install(url: string): Promise<void>;
  /** Starts its workers; what is done until they are closed is its own. */
  open(url: string): Promise<{ run(shape: Shape, executions: number): Promise<void>; close(): Promise<void> }>;
}

/** A job of a queue that knows no graphs: it carries its place. */
export interface Job {
  execution: string;
  layer: number;
  payload: typeof payload;
}

/** The jobs of a layer. */
export function jobsOf({ layers }: Shape, execution: string, layer: number): Job[] {
  return Array.from({ length: layers[layer] ?? 0 }, () => ({ execution, layer, payload }));
}

/** Where there is no graph, users join in a table of their own: the last job of a layer to be done adds the next ones. */
export const joins = {
  async install(sql: postgres.Sql): Promise<void> {
    await sql`create table joins (execution uuid, layer int, done int not null, primary key (execution, layer))`;
  },
  arrive: `insert into joins as j (execution, layer, done) values ($1, $2, $3)
    on conflict (execution, layer) do update set done = j.done + excluded.done returning done`,
};

/** Whether a layer needs a join behind it. */
export const isJoined = ({ layers }: Shape, layer: number) => layers[layer]! > 1 && layer < layers.length - 1;

/** Resolves when a number of jobs has been done. */
export class Countdown {
  readonly over: Promise<void>;
  #left: number;
  #resolve!: () => void;

  constructor(shape: Shape, executions: number) {
    this.#left = stepsOf(shape) * executions;
    this.over = new Promise((resolve) => this.#resolve = resolve);
  }

  get isOver(): boolean {
    return this.#left <= 0;
  }

  count(jobs = 1): void {
    this.#left -= jobs;
    if (this.isOver) this.#resolve();
  }
}
