import { z } from "zod";
import { ConfigError } from "../core/error.ts";
import { didYouMean } from "../core/nearest.ts";
import { Secret } from "../core/secret.ts";
import { plain, positionAt, type YamlNode } from "./yaml_node.ts";

type Issue = z.core.$ZodIssue;

/** Reads a node by a schema. Throws a ConfigError at the first thing that does not fit; `what` names the whole in it. */
export const readShape = <S extends z.ZodType>(schema: S, node: YamlNode, what: string): z.output<S> =>
  readValue(schema, plain(node), node, what);

/** Reads a value by a schema; the node says where it was written. */
export function readValue<S extends z.ZodType>(schema: S, value: unknown, node: YamlNode, what: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  // A misspelt key is also a missing one: it comes first.
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  throw issue === undefined ? new ConfigError(`${what} is not understood`, node.position) : shapeError(schema, issue, value, node, what);
}

function shapeError(schema: z.ZodType, issue: Issue, value: unknown, node: YamlNode, what: string): ConfigError {
  const deep = deepest(issue);
  const found = deep.path.reduce<unknown>(member, value);
  const place = deep.path.map(String).join(".");
  if (deep.code === "unrecognized_keys") {
    const key = deep.keys[0] ?? "";
    const owner = place === "" ? what : `${what}: ${place}`;
    const allowed = objectKeys(schemaAt(schema, deep.path));
    return new ConfigError(unknownKey(owner, key, allowed), positionAt(node, [...deep.path, key], true));
  }
  if (deep.code === "invalid_key") {
    const owner = [what, ...deep.path.slice(0, -1).map(String)].join(": ");
    const reason = deep.issues[0]?.message ?? deep.message;
    return new ConfigError(`${owner} has "${String(deep.path.at(-1))}": ${reason}`, positionAt(node, deep.path, true));
  }
  const subject = place === "" ? what : `${what}: ${place}`;
  return new ConfigError(`${subject} ${describeIssue(deep, found)}`, positionAt(node, deep.path));
}

/** The sentence for a key that does not exist, with the nearest that does, or all of them. */
export function unknownKey(owner: string, key: string, allowed: readonly string[]): string {
  const hint = didYouMean(key, allowed);
  return `${owner} has no "${key}"${hint === "" && allowed.length > 0 ? `; it has ${allowed.join(", ")}` : hint}`;
}

/** Inside a union, the issue of the alternative that got furthest. */
function deepest(issue: Issue): Issue {
  if (issue.code !== "invalid_union") return issue;
  const candidates = issue.errors.flat().map(deepest);
  const best = candidates.reduce<Issue | undefined>((a, b) => (a === undefined || b.path.length > a.path.length ? b : a), undefined);
  if (best === undefined || best.path.length === 0) return issue;
  return { ...best, path: [...issue.path, ...best.path] };
}

function describeIssue(issue: Issue, found: unknown): string {
  if (found === undefined || found === null) return "is missing";
  if (found instanceof Secret) return "takes no secret: bring it into a file with copy or template, and name the file here";
  if (issue.code === "invalid_type") {
    const hint = issue.expected === "string" && typeof found !== "object" ? ": quote it" : "";
    return `must be ${nouns[issue.expected] ?? issue.expected}, not ${show(found)}${hint}`;
  }
  if (issue.code === "invalid_value") {
    const values = issue.values.map(String);
    return `must be ${values.length > 1 ? "one of " : ""}${values.join(", ")}, not ${show(found)}${didYouMean(String(found), values)}`;
  }
  if (issue.code === "invalid_union") return `does not fit: ${show(found)}`;
  return `is ${show(found)}: ${issue.message}`;
}

const nouns: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

/** A value in a message: short, and a map or list only by its kind. */
export function show(value: unknown): string {
  if (value instanceof Secret) return "a secret";
  if (Array.isArray(value)) return "a list";
  if (value === null || value === undefined) return "nothing";
  return typeof value === "object" ? "a map" : JSON.stringify(value);
}

const member = (value: unknown, key: PropertyKey): unknown =>
  typeof value === "object" && value !== null ? Object.entries(value).find(([name]) => name === String(key))?.[1] : undefined;

/** A schema without what is wrapped around it: optional, default, transformations. */
export function unwrap(schema: unknown): unknown {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodReadonly
  )
    return unwrap(schema.def.innerType);
  if (schema instanceof z.ZodPipe) return unwrap(schema.def.in instanceof z.ZodTransform ? schema.def.out : schema.def.in);
  return schema;
}

/** The objects a schema may stand for: itself, or the alternatives of a union. */
export function objectsOf(schema: unknown): readonly z.ZodObject[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return [inner];
  return inner instanceof z.ZodUnion ? inner.def.options.flatMap(objectsOf) : [];
}

/** The keys that a schema's objects know. */
export const objectKeys = (schema: unknown): string[] => [...new Set(objectsOf(schema).flatMap(({ shape }) => Object.keys(shape)))];

function schemaAt(schema: unknown, path: readonly PropertyKey[]): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return schema;
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) return schemaAt(inner.def.element, rest);
  if (inner instanceof z.ZodRecord) return schemaAt(inner.def.valueType, rest);
  const shapes = objectsOf(inner).flatMap(({ shape }) => (Object.hasOwn(shape, head) ? [shape[String(head)]] : []));
  return shapes.length === 0 ? undefined : schemaAt(shapes[0], rest);
}
