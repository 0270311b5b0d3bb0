import { ConfigError, type Position } from "../core/error.ts";
import { didYouMean } from "../core/nearest.ts";
import { expandHostRange } from "./host_range.ts";
import { type DraftGroup, draftGroup, draftHost, type InventoryDraft } from "./inventory_draft.ts";
import { locatedVars } from "./located_vars.ts";
import { describeNode, isEmpty, type YamlMap, type YamlNode } from "./yaml_node.ts";

const groupKeys = ["hosts", "children", "vars"];

/** Adds an inventory in Ansible's YAML structure to a draft. */
export function draftInventoryYaml(draft: InventoryDraft, root: YamlNode): void {
  if (isEmpty(root)) return;
  for (const [name, { position, value }] of mapOf(root, "an inventory is a map of groups: all: …").entries)
    readGroup(draft, name, position, value);
}

function readGroup(draft: InventoryDraft, name: string, position: Position, node: YamlNode): void {
  if (/[\s,:&!*?~[\]]/.test(name)) throw new ConfigError(`"${name}" is no name for a group: patterns could not say it`, position);
  const group = draftGroup(draft, name);
  if (isEmpty(node)) return;
  for (const [key, entry] of mapOf(node, `group "${name}" is a map of hosts, children and vars`).entries) {
    if (isEmpty(entry.value) && groupKeys.includes(key)) continue;
    if (key === "hosts") readHosts(draft, group, entry.value);
    else if (key === "children") readChildren(draft, group, entry.value);
    else if (key === "vars") for (const [variable, value] of locatedVars(entry.value, draft.secrets)) group.vars.set(variable, value);
    else throw new ConfigError(`a group has no "${key}"${didYouMean(key, groupKeys)}: ${groupKeys.join(", ")}`, entry.position);
  }
}

function readHosts(draft: InventoryDraft, group: DraftGroup, node: YamlNode): void {
  for (const [key, { position, value }] of mapOf(node, `the hosts of "${group.name}" are a map, each name with a colon: web01:`).entries) {
    if (/[\s,]|^[&!~@-]|^$/.test(key)) throw new ConfigError(`"${key}" is no name for a host: patterns could not say it`, position);
    const vars = locatedVars(value, draft.secrets);
    for (const name of expandHostRange(key, position)) draftHost(draft, group, name, vars);
  }
}

function readChildren(draft: InventoryDraft, group: DraftGroup, node: YamlNode): void {
  for (const [name, { position, value }] of mapOf(node, `the children of "${group.name}" are a map, each name with a colon: web:`)
    .entries) {
    group.children.set(name, position);
    readGroup(draft, name, position, value);
  }
}

function mapOf(node: YamlNode, expected: string): YamlMap {
  if (node.kind === "map") return node;
  throw new ConfigError(`${expected}; this is ${describeNode(node)}`, node.position);
}
