// The key-less model, the same in functions and in SQL.
import { localLexical } from "shared/embeddings/local_lexical.ts";

export type Embed = (text: string, dimensions: number) => Float32Array;
export const embed: Embed = localLexical;
