import type { LocatedVars } from "./located_vars.ts";
import type { Vars } from "./play.ts";

/** Where some of a host's variables come from. */
export interface VarSource {
  /** "group web" or "host web01". */
  readonly from: string;
  readonly vars: LocatedVars;
}

/** One host of an inventory. */
export interface InventoryHost {
  readonly name: string;
  /** All its variables, those of its groups included; passwords are Secrets. */
  readonly vars: Vars;
  /** All groups it belongs to, their parents included, without "all"; sorted. */
  readonly groups: readonly string[];
  /** What `vars` was merged from; a later one wins. */
  readonly sources: readonly VarSource[];
}

/** One group of an inventory. */
export interface InventoryGroup {
  readonly name: string;
  /** The hosts listed in the group itself. */
  readonly hosts: readonly string[];
  /** The groups listed in it. */
  readonly children: readonly string[];
}

/** Hosts and groups in the order of the files. The groups "all" and "ungrouped" are always there. */
export interface Inventory {
  readonly hosts: ReadonlyMap<string, InventoryHost>;
  readonly groups: ReadonlyMap<string, InventoryGroup>;
}

/** The hosts of a group and of all groups below it, in the order of Ansible: its own first, then breadth first. */
export function hostsOfGroup(inventory: Inventory, name: string): readonly string[] {
  const groups = new Set([name]);
  for (const group of groups) for (const child of inventory.groups.get(group)?.children ?? []) groups.add(child);
  return [...new Set([...groups].flatMap((group) => inventory.groups.get(group)?.hosts ?? []))];
}
