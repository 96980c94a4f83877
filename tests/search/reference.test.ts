// search_steps_two_stage against a slow form of it that reads every step: the same steps, in the same order, with the
// same scores, for members of some workspaces and not of others. All fits in the posting budget here.
import assert from "node:assert/strict";
import { random } from "../races/world.ts";
import { isolatedDatabase } from "../stack.ts";

/** Words and their English stems; none is like another. */
const stems: Record<string, string> = {
  save: "save",
  open: "open",
  prints: "print",
  deleted: "delet",
  invoices: "invoic",
  orders: "order",
  battery: "batteri",
  customer: "custom",
  window: "window",
  tickets: "ticket",
  reporting: "report",
  refund: "refund",
  searching: "search",
  upload: "upload",
  filter: "filter",
  chart: "chart",
  email: "email",
  project: "project",
};
const words = Object.keys(stems);

interface Step {
  id: string;
  workspace: number;
  app: string;
  /** Stems in the order of their positions, each with the weight of its field. */
  terms: { stem: string; weight: number }[];
  length: number;
  vector: number[] | null;
  stats: { succeeded: number; failed: number; duration: number | null; at: number } | null;
}

interface Part {
  plain: string[];
  phrases: string[][];
  excluded: string[][];
}

interface Asked {
  parts: Part[];
  vector: number[] | null;
  app: string | null;
  minSucceeded: number;
  minSimilarity: number | null;
  stage1: number;
  stage2: number;
  mode: "two_stage" | "hybrid";
  ranking: "document" | "robust";
}

const now = Date.UTC(2026, 2, 1);
const [k1, b] = [1.5, 0.9];
const round = (x: number) => Math.round(x * 1e6) / 1e6;

/** ts_rank() of one lexeme, in numbers of 32 bits as there, over the limit that makes it a frequency. */
function frequency(step: Step, stem: string): number {
  const weights = step.terms.filter((term) => term.stem === stem).map((term) => Math.fround(term.weight));
  if (weights.length === 0) return 0;
  let sum = 0;
  let largest = -1;
  let at = 0;
  weights.forEach((weight, j) => {
    sum = Math.fround(sum + Math.fround(weight / ((j + 1) * (j + 1))));
    if (weight > largest) [largest, at] = [weight, j];
  });
  const whole = Math.fround(Math.fround(largest + sum) - Math.fround(largest / ((at + 1) * (at + 1))));
  return Math.fround(whole / 1.64493406685) * 1.64493406685;
}

const hasPhrase = (step: Step, phrase: string[]) =>
  step.terms.some((_, i) => phrase.every((word, j) => step.terms[i + j]?.stem === stems[word]));

function rank(formula: Asked["ranking"], { stats }: Step, mostExecutions: number): number {
  if (!stats) return 0;
  const n = stats.succeeded + stats.failed;
  const p = stats.succeeded / n;
  const months = (now - stats.at) / 2592000_000;
  if (formula === "document") {
    return round(
      40 * p + 30 * Math.min(n / 100, 1) + 20 * Math.max(Math.min(1 - months, 1), 0) +
        (stats.duration ? 10 * Math.min(1000 / stats.duration, 1) : 0),
    );
  }
  const z = 1.96;
  const wilson = (p + z * z / (2 * n) - z * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n);
  return round(
    60 * Math.max(wilson, 0) + 25 * Math.exp(-Math.max(months, 0)) +
      15 * Math.log(1 + n) / Math.log(1 + Math.max(n, mostExecutions)),
  );
}

function cosine(x: number[], y: number[]): number {
  const dot = (p: number[], q: number[]) => p.reduce((sum, value, i) => sum + value * q[i]!, 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}

function reference(steps: Step[], asked: Asked) {
  const documents = steps.length;
  const average = steps.reduce((sum, step) => sum + step.length, 0) / documents;
  const mostExecutions = Math.max(0, ...steps.map(({ stats }) => stats ? stats.succeeded + stats.failed : 0));

  const parts = asked.parts.map((part) => {
    const sentence = new Set(part.plain.map((word) => stems[word]!)).size >= 4;
    return {
      ...part,
      phrases: sentence ? [] : part.phrases,
      any: [...part.plain, ...part.phrases.flat()].map((word) => stems[word]!),
    };
  }).filter((part) => part.any.length + part.excluded.length > 0);
  const hasPhrases = parts.some((part) => part.phrases.length > 0);
  const hasConditions = hasPhrases || parts.some((part) => part.excluded.length > 0);
  const isBarred = (step: Step, part: Part) => part.excluded.some((phrase) => hasPhrase(step, phrase));
  const hasAny = (step: Step, any: string[]) => any.length === 0 || step.terms.some(({ stem }) => any.includes(stem));
  const fulfils = (step: Step) =>
    parts.some((part) =>
      !isBarred(step, part) &&
      (part.phrases.length > 0 ? part.phrases.every((phrase) => hasPhrase(step, phrase)) : hasAny(step, part.any))
    );
  const isRelaxed = (step: Step) =>
    !hasConditions || parts.some((part) => !isBarred(step, part) && hasAny(step, part.any));
  const isAllowed = (step: Step) => parts.length === 0 || parts.some((part) => !isBarred(step, part));

  const inFilter = steps.filter((step) =>
    (asked.app === null || step.app === asked.app) && (step.stats?.succeeded ?? 0) >= asked.minSucceeded
  );
  const weights = [...new Set(parts.flatMap((part) => part.any))].map((stem) => {
    const df = steps.filter((step) => step.terms.some((term) => term.stem === stem)).length;
    return { stem, df, weight: Math.sqrt(Math.log(1 + (documents - df + 0.5) / (df + 0.5))) };
  }).filter(({ df }) => df > 0);
  const score = (step: Step) =>
    round(
      weights.reduce((sum, { stem, weight }) => {
        const f = frequency(step, stem);
        return sum + weight * (k1 + 1) * f / (f + k1 * (1 - b + b * step.length / average));
      }, 0),
    );
  const known = weights.map(({ stem }) => stem);
  const byScore = (some: Step[]) =>
    some.filter((step) => hasAny(step, known)).map((step) => ({ step, score: score(step) }))
      .sort((x, y) => y.score - x.score || (x.step.id < y.step.id ? 1 : -1)).slice(0, asked.stage1);

  // of phrases only, what fulfils them is looked for, whatever words it has
  let kept: { step: Step; score: number }[] = [];
  let strict: number | null = null;
  if (known.length > 0) {
    if (hasPhrases) {
      kept = byScore(inFilter.filter(fulfils));
      strict = kept.length;
    }
    if (strict === null || strict < 10) {
      const first = new Set(kept.map(({ step }) => step));
      kept = kept.concat(byScore(inFilter.filter(isRelaxed)).filter(({ step }) => !first.has(step)));
    }
  } else if (!asked.vector && parts.every((part) => part.any.length === 0)) {
    throw new Error("a search of nothing is not asked here");
  }
  const hits = kept.map(({ step, score }, i) => ({
    step,
    score: score as number | null,
    place: i + 1 as number | null,
  }));
  if (asked.vector && (strict ?? 0) < 10 && (asked.mode === "hybrid" || hits.length === 0)) {
    const there = new Set(hits.map(({ step }) => step));
    inFilter.filter((step) => step.vector && isAllowed(step))
      .map((step) => ({ step, distance: 1 - cosine(step.vector!, asked.vector!) }))
      .sort((x, y) => x.distance - y.distance || (x.step.id < y.step.id ? 1 : -1))
      .slice(0, 200)
      .forEach(({ step }) => there.has(step) || hits.push({ step, score: null, place: null }));
  }
  const best = Math.max(0, ...hits.map((hit) => hit.score ?? 0));
  return hits.map(({ step, score, place }) => {
    const ranking = rank(asked.ranking, step, mostExecutions);
    const similarity = asked.vector && step.vector ? round(cosine(step.vector, asked.vector)) : null;
    const combined = round(
      asked.vector
        ? ranking * 0.003 + 0.7 * Math.max(similarity ?? 0, 0)
        : best > 0
        ? ranking * 0.003 + 0.7 * score! / best
        : ranking / 100,
    );
    return {
      id: step.id,
      ranking,
      place,
      score,
      similarity,
      combined,
      late: strict !== null && (place ?? 1e9) > strict,
    };
  }).filter(({ similarity }) =>
    asked.minSimilarity === null || similarity !== null && similarity >= asked.minSimilarity
  ).sort((x, y) =>
    Number(x.late) - Number(y.late) || y.combined - x.combined || (y.score ?? 0) - (x.score ?? 0) ||
    (x.id < y.id ? 1 : -1)
  ).slice(0, asked.stage2);
}

const render = (parts: Part[]) =>
  parts.map(({ plain, phrases, excluded }) =>
    [
      ...plain,
      ...phrases.map((phrase) => `"${phrase.join(" ")}"`),
      ...excluded.map((phrase) => phrase.length > 1 ? `-"${phrase.join(" ")}"` : `-${phrase[0]}`),
    ].join(" ")
  ).join(" or ");

for (const seed of [1, 2, 3]) {
  Deno.test(`a search finds what a look at every step finds (seed ${seed})`, async () => {
    await using database = await isolatedDatabase();
    const sql = database.connect();
    const next = random(seed);
    const below = (n: number) => Math.floor(next() * n);
    // some words are common, some are rare
    const word = () => words[Math.floor(next() * next() * words.length)]!;
    const some = (most: number) => Array.from({ length: 1 + below(most) }, word);
    const vector = () => Array.from({ length: 6 }, () => below(5) - 1).concat(1);
    const written = (numbers: number[]) => `[${numbers.concat(Array(768 - numbers.length).fill(0)).join(",")}]`;

    const people = await sql`
      insert into auth.users (id, email) select gen_random_uuid(), 'p' || i || '@example.com' from generate_series(1, 3) i
      returning id`;
    const workspaces: string[] = [];
    for (const { id } of people) {
      const [row] = await sql.begin(async (t) => {
        await t`select set_config('request.jwt.claims', ${JSON.stringify({ sub: id, role: "authenticated" })}, true)`;
        return await t`select workspaces.default_id() as id`;
      });
      workspaces.push(row!.id);
    }
    // the second person sees what is the first's, the third alone
    await sql`insert into public.workspace_members (workspace_id, user_id, role)
      values (${workspaces[0]!}, ${people[1]!.id}, 'viewer')`;
    const sees = [[0], [0, 1], [2]];

    const steps: Step[] = [];
    for (let i = 0; i < 240; i++) {
      const workspace = below(3);
      const app = ["save", "chart", "email"][below(3)]!;
      const fields = [[app], some(2), some(5), some(2), some(4)];
      const [row] = await sql`
        insert into public.workflow_steps (workspace_id, app_name, window_title, step_name, element_path, workflow_name)
        values (${workspaces[workspace]!}, ${app}, ${fields[1]!.join(" ")}, ${fields[2]!.join(" ")},
          ${fields[3]!.join(" ")}, ${fields[4]!.join(" ")})
        returning id, length(search_vector) as length`;
      const step: Step = {
        id: row!.id,
        workspace,
        app,
        terms: fields.flatMap((field, f) =>
          field.map((word) => ({ stem: stems[word]!, weight: [0.8, 0.8, 1, 0.4, 1][f]! }))
        ),
        length: row!.length,
        vector: next() < 0.8 ? vector() : null,
        stats: next() < 0.6
          ? {
            succeeded: below(150),
            failed: 1 + below(20),
            duration: next() < 0.2 ? null : below(3000),
            at: now - below(50 * 86400) * 1000,
          }
          : null,
      };
      assert.equal(step.length, new Set(step.terms.map(({ stem }) => stem)).size);
      steps.push(step);
      if (step.vector) {
        await sql`
          insert into search.vectors
            (source_id, row_id, model_id, workspace_id, dimensions, embedding, content_hash, embedded_at)
          values (1, ${step.id}, 1, ${workspaces[workspace]!}, 768, ${written(step.vector)}::text::extensions.halfvec,
            '\\x00', now())`;
      }
      if (step.stats) {
        const { succeeded, failed, duration, at } = step.stats;
        await sql`
          insert into public.workflow_step_stats
            (step_id, workspace_id, succeeded, failed, duration_ms, last_executed_at, stored_rank)
          values (${step.id}, ${workspaces[workspace]!}, ${succeeded}, ${failed}, ${duration},
            ${new Date(at).toISOString()}, 0)`;
      }
    }
    await sql`select search.refresh_corpora()`;

    let found = 0;
    for (let round = 0; round < 120; round++) {
      const parts = Array.from({ length: next() < 0.2 ? 2 : 1 }, () => ({
        plain: next() < 0.8 ? some(6) : [],
        phrases: next() < 0.25 ? [[word(), word()]] : [],
        excluded: next() < 0.2 ? [next() < 0.5 ? [word()] : [word(), word()]] : [],
      }));
      if (!parts.some((part) => part.plain.length + part.phrases.length > 0)) parts[0]!.plain = some(2);
      const asked: Asked = {
        parts,
        vector: next() < 0.7 ? vector() : null,
        app: next() < 0.3 ? ["save", "chart", "email"][below(3)]! : null,
        minSucceeded: next() < 0.2 ? below(100) : 0,
        minSimilarity: null,
        stage1: next() < 0.3 ? 1 + below(20) : 500,
        stage2: 1 + below(60),
        mode: next() < 0.5 ? "two_stage" : "hybrid",
        ranking: next() < 0.5 ? "document" : "robust",
      };
      if (asked.vector && next() < 0.2) asked.minSimilarity = Math.round(next() * 100) / 100;
      const person = below(3);
      const text = render(parts);
      const answer = await sql.begin(async (t) => {
        await t`select set_config('request.jwt.claims', ${
          JSON.stringify({ sub: people[person]!.id, role: "authenticated" })
        }, true), set_config('tandem.now', ${new Date(now).toISOString()}, true)`;
        await t`set local role authenticated`;
        return await t`
          select f.step_id, f.ranking::float8, f.keyword_rank, f.text_score::float8, f.similarity_score::float8,
            f.combined_score::float8
          from public.search_steps_two_stage(${text}, ${asked.vector && written(asked.vector)}::text::extensions.vector,
            filter_app => ${asked.app}, min_succeeded => ${asked.minSucceeded}, stage1_limit => ${asked.stage1},
            stage2_limit => ${asked.stage2}, mode => ${asked.mode}, ranking => ${asked.ranking},
            min_similarity => ${asked.minSimilarity}) f`;
      });
      const expected = reference(steps.filter((step) => sees[person]!.includes(step.workspace)), asked);
      const what = `round ${round}: ${text} ${JSON.stringify({ ...asked, parts: undefined, vector: !!asked.vector })}`;
      assert.deepEqual(answer.map((row) => row.step_id), expected.map((row) => row.id), what);
      answer.forEach((row, i) => {
        const { ranking, place, score, similarity, combined } = expected[i]!;
        assert.equal(row.keyword_rank, place, what);
        for (
          const [is, was] of [[row.ranking, ranking], [row.text_score, score], [row.similarity_score, similarity], [
            row.combined_score,
            combined,
          ]]
        ) {
          assert.equal(is === null, was === null, what);
          assert.ok(Math.abs(is - was) < 2.5e-6, `${what}: ${is}, not ${was}`);
        }
      });
      found += answer.length;
    }
    assert.ok(found > 1000, `${found} steps were found`);
  });
}
