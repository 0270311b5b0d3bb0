import { ConfigError, type Position } from "../core/error.ts";
import type { LocatedValue, LocatedVars } from "./located_vars.ts";
import type { SecretSources } from "./secret_sources.ts";

/** A host while inventories are being read. */
export interface DraftHost {
  readonly name: string;
  readonly vars: Map<string, LocatedValue>;
}

/** A group while inventories are being read; children by name, with the place that makes them so. */
export interface DraftGroup {
  readonly name: string;
  readonly hosts: Set<string>;
  readonly children: Map<string, Position | undefined>;
  readonly vars: Map<string, LocatedValue>;
  /** Among groups of one depth a higher one wins: `ansible_group_priority`, which is no variable of the hosts. */
  priority: number;
}

/** What the inventory files say together so far; every format writes into one. */
export interface InventoryDraft {
  readonly hosts: Map<string, DraftHost>;
  readonly groups: Map<string, DraftGroup>;
  /** What passwords are found with that the files only point at. */
  readonly secrets: SecretSources;
}

/** Nothing but the groups "all" and, in it, "ungrouped". */
export function emptyDraft(secrets: SecretSources): InventoryDraft {
  const draft = { hosts: new Map(), groups: new Map(), secrets };
  draftGroup(draft, "all").children.set("ungrouped", undefined);
  draftGroup(draft, "ungrouped");
  return draft;
}

/** The group of that name, made where it is new. */
export function draftGroup(draft: InventoryDraft, name: string): DraftGroup {
  const group = draft.groups.get(name) ?? { name, hosts: new Set(), children: new Map(), vars: new Map(), priority: 1 };
  draft.groups.set(name, group);
  return group;
}

/** Puts a host into a group; a later value of a variable replaces an earlier one. */
export function draftHost(draft: InventoryDraft, group: DraftGroup, name: string, vars: LocatedVars): void {
  const host = draft.hosts.get(name) ?? { name, vars: new Map() };
  draft.hosts.set(name, host);
  group.hosts.add(name);
  for (const [key, value] of vars) host.vars.set(key, value);
}

/** Gives a group variables; a later value replaces an earlier one. Throws a ConfigError for a priority that is no number. */
export function draftGroupVars(group: DraftGroup, vars: LocatedVars): void {
  for (const [key, value] of vars)
    if (key === "ansible_group_priority") group.priority = readPriority(value);
    else group.vars.set(key, value);
}

function readPriority({ value, position }: LocatedValue): number {
  const priority = typeof value === "number" ? value : Number.parseInt(String(value), 10);
  if (Number.isFinite(priority)) return Math.trunc(priority);
  throw new ConfigError(`ansible_group_priority is a whole number, not ${JSON.stringify(value)}`, position);
}
