import { ConfigError, type Position } from "../core/error.ts";

/** `[01:50]`, `[1:50:2]`, `[a:f]`; an empty beginning counts from 0. */
const range = /^(.*?)\[([0-9]*|[A-Za-z]):([0-9]+|[A-Za-z])(?::([0-9]+))?\](.*)$/s;
const largest = 100_000;
/** Small letters come first, as in Python's ascii_letters. */
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The names a host entry stands for: `web[01:03]` is web01, web02, web03; several ranges multiply. */
export function expandHostRange(text: string, position?: Position): readonly string[] {
  const match = range.exec(text);
  if (match === null) {
    if (/[[\]]/.test(text)) throw new ConfigError(`"${text}" is no host range: write web[01:50], web[1:50:2] or web[a:f]`, position);
    return [text];
  }
  const [, before = "", first = "", last = "", step = "1", after = ""] = match;
  const heads = rangeWords(text, first || "0", last, Number(step), position);
  const tails = expandHostRange(after, position);
  if (heads.length * tails.length > largest) throw new ConfigError(`"${text}" stands for more than ${largest} hosts`, position);
  return heads.flatMap((head) => tails.map((tail) => before + head + tail));
}

function rangeWords(text: string, first: string, last: string, step: number, position?: Position): string[] {
  const fail = (problem: string): never => {
    throw new ConfigError(`"${text}": ${problem}`, position);
  };
  if (step < 1) fail("a step is at least 1");
  if (isLetter(first) !== isLetter(last)) fail("a range runs from number to number or from letter to letter");
  if (isLetter(first)) return counts(letters.indexOf(first), letters.indexOf(last), step, fail).map((index) => letters.charAt(index));
  const width = first.length > 1 && first.startsWith("0") ? first.length : 0;
  if (width > 0 && width !== last.length) fail(`${first} and ${last} must be equally long`);
  return counts(Number(first), Number(last), step, fail).map((number) => String(number).padStart(width, "0"));
}

function counts(first: number, last: number, step: number, fail: (problem: string) => never): number[] {
  if (first > last) fail("the range runs backwards");
  const length = Math.floor((last - first) / step) + 1;
  if (length > largest) fail(`stands for more than ${largest} hosts`);
  return Array.from({ length }, (_, index) => first + index * step);
}

const isLetter = (text: string): boolean => /^[A-Za-z]$/.test(text);
