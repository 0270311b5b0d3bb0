import type { Answer } from "../core/answer.ts";
import { FactError } from "../core/error.ts";
import { lastLines } from "../core/printable.ts";

/** What a script of ours printed: lines of a key and a value. */
export interface FactRecord {
  /** The value of a key that must be there once; throws a FactError otherwise. */
  one(key: string): string;
  /** The value of a key that may be there once; an empty value counts as absent. */
  optional(key: string): string | undefined;
  /** All values of a key, in their order. */
  all(key: string): readonly string[];
}

const line = /^([a-z][a-z-]*)(?: (.*))?$/;

/**
 * Reads lines of "key value", closed by a line "end": what was cut short is not taken for a host that has little.
 * `subject` says what was asked, for the FactError.
 */
export function readRecord({ code, stdout, stderr }: Answer, subject: string): FactRecord {
  const lines = stdout.split("\n");
  if (lines.pop() !== "" || lines.pop() !== "end") {
    throw new FactError(`cannot read ${subject}: the answer is incomplete (exit code ${code})${detail(stderr)}`);
  }
  const values = new Map<string, string[]>();
  for (const text of lines) {
    const [, key, value = ""] = line.exec(text) ?? [];
    if (key === undefined) throw new FactError(`cannot read ${subject}: unexpected line "${lastLines(text, 1)}"`);
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  return recordOf(values, subject);
}

const detail = (stderr: string): string => {
  const last = lastLines(stderr, 1);
  return last === "" ? "" : `: ${last}`;
};

function recordOf(values: ReadonlyMap<string, readonly string[]>, subject: string): FactRecord {
  const all = (key: string): readonly string[] => values.get(key) ?? [];
  const optional = (key: string): string | undefined => {
    const found = all(key);
    if (found.length > 1) throw new FactError(`cannot read ${subject}: it says "${key}" ${found.length} times`);
    return found[0] || undefined;
  };
  const one = (key: string): string => {
    const found = optional(key);
    if (found === undefined) throw new FactError(`cannot read ${subject}: it does not say "${key}"`);
    return found;
  };
  return { one, optional, all };
}

/** Reads a count of bytes and the like; throws a FactError for all but plain digits that a number holds exactly. */
export function readCount(text: string, subject: string): number {
  const count = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(count)) throw new FactError(`cannot read ${subject}: "${text}" is not a count`);
  return count;
}
