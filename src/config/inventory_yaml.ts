import { ConfigError, type Position } from "../core/error.ts";
import { didYouMean } from "../core/nearest.ts";
import { checkGroupName, draftHostEntry } from "./host_entry.ts";
import { type DraftGroup, draftGroup, draftGroupVars, type InventoryDraft } from "./inventory_draft.ts";
import { locatedVars } from "./located_vars.ts";
import { plainNode } from "./plain_node.ts";
import { describeNode, isEmpty, type YamlMap, type YamlNode } from "./yaml_node.ts";

const groupKeys = ["hosts", "children", "vars"];

/** Adds an inventory in Ansible's YAML structure to a draft. */
export function draftInventoryYaml(draft: InventoryDraft, root: YamlNode): void {
  if (isEmpty(root)) return;
  const { entries } = mapOf(root, "an inventory is a map of groups: all: …");
  const plugin = entries.get("plugin");
  if (plugin?.value.kind === "scalar" && !isEmpty(plugin.value)) throw pluginError(plugin.value);
  for (const [name, { position, value }] of entries) readGroup(draft, name, position, value);
}

const pluginError = (plugin: YamlNode): ConfigError =>
  new ConfigError(
    `this configures Ansible's inventory plugin ${describeNode(plugin)}, which only Ansible can run: give kofleet a script that calls "ansible-inventory --list -i" with it`,
    plugin.position,
  );

function readGroup(draft: InventoryDraft, name: string, position: Position, node: YamlNode): void {
  const group = draftGroup(draft, checkGroupName(name, position));
  if (isEmpty(node)) return;
  for (const [key, entry] of mapOf(node, `group "${name}" is a map of hosts, children and vars`).entries) {
    if (isEmpty(entry.value) && groupKeys.includes(key)) continue;
    if (key === "hosts") readHosts(draft, group, entry.value);
    else if (key === "children") readChildren(draft, group, entry.value);
    else if (key === "vars") draftGroupVars(group, locatedVars(entry.value, draft.secrets));
    else throw new ConfigError(`a group has no "${key}"${didYouMean(key, groupKeys)}: ${groupKeys.join(", ")}`, entry.position);
  }
}

function readHosts(draft: InventoryDraft, group: DraftGroup, node: YamlNode): void {
  for (const [key, { position, value }] of namesOf(node, `the hosts of "${group.name}" are a map, each name with a colon: web01:`))
    draftHostEntry(draft, group, key, position, locatedVars(value, draft.secrets));
}

function readChildren(draft: InventoryDraft, group: DraftGroup, node: YamlNode): void {
  for (const [name, { position, value }] of namesOf(node, `the children of "${group.name}" are a map, each name with a colon: web:`)) {
    readGroup(draft, name, position, value);
    group.children.set(name, position);
  }
}

/** One name alone may be written as text. */
function namesOf(node: YamlNode, expected: string): YamlMap["entries"] {
  const { position } = node;
  if (node.kind === "scalar" && typeof node.value === "string")
    return new Map([[node.value, { position, value: plainNode(null, position) }]]);
  return mapOf(node, expected).entries;
}

function mapOf(node: YamlNode, expected: string): YamlMap {
  if (node.kind === "map") return node;
  throw new ConfigError(`${expected}; this is ${describeNode(node)}`, node.position);
}
