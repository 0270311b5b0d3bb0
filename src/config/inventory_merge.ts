import { ConfigError } from "../core/error.ts";
import type { Inventory, InventoryGroup, InventoryHost, VarSource } from "./inventory.ts";
import { type DraftGroup, type DraftHost, draftGroup, type InventoryDraft } from "./inventory_draft.ts";

/** A group with what precedence needs: its distance from "all", its ancestors and itself. */
interface PlacedGroup {
  readonly group: DraftGroup;
  readonly depth: number;
  readonly priority: number;
  readonly lineage: ReadonlySet<string>;
  readonly source: VarSource;
}

/** Draws all files together: parents, "ungrouped", and each host's variables by Ansible's precedence. Throws a ConfigError where a group contains itself. */
export function mergeInventory(draft: InventoryDraft): Inventory {
  completeGroups(draft);
  const placed = placeGroups(draft);
  const groupsOf = directGroups(draft);
  const orders = new Map<string, readonly PlacedGroup[]>();
  const hosts = new Map<string, InventoryHost>();
  for (const host of draft.hosts.values()) {
    const direct = groupsOf.get(host.name) ?? [];
    const key = direct.join("\n");
    const order = orders.get(key) ?? byPrecedence(placed, direct);
    orders.set(key, order);
    hosts.set(host.name, mergeHost(host, order));
  }
  return { hosts, groups: new Map([...draft.groups].map(([name, group]) => [name, finishedGroup(group)])) };
}

const finishedGroup = ({ name, hosts, children }: DraftGroup): InventoryGroup => ({
  name,
  hosts: [...hosts],
  children: [...children.keys()],
});

/** Groups without a parent belong to "all", hosts without a group to "ungrouped". */
function completeGroups(draft: InventoryDraft): void {
  const all = draftGroup(draft, "all");
  const ungrouped = draftGroup(draft, "ungrouped");
  const others = [...draft.groups.values()].filter((group) => group !== all && group !== ungrouped);
  const children = new Set([...draft.groups.values()].flatMap((group) => [...group.children.keys()]));
  const grouped = new Set(others.flatMap((group) => [...group.hosts]));
  for (const name of draft.hosts.keys()) {
    if (grouped.has(name)) ungrouped.hosts.delete(name);
    else ungrouped.hosts.add(name);
  }
  for (const { name } of [ungrouped, ...others]) if (!children.has(name)) all.children.set(name, undefined);
}

function directGroups(draft: InventoryDraft): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { name, hosts } of draft.groups.values())
    for (const host of hosts) {
      const known = groups.get(host);
      if (known === undefined) groups.set(host, [name]);
      else known.push(name);
    }
  return groups;
}

function placeGroups(draft: InventoryDraft): ReadonlyMap<string, PlacedGroup> {
  const parents = parentsOf(draft);
  const placed = new Map<string, PlacedGroup>();
  const place = (name: string, below: readonly string[]): PlacedGroup => {
    const known = placed.get(name);
    if (known !== undefined) return known;
    const group = draftGroup(draft, name);
    const above = (parents.get(name) ?? []).map((parent) => {
      const position = draft.groups.get(parent)?.children.get(name);
      if (parent === name || below.includes(parent)) throw new ConfigError(`group "${name}" contains itself`, position);
      return place(parent, [...below, name]);
    });
    const result = placedGroup(group, above);
    placed.set(name, result);
    return result;
  };
  for (const name of draft.groups.keys()) place(name, []);
  return placed;
}

function placedGroup(group: DraftGroup, parents: readonly PlacedGroup[]): PlacedGroup {
  const priority = Number(group.vars.get("ansible_group_priority")?.value ?? 1);
  return {
    group,
    depth: Math.max(-1, ...parents.map(({ depth }) => depth)) + 1,
    priority: Number.isFinite(priority) ? priority : 1,
    lineage: new Set([...parents.flatMap(({ lineage }) => [...lineage]), group.name]),
    source: { from: `group ${group.name}`, vars: group.vars },
  };
}

function parentsOf(draft: InventoryDraft): ReadonlyMap<string, readonly string[]> {
  const parents = new Map<string, string[]>();
  for (const { name, children } of draft.groups.values())
    for (const child of children.keys()) parents.set(child, [...(parents.get(child) ?? []), name]);
  return parents;
}

/** The groups of a host, "all" first: a deeper group wins, then the higher priority, then the later name. */
function byPrecedence(placed: ReadonlyMap<string, PlacedGroup>, direct: readonly string[]): readonly PlacedGroup[] {
  const names = new Set(["all", ...direct.flatMap((name) => [...(placed.get(name)?.lineage ?? [])])]);
  const groups = [...names].flatMap((name) => placed.get(name) ?? []);
  return groups.sort((a, b) => a.depth - b.depth || a.priority - b.priority || (a.group.name < b.group.name ? -1 : 1));
}

function mergeHost(host: DraftHost, order: readonly PlacedGroup[]): InventoryHost {
  const sources = [...order.map(({ source }) => source), { from: `host ${host.name}`, vars: host.vars }].filter(
    ({ vars }) => vars.size > 0,
  );
  const values = sources.flatMap(({ vars }) => [...vars].map(([name, { value }]): [string, unknown] => [name, value]));
  const groups = order.map(({ group }) => group.name).filter((name) => name !== "all");
  return { name: host.name, vars: Object.fromEntries(values), groups: groups.sort(), sources };
}
