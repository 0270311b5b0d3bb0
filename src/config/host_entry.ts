import { ConfigError, type Position } from "../core/error.ts";
import { parseAddress } from "./host_address.ts";
import { expandHostRange } from "./host_range.ts";
import { type DraftGroup, draftHost, type InventoryDraft } from "./inventory_draft.ts";
import type { LocatedVars } from "./located_vars.ts";

/** Puts the hosts that an entry such as `web[01:20].example.com:2222` stands for into a group. Throws a ConfigError for what is no name. */
export function draftHostEntry(draft: InventoryDraft, group: DraftGroup, entry: string, position: Position, vars: LocatedVars): void {
  const { name: pattern, port } = parseAddress(entry) ?? { name: entry };
  for (const name of expandHostRange(pattern, position)) {
    checkHostName(name, position);
    // Ansible takes the port from where a host is named first, and from nowhere else.
    if (port !== undefined && !draft.hosts.has(name)) draftHost(draft, group, name, new Map([["ansible_port", { position, value: port }]]));
    draftHost(draft, group, name, vars);
  }
}

/** Throws a ConfigError for a host's name that patterns could not say. */
export function checkHostName(name: string, position: Position): void {
  if (/[\s,]|^[&!~@-]|^$/.test(name)) throw new ConfigError(`"${name}" is no name for a host: patterns could not say it`, position);
  if (name.includes(":") && parseAddress(name)?.name !== name)
    throw new ConfigError(`"${name}" is neither an IPv6 address nor a name with its port, as in web01:2222`, position);
}

/** A group's name. Throws a ConfigError where patterns could not say it. */
export function checkGroupName(name: string, position: Position): string {
  if (!/[\s,:&!*?~[\]]|^$/.test(name)) return name;
  throw new ConfigError(`"${name}" is no name for a group: patterns could not say it`, position);
}
