import type { Position } from "../core/error.ts";
import { Secret } from "../core/secret.ts";

/** A single value; `text` is how the file spells it, without quotes, and empty for a Secret. */
export interface YamlScalar {
  readonly kind: "scalar";
  readonly position: Position;
  readonly value: string | number | boolean | null | Secret;
  readonly text: string;
  /** Where each `{{` of the text stands in the file. */
  readonly expressions: readonly Position[];
}

/** A list. */
export interface YamlList {
  readonly kind: "list";
  readonly position: Position;
  readonly items: readonly YamlNode[];
}

/** A value of a map, and where its key stands. */
export interface YamlEntry {
  readonly position: Position;
  readonly value: YamlNode;
}

/** A map in the order of the file; aliases and merge keys are resolved, duplicate keys do not occur. */
export interface YamlMap {
  readonly kind: "map";
  readonly position: Position;
  readonly entries: ReadonlyMap<string, YamlEntry>;
}

/** A value of a YAML file that knows its place. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

/** The value without its places: plain data. */
export function plain(node: YamlNode): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(plain);
    case "map":
      return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plain(value)]));
    default:
      return node satisfies never;
  }
}

/** Whether nothing was written: an absent value, `~` or `null`. */
export const isEmpty = (node: YamlNode): boolean => node.kind === "scalar" && node.value === null;

/** Where the value at a path stands, or the deepest one on the way that exists; with `key`, where its key stands. */
export function positionAt(node: YamlNode, path: readonly PropertyKey[], key = false): Position {
  const [head, ...rest] = path;
  if (head === undefined) return node.position;
  if (node.kind === "list") {
    const item = node.items[Number(head)];
    return item === undefined ? node.position : positionAt(item, rest, key);
  }
  const entry = node.kind === "map" ? node.entries.get(String(head)) : undefined;
  if (entry === undefined) return node.position;
  return key && rest.length === 0 ? entry.position : positionAt(entry.value, rest, key);
}

/** What a node is, for messages: `a list`, `a map`, `"text"`, `12`. */
export function describeNode(node: YamlNode): string {
  if (node.kind !== "scalar") return `a ${node.kind}`;
  if (node.value instanceof Secret) return "a secret";
  return node.value === null ? "nothing" : JSON.stringify(node.value);
}
