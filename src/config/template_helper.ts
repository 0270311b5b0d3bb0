import { posix } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ConfigError } from "../core/error.ts";
import { Secret } from "../core/secret.ts";
import { satisfiesKernel } from "../kernel/release.ts";
import { show } from "./shape.ts";

/** What an expression may call: how many arguments it takes, and what it makes of them. */
export interface TemplateHelper {
  readonly least: number;
  readonly most: number;
  /** Its arguments may be undefined variables. */
  readonly isLenient?: true;
  run(...args: readonly unknown[]): unknown;
}

const two = { least: 2, most: 2 };
const one = { least: 1, most: 1 };
const many = { least: 2, most: Number.POSITIVE_INFINITY };

/** All helpers by name. A ConfigError that one throws has no place yet. */
export const templateHelpers: Readonly<Record<string, TemplateHelper>> = {
  eq: { ...two, run: isSame },
  ne: { ...two, run: (a, b) => !isSame(a, b) },
  lt: { ...two, run: (a, b) => toNumber(a) < toNumber(b) },
  le: { ...two, run: (a, b) => toNumber(a) <= toNumber(b) },
  gt: { ...two, run: (a, b) => toNumber(a) > toNumber(b) },
  ge: { ...two, run: (a, b) => toNumber(a) >= toNumber(b) },
  and: { ...many, run: (...all) => all.map(toBoolean).every(Boolean) },
  or: { ...many, run: (...all) => all.map(toBoolean).some(Boolean) },
  not: { ...one, run: (value) => !toBoolean(value) },
  in: { ...two, run: isIn },
  satisfies: { ...two, run: (release, range) => satisfiesKernel(toText(release), toText(range)) },
  default: { ...many, isLenient: true, run: firstGiven },
  defined: { ...one, isLenient: true, run: (value) => value !== undefined },
  join: { least: 1, most: 2, run: (list, separator = ",") => toList(list).map(toText).join(toText(separator)) },
  length: { ...one, run: size },
  lower: { ...one, run: (text) => toText(text).toLowerCase() },
  upper: { ...one, run: (text) => toText(text).toUpperCase() },
  basename: { ...one, run: (path) => posix.basename(toText(path)) },
};

/** A value as a part of a text; a secret stays hidden in it. Throws a ConfigError for lists, maps and null. */
export function toText(value: unknown): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  if (value instanceof Secret) return String(value);
  throw new ConfigError(`${value === null ? "null" : show(value)} cannot be a part of a text${Array.isArray(value) ? ": join it" : ""}`);
}

/** A value as an answer: null, 0, an empty list and an empty map are no. Throws a ConfigError for text, so that "false" is never taken for true. */
export function toBoolean(value: unknown): boolean {
  if (typeof value === "boolean" || typeof value === "number" || value === null) return Boolean(value);
  if (typeof value === "object" && !(value instanceof Secret)) return Object.keys(value).length > 0;
  throw new ConfigError(`expected true or false, not ${show(value)}: compare it, as in eq name "value"`);
}

/** Numbers and booleans equal their text: extra vars are text. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a === typeof b || [a, b].some((value) => value === null || value === undefined || typeof value === "object"))
    return isDeepStrictEqual(a, b);
  return String(a) === String(b);
}

function toNumber(value: unknown): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw new ConfigError(`${show(value)} is no number; kernel releases are compared with: satisfies kernel.release ">=5.15"`);
}

function toList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ConfigError(`expected a list, not ${show(value)}`);
}

function isIn(value: unknown, whole: unknown): boolean {
  if (typeof whole === "string") return whole.includes(toText(value));
  if (Array.isArray(whole)) return whole.some((item) => isSame(item, value));
  if (typeof whole === "object" && whole !== null) return Object.hasOwn(whole, toText(value));
  throw new ConfigError(`nothing is in ${show(whole)}: expected a list, a map or a text`);
}

function size(value: unknown): number {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  if (typeof value === "object" && value !== null) return Object.keys(value).length;
  throw new ConfigError(`${show(value)} has no length`);
}

function firstGiven(...values: readonly unknown[]): unknown {
  const given = values.find((value) => value !== undefined && value !== null);
  if (given === undefined) throw new ConfigError("none of the values of default is defined");
  return given;
}
