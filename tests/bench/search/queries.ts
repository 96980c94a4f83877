// What people type into a search of steps, of five kinds.
import type { Embed } from "./embed.ts";
import { intents } from "./intents.ts";
import { type Random, random } from "./random.ts";
import { capital, elements, labels, name, nameCount, nouns, verbs } from "./words.ts";

export const kinds = ["natural language", "rare words", "common words only", "typos", "paraphrase"] as const;
export type Kind = typeof kinds[number];

export interface Query {
  kind: Kind;
  text: string;
  vector: Float32Array;
}

/** None of them says what a row says. */
const paraphrases = (
  "persist the form|sign in with my passcode|locate a client|dismiss the popup|put goods into the basket|erase a record|" +
  "authenticate as another member|hit continue|transmit an e-mail|modify preferences|pick an option|go to the previous screen|" +
  "look up a bill|store the picture|refuse the pull request|enlarge the window|abort the upload|duplicate a line|" +
  "purchase an article|launch the program|terminate the application|jot down the telephone|reload the webpage|" +
  "choose the day of the appointment|write an answer to the buyer|enrol a colleague|revert my adjustment|halt the process|" +
  "narrow the entries|arrange the spreadsheet|deliver the paperwork|accept the terms|discard the draft|insert a column|" +
  "fetch directions|compose a reply|minimise the dialog|import the attachment|verify the total cost|publish the photograph"
).split("|");

/** So many of each kind, those of one kind not behind each other. */
export function queries(each: number, embed: Embed, dimensions: number): Query[] {
  const chance = random(20_261_121);
  return Array.from({ length: each }).flatMap(() =>
    kinds.map((kind) => {
      const text = texts[kind](chance);
      return { kind, text, vector: embed(text, dimensions) };
    })
  );
}

const texts: Record<Kind, (chance: Random) => string> = {
  "natural language": (chance) => chance.pick(intents).intent,
  "rare words": rareWords,
  "common words only": (chance) =>
    chance.pick([
      () => `${capital(verbs[chance.below(4)]!)} the ${labels[chance.below(6)]} ${elements[chance.below(4)]}`,
      () => `type into the ${labels[chance.below(6)]} field`,
      () => `${verbs[chance.below(4)]} ${nouns[chance.below(8)]} ${elements[chance.below(4)]}`,
    ])(),
  typos: (chance) => misspelt(chance, rareWords(chance)),
  paraphrase: (chance) => chance.pick(paraphrases),
};

function rareWords(chance: Random): string {
  const someone = name(Math.floor(nameCount * chance.next() ** 2));
  const noun = () => chance.pickByRank(nouns);
  return chance.pick([
    `Find the ${noun()} of ${someone}`,
    `${someone} ${noun()}`,
    `Click the ${chance.pickByRank(labels)} button of ${someone}`,
    `Type the ${noun()} of ${someone} into the ${chance.pickByRank(labels)} field`,
  ]);
}

/** Two letters of the longest word are swapped. */
function misspelt(chance: Random, text: string): string {
  const words = text.split(" ");
  const word = words.toSorted((a, b) => b.length - a.length)[0]!;
  const at = 1 + chance.below(word.length - 2);
  const wrong = word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
  return words.map((other) => other === word ? wrong : other).join(" ");
}
