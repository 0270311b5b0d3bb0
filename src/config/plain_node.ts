import type { Position } from "../core/error.ts";
import type { YamlMap, YamlNode } from "./yaml_node.ts";

/** Plain data as the node that a YAML file with it would give; all of it stands at one place. Throws a TypeError for what is no plain data. */
export function plainNode(value: unknown, position: Position): YamlNode {
  if (Array.isArray(value)) return { kind: "list", position, items: value.map((item) => plainNode(item, position)) };
  if (typeof value === "object" && value !== null) return plainMap(Object.entries(value), position);
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return { kind: "scalar", position, value, text: String(value ?? ""), expressions: [] };
  throw new TypeError(`no plain data: ${typeof value}`);
}

function plainMap(entries: readonly (readonly [string, unknown])[], position: Position): YamlMap {
  return { kind: "map", position, entries: new Map(entries.map(([key, value]) => [key, { position, value: plainNode(value, position) }])) };
}
