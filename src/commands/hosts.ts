import type { VarSource } from "../config/inventory.ts";
import { inventoryGraph } from "../config/inventory_graph.ts";
import { formatPosition, type Position } from "../core/error.ts";
import { printable } from "../core/printable.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import { type Fleet, openFleet } from "./fleet.ts";

/** The options of `hosts`. */
export interface HostsOptions extends CommonOptions {
  readonly graph?: boolean;
  readonly vars?: boolean;
  /** A folder whose `group_vars` and `host_vars` count as those beside a playbook do. */
  readonly playbookDir?: string;
}

/** `kofleet hosts [PATTERN]`: the inventory as kofleet reads it; `--graph` as a tree of groups, `--vars` with the place each value comes from. */
export async function hosts(pattern: string, options: HostsOptions, console: Console): Promise<number> {
  const fleet = await openFleet(options, console, options.playbookDir);
  const names = fleet.select(pattern);
  if (options.json) console.out.write(`${JSON.stringify(asJson(names, fleet))}\n`);
  else
    console.out.write(
      linesOf(pattern, names, fleet, options)
        .map((line) => `${printable(line)}\n`)
        .join(""),
    );
  return 0;
}

function linesOf(pattern: string, names: readonly string[], fleet: Fleet, { graph, vars }: HostsOptions): readonly string[] {
  const { inventory } = fleet;
  if (graph) return inventoryGraph(inventory, inventory.groups.has(pattern) ? pattern : "all", new Set(names));
  return vars ? names.flatMap((name, index) => [...(index === 0 ? [] : [""]), ...varsLines(name, fleet)]) : names;
}

const asJson = (names: readonly string[], fleet: Fleet) => ({
  hosts: Object.fromEntries(names.map((name) => [name, hostAsJson(name, fleet)])),
  groups: Object.fromEntries([...fleet.inventory.groups].map(([name, { hosts, children }]) => [name, { hosts, children }])),
});

function hostAsJson(name: string, fleet: Fleet) {
  const { vars, groups, sources } = fleet.host(name);
  const places = Object.keys(vars).map((key) => [key, placeOf(key, sources)]);
  return { address: addressOf(name, fleet), groups, vars, sources: Object.fromEntries(places) };
}

function addressOf(name: string, fleet: Fleet): string {
  const { target } = fleet.reach(name);
  const { transport, user, address, port } = target;
  if (transport === "local") return transport;
  return `${user === undefined ? "" : `${user}@`}${address}${port === undefined ? "" : `:${port}`}`;
}

function varsLines(name: string, fleet: Fleet): readonly string[] {
  const { vars, sources } = fleet.host(name);
  const line = ([key, value]: [string, unknown]) => `  ${key} = ${JSON.stringify(value)}  # ${describePlace(placeOf(key, sources))}`;
  return [`${name} (${addressOf(name, fleet)})`, ...Object.entries(vars).map(line)];
}

/** Where a value comes from: the group or host, and the place in a file, or the program that said it. */
type Place = Partial<Position> & { readonly from: string };

/** The source that won: later ones do. */
function placeOf(key: string, sources: readonly VarSource[]): Place {
  const source = sources.findLast(({ vars }) => vars.has(key));
  return { from: source?.from ?? "", ...source?.vars.get(key)?.position };
}

function describePlace({ from, file, line, column }: Place): string {
  if (file === undefined) return from;
  return line === undefined || column === undefined ? `${from}, script ${file}` : `${from}, ${formatPosition({ file, line, column })}`;
}
