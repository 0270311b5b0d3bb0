import { join } from "node:path";
import { hostsOfGroup, type Inventory } from "../../../src/config/inventory.ts";
import { inventoryGraph } from "../../../src/config/inventory_graph.ts";
import { readLimit } from "../../../src/config/limit.ts";
import { loadInventory } from "../../../src/config/load_inventory.ts";
import { selectHosts } from "../../../src/config/pattern.ts";
import { noSecretSources } from "../../../src/config/secret_sources.ts";
import { ConfigError } from "../../../src/core/error.ts";
import { Secret } from "../../../src/core/secret.ts";
import { type Answers, fixtures } from "./ask_ansible.ts";
import type { Cases, InventoryCase, PatternCase } from "./cases.ts";

/** What differs, by the name of the inventory, or the words of the selection; each line names Ansible's answer first. */
export type Differences = Readonly<Record<string, readonly string[]>>;

/** Asks kofleet the same cases. */
export async function compare(cases: Cases, answers: Answers): Promise<Differences> {
  const found: Record<string, readonly string[]> = {};
  const loaded = new Map<string, Inventory | undefined>();
  for (const [name, each] of Object.entries(cases.inventories)) {
    loaded.set(name, await refusable(() => load(each)));
    found[name] = inventoryDifferences(answers.inventories[name] ?? undefined, loaded.get(name));
  }
  for (const [index, each] of cases.patterns.entries()) {
    const inventory = loaded.get(each.inventory);
    const here = inventory && (await refusable(() => select(inventory, each)));
    found[titleOf(each)] = selectionDifferences(answers.selections[index], here);
  }
  return Object.fromEntries(Object.entries(found).filter(([, lines]) => lines.length > 0));
}

const titleOf = ({ inventory, pattern, limit }: PatternCase): string =>
  `${inventory}: ${pattern}${limit === undefined ? "" : ` -l ${limit}`}`;

/** Undefined where kofleet refuses; its own faults are thrown. */
async function refusable<T>(work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

const load = ({ sources, playbookDir }: InventoryCase): Promise<Inventory> =>
  loadInventory(
    sources.map((source) => (source.includes(",") ? source : join(fixtures, source))),
    noSecretSources,
    playbookDir === undefined ? undefined : join(fixtures, playbookDir),
  );

async function select(inventory: Inventory, { pattern, limit }: PatternCase): Promise<readonly string[]> {
  const placed = limit?.replace("@", `@${fixtures}/`);
  return selectHosts(inventory, pattern, placed === undefined ? undefined : await readLimit(inventory, placed));
}

function inventoryDifferences(theirs: Answers["inventories"][string] | undefined, ours: Inventory | undefined): readonly string[] {
  if (!theirs || ours === undefined) return theirs || ours ? [`${theirs ? "read" : "refused"}, here ${ours ? "read" : "refused"}`] : [];
  return leafDifferences(theirs, { list: listing(ours), graph: inventoryGraph(ours, "all", new Set(ours.hosts.keys())) });
}

function selectionDifferences(theirs: Answers["selections"][number] | undefined, ours: readonly string[] | undefined): readonly string[] {
  const hosts = theirs?.ordered === false ? ours?.toSorted() : ours;
  // Where nothing is left Ansible warns, and only with a limit fails.
  const [there, here] = [theirs?.hosts ?? [], hosts ?? []].map((names) => names.join(" ") || "nothing");
  return there === here ? [] : [`${there}, here ${hosts === undefined ? "refused" : here}`];
}

/** An inventory as ansible-inventory --list prints it. */
function listing({ hosts, groups, ...inventory }: Inventory): unknown {
  const all = { hosts, groups, ...inventory };
  const members = [...groups.values()].map((group) => {
    const { children } = group;
    const own = group.name === "all" ? [] : group.hosts;
    return [group.name, { ...(own.length > 0 && { hosts: own }), ...(children.length > 0 && { children }) }] as const;
  });
  const vars = hostsOfGroup(all, "all").map((name) => [name, revealed(hosts.get(name)?.vars)] as const);
  return {
    ...Object.fromEntries(members.filter(([, group]) => Object.keys(group).length > 0)),
    _meta: { hostvars: Object.fromEntries(vars.filter(([, own]) => Object.keys(own).length > 0)) },
  };
}

const revealed = (vars: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]));

/** Every value that is not the same, by its path; lists are compared as a whole. */
function leafDifferences(theirs: unknown, ours: unknown, path: readonly string[] = []): readonly string[] {
  if (isMap(theirs) && isMap(ours)) {
    const keys = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
    return [...keys].flatMap((key) => leafDifferences(theirs[key], ours[key], [...path, key]));
  }
  const [there, here] = [theirs, ours].map((value) => JSON.stringify(value) ?? "nothing");
  return there === here ? [] : [`${path.join(".")}: ${there}, here ${here}`];
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
