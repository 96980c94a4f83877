// Numbers that look random and are the same in every run.
export interface Random {
  /** In [0, 1). */
  next(): number;
  below(count: number): number;
  pick<T>(values: readonly T[]): T;
  /** Picks as words are used: the first most often, the n-th about n times less. */
  pickByRank<T>(values: readonly T[]): T;
  rank(count: number): number;
}

export function random(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number) => Math.floor(next() * count);
  const rank = (count: number) => Math.min(count - 1, Math.floor((count + 1) ** next()) - 1);
  return {
    next,
    below,
    rank,
    pick: (values) => values[below(values.length)]!,
    pickByRank: (values) => values[rank(values.length)]!,
  };
}
