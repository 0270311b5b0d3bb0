import type { Position } from "../core/error.ts";
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
}

/** What the inventory files say together so far; every format writes into one. */
export interface InventoryDraft {
  readonly hosts: Map<string, DraftHost>;
  readonly groups: Map<string, DraftGroup>;
  /** What passwords are found with that the files only point at. */
  readonly secrets: SecretSources;
}

/** Nothing but the group "all". */
export function emptyDraft(secrets: SecretSources): InventoryDraft {
  const draft = { hosts: new Map(), groups: new Map(), secrets };
  draftGroup(draft, "all");
  return draft;
}

/** The group of that name, made where it is new. */
export function draftGroup(draft: InventoryDraft, name: string): DraftGroup {
  const group = draft.groups.get(name) ?? { name, hosts: new Set(), children: new Map(), vars: new Map() };
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
