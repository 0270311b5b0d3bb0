import { ConfigError } from "../core/error.ts";
import type { PlacedText } from "./expression.ts";

const token = /\\\{\{|\{\{[\s\S]*?\}\}|"((?:\{\{[\s\S]*?\}\}|[^"\\]|\\[\s\S])*)"|'([^']*)'|\\([\s\S])|\s+|[\s\S]/g;
const insideQuotes = /\{\{[\s\S]*?\}\}|\\(["\\])/g;

/** Splits a command into words as a shell would, before any expression is rendered: what an expression yields stays within its word. */
export function splitWords({ text, position, expressions }: PlacedText): PlacedText[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [whole, double, single, escaped] of text.matchAll(token)) {
    if (whole === '"' || whole === "'") throw new ConfigError(`a quote is not closed: ${whole}`, position);
    if (/^\s/.test(whole)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + (double?.replaceAll(insideQuotes, (part, mark?: string) => mark ?? part) ?? single ?? escaped ?? whole);
    }
  }
  if (word !== undefined) words.push(word);
  let used = 0;
  return words.map((part) => {
    const begin = used;
    used += [...part.matchAll(/\{\{/g)].length;
    return { text: part, position, expressions: expressions.slice(begin, used) };
  });
}
