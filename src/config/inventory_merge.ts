import { groupsByPrecedence } from "./group_order.ts";
import type { Inventory, InventoryGroup, InventoryHost, VarSource } from "./inventory.ts";
import { type DraftGroup, type DraftHost, draftGroup, type InventoryDraft } from "./inventory_draft.ts";
import type { LocatedVars } from "./located_vars.ts";
import type { Vars } from "./play.ts";

/** What one folder's `group_vars` and `host_vars` say, by the names of groups and hosts. */
export interface FolderVars {
  readonly groups: ReadonlyMap<string, LocatedVars>;
  readonly hosts: ReadonlyMap<string, LocatedVars>;
}

/**
 * Draws all files together: parents, "ungrouped", and each host's variables by Ansible's precedence, which is
 * the groups of the inventories ("all" first); "all" of each folder; the other groups of each folder; the host's own; those of each folder.
 * Throws a ConfigError where a group contains itself.
 */
export function mergeInventory(draft: InventoryDraft, folders: readonly FolderVars[] = []): Inventory {
  completeGroups(draft);
  const merged = new Map<readonly DraftGroup[], MergedVars>();
  const hosts = new Map<string, InventoryHost>();
  for (const [name, groups] of groupsByPrecedence(draft)) {
    const inherited = merged.get(groups) ?? mergeVars(groupSources(draft, groups, folders));
    merged.set(groups, inherited);
    const own = mergeVars(hostSources(draft.hosts.get(name), folders));
    hosts.set(name, {
      name,
      vars: { ...inherited.vars, ...own.vars },
      groups: groups.map((group) => group.name).sort(),
      sources: [...inherited.sources, ...own.sources],
    });
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
  for (const { name } of others) if (!children.has(name)) all.children.set(name, undefined);
}

function groupSources(draft: InventoryDraft, groups: readonly DraftGroup[], folders: readonly FolderVars[]): VarSource[] {
  const all = draftGroup(draft, "all");
  const inFolders = (names: readonly string[]) =>
    folders.flatMap((folder) => names.map((name) => ({ from: `group ${name}`, vars: folder.groups.get(name) ?? new Map() })));
  return [
    ...[all, ...groups].map(({ name, vars }) => ({ from: `group ${name}`, vars })),
    ...inFolders(["all"]),
    ...inFolders(groups.map(({ name }) => name)),
  ];
}

function hostSources(host: DraftHost | undefined, folders: readonly FolderVars[]): VarSource[] {
  if (host === undefined) return [];
  const from = `host ${host.name}`;
  return [{ from, vars: host.vars }, ...folders.map(({ hosts }) => ({ from, vars: hosts.get(host.name) ?? new Map() }))];
}

interface MergedVars {
  readonly vars: Vars;
  readonly sources: readonly VarSource[];
}

function mergeVars(sources: readonly VarSource[]): MergedVars {
  const said = sources.filter(({ vars }) => vars.size > 0);
  const values = said.flatMap(({ vars }) => [...vars].map(([name, { value }]): [string, unknown] => [name, value]));
  return { vars: Object.fromEntries(values), sources: said };
}
