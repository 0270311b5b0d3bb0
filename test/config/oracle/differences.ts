import type { Differences } from "./compare.ts";

/** A difference that is meant, and why. */
interface Meant {
  readonly lines: readonly string[];
  readonly why: string;
}

const strict = "what can't be meant is an error here, and a warning or nothing in Ansible";
const unmatched = "a term that matches nothing is an error, so that a typing error selects neither too few nor too many";
const sameName =
  "a name that a group has means the group in every term; Ansible means the host in a plain term, and the group behind ! and &";
const wide = "JavaScript can't hold the number exactly; it stays as it is written";
const range = "ranges also work on the command line";

/** Every difference there is between Ansible's answers and kofleet's. */
export const meantDifferences: Readonly<Record<string, Meant>> = {
  "ini/same_name.ini": {
    lines: ['list._meta.hostvars.web: nothing, here {"v":2}'],
    why: "a host's variables are the host's; Ansible gives them to the group of the same name",
  },
  "ini/large_numbers.ini": { lines: ['list._meta.hostvars.h.big: 12345678901234567000, here "12345678901234567890"'], why: wide },
  "ini/backwards.ini": { lines: ["read, here refused"], why: strict },
  "yaml/odd_numbers.yaml": {
    lines: [
      'list._meta.hostvars.h.big: 12345678901234567000, here "12345678901234567890"',
      'list._meta.hostvars.h.minutes: 1350, here "22:30"',
    ],
    why: `${wide}; nobody means a number of base 60`,
  },
  "yaml/empty.yaml": { lines: ["refused, here read"], why: "an empty file is an inventory without hosts, whatever its name" },
  "yaml/ini_inside.yml": {
    lines: ["read, here refused"],
    why: "a name that says YAML means YAML, so that a mistake in it is told as what it is",
  },
  "yaml/unknown_key.yaml": { lines: ["read, here refused"], why: strict },
  "yaml/twice.yaml": { lines: ["read, here refused"], why: strict },
  "yaml/number_name.yaml": { lines: ["refused, here read"], why: "a name is text, also without quotes" },
  "hosts with a range": {
    lines: [
      'list.ungrouped.hosts: ["web[1:3]"], here ["web1","web2","web3"]',
      'graph: ["@all:","  |--@ungrouped:","  |  |--web[1:3]"], here ["@all:","  |--@ungrouped:","  |  |--web1","  |  |--web2","  |  |--web3"]',
    ],
    why: range,
  },
  "fleet.yaml: web[1:0]": { lines: ["web02, here refused"], why: "the range is empty; Ansible takes its end for absent" },
  "fleet.yaml: web:nosuch": { lines: ["web01 web02 web03 mixed1, here refused"], why: unmatched },
  "fleet.yaml: web:!nosuch": { lines: ["web01 web02 web03 mixed1, here refused"], why: unmatched },
  "fleet.yaml: localhost": { lines: ["localhost, here refused"], why: "only the inventory's hosts are hosts" },
  "fleet.yaml: all -l !@limit": {
    lines: ["lonely.example.com mixed1 web01 web02 web03 db-a db-b db-c r1x0 r1x2 r2x0 r2x2 q.a.b s1 2001:db8::1 10.0.0.1, here refused"],
    why: `@ begins a term; ${unmatched}`,
  },
  "ini/same_name.ini: web": { lines: ["web, here w1"], why: sameName },
  "ini/same_name.ini: web:db": { lines: ["web d1, here w1 web d1"], why: sameName },
};

/** The lines of the table alone. */
export const meantLines: Differences = Object.fromEntries(Object.entries(meantDifferences).map(([name, { lines }]) => [name, lines]));
