import fc from "fast-check";
import { expect, test } from "vitest";
import type { Inventory } from "../../src/config/inventory.ts";
import { inventoryOf } from "./parse.ts";

/** Five groups, each under some of those before it; those that say x say their own name, and so may the host. */
interface Fleet {
  readonly groups: readonly GroupCase[];
  readonly hostSays: boolean;
}

interface GroupCase {
  readonly parents: readonly string[];
  readonly priority: number;
  readonly says: boolean;
  readonly hasHost: boolean;
}

const names = ["g0", "g1", "g2", "g3", "g4"];
const group = fc.record({
  parents: fc.subarray(names),
  priority: fc.integer({ min: 1, max: 3 }),
  says: fc.boolean(),
  hasHost: fc.boolean(),
});
const fleets: fc.Arbitrary<Fleet> = fc.record({ groups: fc.array(group, { minLength: 5, maxLength: 5 }), hostSays: fc.boolean() });

const inventoryFrom = ({ groups, hostSays }: Fleet): Inventory =>
  inventoryOf(
    JSON.stringify({
      ...Object.fromEntries(groups.map((each, index) => [`g${index}`, groupFrom(each, index, groups)])),
      ungrouped: { hosts: { h: hostSays ? { x: "h" } : null } },
    }),
  );

function groupFrom({ priority, says, hasHost }: GroupCase, index: number, groups: readonly GroupCase[]): unknown {
  const name = `g${index}`;
  const children = groups.flatMap(({ parents }, child) => (child > index && parents.includes(name) ? [[`g${child}`, null]] : []));
  return {
    children: Object.fromEntries(children),
    vars: { ansible_group_priority: priority, ...(says && { x: name }) },
    hosts: hasHost ? { h: null } : {},
  };
}

/** The same fleet, where one group says nothing. */
const silenced = (fleet: Fleet, name: string): Fleet => ({
  ...fleet,
  groups: fleet.groups.map((each, index) => (`g${index}` === name ? { ...each, says: false } : each)),
});

const below = (inventory: Inventory, name: string): readonly string[] =>
  (inventory.groups.get(name)?.children ?? []).flatMap((child) => [child, ...below(inventory, child)]);

test("the host wins over its groups, a child over its parents, and what has lost can be left out", () => {
  fc.assert(
    fc.property(fleets, (fleet) => {
      const inventory = inventoryFrom(fleet);
      const { vars = {}, groups = [] } = inventory.hosts.get("h") ?? {};
      const speaking = groups.filter((name) => fleet.groups[Number(name.slice(1))]?.says);
      const winner = vars.x;
      if (fleet.hostSays) expect(winner).toBe("h");
      else expect(speaking.length === 0 ? [undefined] : speaking).toContain(winner);
      for (const loser of speaking.filter((name) => name !== winner)) {
        expect(below(inventory, String(winner))).not.toContain(loser);
        expect(inventoryFrom(silenced(fleet, loser)).hosts.get("h")?.vars.x).toBe(winner);
      }
    }),
    { numRuns: 50 },
  );
});
