import { ConfigError } from "../core/error.ts";
import { didYouMean } from "../core/nearest.ts";
import { Secret } from "../core/secret.ts";

const missing: unique symbol = Symbol("missing");

/** The value at a path of names below plain data. Throws a ConfigError, with the nearest name, where there is none. */
export function lookUp(data: unknown, parts: readonly string[]): unknown {
  let value = data;
  for (const [index, part] of parts.entries()) {
    const next = member(value, part);
    if (next === missing) throw undefinedName(value, parts.slice(0, index + 1));
    value = next;
  }
  return value;
}

/** The same, but undefined where there is none: for `default` and `defined`. */
export function findPath(data: unknown, parts: readonly string[]): unknown {
  let value = data;
  for (const part of parts) {
    const next = member(value, part);
    if (next === missing) return undefined;
    value = next;
  }
  return value;
}

/** Own properties of lists and plain maps only; a Secret, or any other object with methods, has none. */
function member(value: unknown, part: string): unknown {
  if (!isPlain(value)) return missing;
  const found = Object.getOwnPropertyDescriptor(value, part)?.value;
  if (typeof found === "function") throw new ConfigError(`"${part}" is a function: variables are data`);
  return found === undefined ? missing : found;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

function undefinedName(owner: unknown, parts: readonly string[]): ConfigError {
  const name = parts.join(".");
  const part = parts.at(-1) ?? "";
  if (isPlain(owner)) return new ConfigError(`"${name}" is not defined${didYouMean(part, Object.keys(owner))}`);
  const kind = owner instanceof Secret ? "a secret" : owner === null ? "empty" : "a single value";
  const before = parts.slice(0, -1).join(".") || "this";
  return new ConfigError(`"${name}" is not defined: "${before}" is ${kind}`);
}
