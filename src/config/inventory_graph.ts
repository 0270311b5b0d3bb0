import { hostsOfGroup, type Inventory } from "./inventory.ts";

/** A group and what is in it as lines of a tree, as ansible-inventory --graph draws it: of the hosts only those shown, and of the groups those that hold one. */
export function inventoryGraph(inventory: Inventory, root: string, shown: ReadonlySet<string>): readonly string[] {
  const isWhole = shown.size === inventory.hosts.size;
  const holds = (group: string) => isWhole || hostsOfGroup(inventory, group).some((host) => shown.has(host));
  const lines = (name: string, depth: number): string[] => {
    const { children = [], hosts = [] } = inventory.groups.get(name) ?? {};
    // A host of "all" is drawn where it is, in a group of its own or in "ungrouped".
    const own = name === "all" ? [] : hosts.filter((host) => shown.has(host));
    return [
      node(`@${name}:`, depth),
      ...children.filter(holds).flatMap((child) => lines(child, depth + 1)),
      ...own.map((host) => node(host, depth + 1)),
    ];
  };
  return lines(root, 0);
}

const node = (text: string, depth: number): string => (depth === 0 ? text : `${"  |".repeat(depth)}--${text}`);
