import { ConfigError } from "../core/error.ts";
import { type DraftGroup, draftGroup, type InventoryDraft } from "./inventory_draft.ts";

/** A group with what precedence needs: its distance from "all", its ancestors and itself. */
interface PlacedGroup {
  readonly group: DraftGroup;
  readonly depth: number;
  readonly lineage: ReadonlySet<string>;
}

/** For each host of a draft the groups it belongs to, without "all", in the order of precedence: later ones win. Hosts of the same groups share one list. */
export function groupsByPrecedence(draft: InventoryDraft): ReadonlyMap<string, readonly DraftGroup[]> {
  const placed = placeGroups(draft);
  const orders = new Map<string, readonly DraftGroup[]>();
  return new Map(
    [...directGroups(draft)].map(([host, direct]) => {
      const key = direct.join("\n");
      const order = orders.get(key) ?? byPrecedence(placed, direct);
      orders.set(key, order);
      return [host, order];
    }),
  );
}

function directGroups(draft: InventoryDraft): ReadonlyMap<string, readonly string[]> {
  const groups = new Map([...draft.hosts.keys()].map((host): [string, string[]] => [host, []]));
  for (const { name, hosts } of draft.groups.values()) for (const host of hosts) groups.get(host)?.push(name);
  return groups;
}

/** A deeper group wins, then the higher priority, then the later name. */
function byPrecedence(placed: ReadonlyMap<string, PlacedGroup>, direct: readonly string[]): readonly DraftGroup[] {
  const names = new Set(direct.flatMap((name) => [...(placed.get(name)?.lineage ?? [])]));
  names.delete("all");
  const groups = [...names].flatMap((name) => placed.get(name) ?? []);
  return groups
    .sort((a, b) => a.depth - b.depth || a.group.priority - b.group.priority || (a.group.name < b.group.name ? -1 : 1))
    .map(({ group }) => group);
}

/** Throws a ConfigError where a group contains itself. */
function placeGroups(draft: InventoryDraft): ReadonlyMap<string, PlacedGroup> {
  const parents = parentsOf(draft);
  const placed = new Map<string, PlacedGroup>();
  const place = (name: string, below: readonly string[]): PlacedGroup => {
    const known = placed.get(name);
    if (known !== undefined) return known;
    const above = (parents.get(name) ?? []).map((parent) => {
      const position = draft.groups.get(parent)?.children.get(name);
      if (parent === name || below.includes(parent)) throw new ConfigError(`group "${name}" contains itself`, position);
      return place(parent, [...below, name]);
    });
    const result = placedGroup(draftGroup(draft, name), above);
    placed.set(name, result);
    return result;
  };
  for (const name of draft.groups.keys()) place(name, []);
  return placed;
}

const placedGroup = (group: DraftGroup, parents: readonly PlacedGroup[]): PlacedGroup => ({
  group,
  depth: Math.max(-1, ...parents.map(({ depth }) => depth)) + 1,
  lineage: new Set([...parents.flatMap(({ lineage }) => [...lineage]), group.name]),
});

function parentsOf(draft: InventoryDraft): ReadonlyMap<string, readonly string[]> {
  const parents = new Map<string, string[]>();
  for (const { name, children } of draft.groups.values())
    for (const child of children.keys()) parents.set(child, [...(parents.get(child) ?? []), name]);
  return parents;
}
