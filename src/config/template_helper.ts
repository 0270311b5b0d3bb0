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
  join: { least: 1, most: 2, run: joined },
  length: { ...one, run: size },
  lower: { ...one, run: (text) => toText(text).toLowerCase() },
  upper: { ...one, run: (text) => toText(text).toUpperCase() },
  basename: { ...one, run: (path) => posix.basename(toText(path)) },
};

/** Calls a helper; a text that it makes of a secret is a secret, and no message of its shows one. */
export function callHelper(name: string, helper: TemplateHelper, args: readonly unknown[]): unknown {
  if (helper.isLenient || !args.some((arg) => arg instanceof Secret)) return helper.run(...args);
  const opened = args.map((arg) => (arg instanceof Secret ? arg.reveal() : arg));
  try {
    const result = helper.run(...opened);
    return typeof result === "string" ? new Secret(result) : result;
  } catch {
    throw new ConfigError(`${name} can't use what this secret holds`);
  }
}

/** A value as a part of a text, which is a secret from then on where the value is one. Throws a ConfigError for lists, maps and null. */
export function toText(value: unknown): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  if (value instanceof Secret) return value.reveal();
  throw new ConfigError(`${value === null ? "null" : show(value)} cannot be a part of a text${Array.isArray(value) ? ": join it" : ""}`);
}

/** A value as an answer: null, 0, an empty list and an empty map are no. Throws a ConfigError for text, so that "false" is never taken for true. */
export function toBoolean(value: unknown): boolean {
  if (typeof value === "boolean" || typeof value === "number" || value === null) return Boolean(value);
  if (typeof value === "object" && !(value instanceof Secret)) return Object.keys(value).length > 0;
  throw new ConfigError(`expected true or false, not ${show(value)}: compare it, as in eq name "value"`);
}

/** Numbers and booleans equal their text: extra vars are text. */
function isSame(one: unknown, other: unknown): boolean {
  const [a, b] = [one, other].map(unmasked);
  if (typeof a === typeof b || [a, b].some((value) => value === null || value === undefined || typeof value === "object"))
    return isDeepStrictEqual(a, b);
  return String(a) === String(b);
}

/** A value with its secrets revealed, to be compared. */
function unmasked(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(unmasked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unmasked(item)]));
}

function joined(list: unknown, separator: unknown = ","): unknown {
  const items = toList(list);
  const text = items.map(toText).join(toText(separator));
  return items.some((item) => item instanceof Secret) ? new Secret(text) : text;
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
