import type { Inventory } from "../config/inventory.ts";
import { formatPosition } from "../core/error.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import { type Fleet, openFleet } from "./fleet.ts";

/** The options of `hosts`. */
export interface HostsOptions extends CommonOptions {
  readonly graph?: boolean;
  readonly vars?: boolean;
}

/** `kofleet hosts [PATTERN]`: the inventory as kofleet reads it; `--graph` as a tree of groups, `--vars` with the place each value comes from. */
export async function hosts(pattern: string, options: HostsOptions, console: Console): Promise<number> {
  const fleet = await openFleet(options, console);
  const names = fleet.select(pattern);
  if (options.json) console.out.write(`${JSON.stringify(asJson(names, fleet), undefined, 2)}\n`);
  else if (options.graph) console.out.write(`${graph(fleet.inventory, "all", new Set(names)).join("\n")}\n`);
  else if (options.vars) console.out.write(names.map((name) => varsText(name, fleet)).join("\n"));
  else console.out.write(names.map((name) => `${name}\n`).join(""));
  return 0;
}

const asJson = (names: readonly string[], fleet: Fleet) =>
  Object.fromEntries(
    names.map((name) => [name, { groups: fleet.host(name).groups, vars: fleet.host(name).vars, address: addressOf(name, fleet) }]),
  );

function addressOf(name: string, fleet: Fleet): string {
  const { target } = fleet.reach(name);
  const { transport, user, address, port } = target;
  if (transport === "local") return transport;
  return `${user === undefined ? "" : `${user}@`}${address}${port === undefined ? "" : `:${port}`}`;
}

function graph(inventory: Inventory, group: string, shown: ReadonlySet<string>, depth = 0): string[] {
  const found = inventory.groups.get(group);
  const indent = "  ".repeat(depth);
  return [
    `${indent}@${group}`,
    ...(found?.children ?? []).flatMap((child) => graph(inventory, child, shown, depth + 1)),
    ...(found?.hosts ?? []).filter((host) => shown.has(host)).map((host) => `${indent}  ${host}`),
  ];
}

function varsText(name: string, fleet: Fleet): string {
  const host = fleet.host(name);
  const lines = Object.entries(host.vars).map(([key, value]) => `  ${key} = ${JSON.stringify(value)}  ${placeOf(key, name, fleet)}`);
  return `${name} (${addressOf(name, fleet)})\n${lines.map((line) => `${line}\n`).join("")}`;
}

/** The source that won: later ones do. */
function placeOf(key: string, name: string, fleet: Fleet): string {
  const source = fleet.host(name).sources.findLast(({ vars }) => vars.has(key));
  const position = source?.vars.get(key)?.position;
  return `# ${source?.from ?? ""}${position ? `, ${formatPosition(position)}` : ""}`;
}
