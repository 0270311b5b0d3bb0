import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { selectHosts } from "../../src/config/pattern.ts";
import { complaint, inventoryOf } from "./parse.ts";

const inventory = inventoryOf(`
all:
  hosts: {lonely.example.com: , mixed1: }
  children:
    web: {hosts: {"web[01:03]": , mixed1: }}
    db: {hosts: {"db-[a:c]": , "r[1:2]x[0:2:2]": }}
    prod: {children: {web: , db: }}
    a.b: {hosts: {web01: , q.a.b: }}
solo:
  hosts: {s1: }
`);

// What ansible-core 2.14.18 --list-hosts prints for this inventory.
const db = "db-a db-b db-c r1x0 r1x2 r2x0 r2x2";
test.each([
  ["all", `lonely.example.com mixed1 web01 web02 web03 ${db} q.a.b s1`],
  ["web", "web01 web02 web03 mixed1"],
  ["web:db", `web01 web02 web03 mixed1 ${db}`],
  ["web,db", `web01 web02 web03 mixed1 ${db}`],
  ["web:&prod:!web01", "web02 web03 mixed1"],
  ["!web01:&prod:web", "web02 web03 mixed1"],
  ["!web", `lonely.example.com ${db} q.a.b s1`],
  ["&web", "mixed1 web01 web02 web03"],
  ["web[0]", "web01"],
  ["web[-1]", "mixed1"],
  ["web[0:1]", "web01 web02"],
  ["web[0-1]", "web01 web02"],
  ["web[1:]", "web02 web03 mixed1"],
  ["web[0:9]", "web01 web02 web03 mixed1"],
  ["all[0]", "lonely.example.com"],
  ["prod[0]", "web01"],
  ["w*", "web01 web02 web03 mixed1"],
  ["w*[0]", "web01"],
  ["~w", "web01 web02 web03 mixed1"],
  ["~(web|db)", `web01 web02 web03 mixed1 ${db}`],
  ["a.b", "web01 q.a.b"],
  ["db*", db],
  ["r?x*", "r1x0 r1x2 r2x0 r2x2"],
  ["ungrouped", "lonely.example.com"],
  ["web01:web", "web01 web02 web03 mixed1"],
])("%s selects what Ansible selects", (pattern, hosts) => {
  expect(selectHosts(inventory, pattern).join(" ")).toBe(hosts);
});

test.each([
  ["web0[!1-2]x", [], "no group or host matches"],
  ["r[!2]x0", ["r1x0"], undefined],
  ["[rs]1*", ["s1", "r1x0", "r1x2"], undefined],
  ["~.*02$", ["web02"], undefined],
  ["web:all", ["web01", "web02", "web03", "mixed1"], undefined],
])("%s: brackets and expressions", (pattern, hosts, message) => {
  if (message !== undefined) expect(complaint(() => selectHosts(inventory, pattern))).toContain(message);
  else expect(selectHosts(inventory, pattern)).toEqual(expect.arrayContaining([...hosts]));
});

test("a limit narrows and keeps the order of the pattern", () => {
  expect(selectHosts(inventory, "prod", "web03:web01:s1")).toEqual(["web01", "web03"]);
});

test("an IPv6 address is one term", () => {
  const addresses = inventoryOf('all: {hosts: {"2001:db8::1": , "2001:db8::2": }}');
  expect(selectHosts(addresses, "2001:db8::1")).toEqual(["2001:db8::1"]);
  expect(selectHosts(addresses, "2001:db8::1,2001:db8::2")).toEqual(["2001:db8::1", "2001:db8::2"]);
});

describe("what matches nothing is an error that names the nearest", () => {
  test.each([
    ["wbe01", 'no group or host matches "wbe01" (did you mean "web01"?)'],
    ["web1", 'no group or host matches "web1" (did you mean "web"?)'],
    ["web:!prd", 'no group or host matches "prd" (did you mean "prod"?)'],
    ["solo:&webb", 'no group or host matches "webb" (did you mean "web"?)'],
    ["x*", 'no group or host matches "x*"'],
    ["web[7]", '"web[7]" is beyond its 4 hosts, which count from 0'],
    ["web[-5]", '"web[-5]" is beyond its 4 hosts, which count from 0'],
    ["web[9:]", '"web[9:]" is beyond its 4 hosts, which count from 0'],
    ["~(", '"~(" cannot be read as a regular expression'],
    ["[z-a]x", '"[z-a]x" cannot be read as a wildcard'],
    ["web:!prod", 'no host is left of "web:!prod": see "kofleet hosts --graph", or give --allow-empty if that is meant'],
  ])("%s", (pattern, message) => {
    expect(complaint(() => selectHosts(inventory, pattern))).toBe(message);
  });

  test("also in a limit", () => {
    expect(complaint(() => selectHosts(inventory, "web", "db"))).toContain('no host is left of "web" limited to "db"');
    expect(complaint(() => selectHosts(inventory, "web", "dbb"))).toContain('did you mean "db"?');
  });

  test.each([["nobody"], ["web:!prod"], ["web[7]"]])("unless emptiness is allowed: %s", (pattern) => {
    expect(selectHosts(inventory, pattern, undefined, { allowEmpty: true })).toEqual([]);
  });

  test("a group that is there and empty is no typing error", () => {
    const empty = inventoryOf("all: {hosts: {a: }}\nspare: {}");
    expect(selectHosts(empty, "all:!spare")).toEqual(["a"]);
  });
});

test("patterns are the algebra of sets: unions, then intersections, then differences, in whatever order they are written", () => {
  const names = ["h0", "h1", "h2", "h3", "h4", "h5"];
  const members = fc.subarray(names);
  const groups = fc.record({ ga: members, gb: members, gc: members });
  const term = fc.record({ sign: fc.constantFrom("", "&", "!"), word: fc.constantFrom("ga", "gb", "gc", "all", ...names) });
  const cases = fc.record({ groups, terms: fc.array(term, { minLength: 1, maxLength: 6 }), separator: fc.constantFrom(":", ",", " , ") });
  fc.assert(
    fc.property(cases, ({ groups, terms, separator }) => {
      const text = JSON.stringify({
        all: { hosts: Object.fromEntries(names.map((name) => [name, null])) },
        ...Object.fromEntries(
          Object.entries(groups).map(([name, hosts]) => [name, { hosts: Object.fromEntries(hosts.map((host) => [host, null])) }]),
        ),
      });
      const pattern = terms.map(({ sign, word }) => sign + word).join(separator);
      const selected = selectHosts(inventoryOf(text), pattern, undefined, { allowEmpty: true });

      const meaning = (word: string): readonly string[] =>
        word === "all" ? names : (Object.entries(groups).find(([name]) => name === word)?.[1] ?? [word]);
      const having = (sign: string) => terms.filter((each) => each.sign === sign).map(({ word }) => meaning(word));
      const union = having("").length === 0 ? names : having("").flat();
      const model = names.filter(
        (name) => union.includes(name) && having("&").every((set) => set.includes(name)) && !having("!").some((set) => set.includes(name)),
      );
      expect([...selected].sort()).toEqual(model);
      expect(new Set(selected).size).toBe(selected.length);
    }),
    { numRuns: 300 },
  );
});
