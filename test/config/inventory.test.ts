import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expandHostRange } from "../../src/config/host_range.ts";
import { hostsOfGroup } from "../../src/config/inventory.ts";
import { loadInventory } from "../../src/config/load_inventory.ts";
import { noSecretSources } from "../../src/config/secret_sources.ts";
import { Secret } from "../../src/core/secret.ts";
import { complaint, inventoryOf } from "./parse.ts";

describe("host ranges", () => {
  test.each([
    ["web", ["web"]],
    ["web[01:03]", ["web01", "web02", "web03"]],
    ["web[1:5:2].example.com", ["web1.example.com", "web3.example.com", "web5.example.com"]],
    ["db-[a:c]", ["db-a", "db-b", "db-c"]],
    ["x[A:E:2]", ["xA", "xC", "xE"]],
    ["r[1:2]n[0:1]", ["r1n0", "r1n1", "r2n0", "r2n1"]],
    ["n[:2]", ["n0", "n1", "n2"]],
    ["n[8:11]", ["n8", "n9", "n10", "n11"]],
    ["n[7:7]", ["n7"]],
    ["x[y:B]", ["xy", "xz", "xA", "xB"]],
  ])("%s", (text, names) => {
    expect(expandHostRange(text)).toEqual(names);
  });

  test.each([
    ["web[3:1]", '"web[3:1]": the range runs backwards'],
    ["web[01:100]", '"web[01:100]": 01 and 100 must be equally long'],
    ["web[a:5]", '"web[a:5]": a range runs from number to number or from letter to letter'],
    ["web[A:c]", '"web[A:c]": the range runs backwards'],
    ["web[1:9:0]", '"web[1:9:0]": a step is at least 1'],
    ["web[1-9]", '"web[1-9]" is no host range: write web[01:50], web[1:50:2] or web[a:f]'],
    ["web[1:900000]", '"web[1:900000]": stands for more than 100000 hosts'],
    ["w[1:1000]x[1:1000]", '"w[1:1000]x[1:1000]" stands for more than 100000 hosts'],
  ])("%s is refused", (text, message) => {
    expect(complaint(() => expandHostRange(text))).toBe(message);
  });

  test("ranges multiply, the last one fastest", () => {
    const part = fc.record({ text: fc.constantFrom("", "-", ".x"), first: fc.nat(3), more: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const entry = parts.map(({ text, first, more }) => `n[${first}:${first + more}]${text}`).join("");
        const words = parts.map(({ text, first, more }) => Array.from({ length: more + 1 }, (_, index) => `n${first + index}${text}`));
        const product = words.reduce((heads, tails) => heads.flatMap((head) => tails.map((tail) => head + tail)), [""]);
        expect(expandHostRange(entry)).toEqual(product);
      }),
    );
  });

  test("numbers come out padded, in order and complete", () => {
    const cases = fc.record({
      first: fc.nat(500),
      more: fc.nat(50),
      step: fc.integer({ min: 1, max: 7 }),
      width: fc.integer({ min: 4, max: 6 }),
    });
    fc.assert(
      fc.property(cases, ({ first, more, step, width }) => {
        const pad = (number: number) => String(number).padStart(width, "0");
        const names = expandHostRange(`h[${pad(first)}:${pad(first + more)}:${step}]`);
        const numbers = names.map((name) => Number(name.slice(1)));
        expect(names.every((name) => name.length === width + 1)).toBe(true);
        expect(numbers).toEqual(
          Array.from({ length: more + 1 }, (_, index) => first + index).filter((number) => (number - first) % step === 0),
        );
      }),
    );
  });
});

const fleet = `
all:
  hosts: {lonely.example.com: , mixed1: }
  vars: {v: all, w: all}
  children:
    web:
      hosts: {"web[01:03]": {v: hostweb}, mixed1: }
      vars: {v: web, w: web, p: web}
    db:
      hosts: {"db-[a:c]": }
      vars: {p: db}
    prod:
      children: {web: , db: }
      vars: {w: prod, z: prod}
    a.b:
      hosts: {web01: , q.a.b: }
      vars: {p: ab, ansible_group_priority: 5}
solo:
  hosts: {s1: }
`;

describe("variables", () => {
  // What ansible-inventory 2.14.18 --list says.
  test.each([
    ["db-a", { p: "db", v: "all", w: "prod", z: "prod" }],
    ["lonely.example.com", { v: "all", w: "all" }],
    ["mixed1", { p: "web", v: "web", w: "web", z: "prod" }],
    ["q.a.b", { p: "ab", v: "all", w: "all" }],
    ["s1", { v: "all", w: "all" }],
    ["web01", { p: "web", v: "hostweb", w: "web", z: "prod" }],
  ])("%s has Ansible's", (name, vars) => {
    const { ansible_group_priority: _, ...others } = inventoryOf(fleet).hosts.get(name)?.vars ?? {};
    expect(others).toEqual(vars);
  });

  test("at one level the higher priority wins, then the later name", () => {
    const text = "a: {hosts: {h: }, vars: {x: a, y: a}}\nb: {hosts: {h: }, vars: {x: b, y: b}}\n";
    expect(inventoryOf(text).hosts.get("h")?.vars).toEqual({ x: "b", y: "b" });
    expect(inventoryOf(text, "a: {vars: {ansible_group_priority: 10}}").hosts.get("h")?.vars).toMatchObject({ x: "a", y: "a" });
  });

  test("know where they were written", () => {
    const sources = inventoryOf(fleet).hosts.get("web01")?.sources ?? [];
    expect(sources.map(({ from }) => from)).toEqual(["group all", "group prod", "group a.b", "group web", "host web01"]);
    expect(sources.at(-1)?.vars.get("v")?.position).toEqual({ file: "a.yaml", line: 7, column: 30 });
  });

  test("a later file replaces what an earlier one said, value by value", () => {
    const merged = inventoryOf(
      "web: {hosts: {h: {x: 1, y: 1}}, vars: {g: 1}}",
      "web: {hosts: {h: {x: 2}}, vars: {g: 2}}\nnew: {hosts: {h: }}",
    );
    expect(merged.hosts.get("h")).toMatchObject({ vars: { x: 2, y: 1, g: 2 }, groups: ["new", "web"] });
  });

  test("passwords are secrets from the start", () => {
    const host = inventoryOf("all: {hosts: {h: {ansible_password: 0123, become_password: hunter2, note: x}}}").hosts.get("h");
    const password = host?.vars.ansible_password;
    expect(password instanceof Secret && password.reveal()).toBe("0123");
    expect(JSON.stringify(host?.vars)).toBe('{"ansible_password":"‹secret›","become_password":"‹secret›","note":"x"}');
  });
});

describe("groups", () => {
  test("a group's hosts are its own, then those below, breadth first", () => {
    expect(hostsOfGroup(inventoryOf(fleet), "prod")).toEqual(["web01", "web02", "web03", "mixed1", "db-a", "db-b", "db-c"]);
  });

  test("a host belongs to all groups above it", () => {
    expect(inventoryOf(fleet).hosts.get("web01")?.groups).toEqual(["a.b", "prod", "web"]);
    expect(inventoryOf(fleet).hosts.get("lonely.example.com")?.groups).toEqual(["ungrouped"]);
  });

  test("a diamond is no circle", () => {
    const text = "top: {children: {left: , right: }}\nleft: {children: {low: }}\nright: {children: {low: }}\nlow: {hosts: {h: }}";
    expect(inventoryOf(text).hosts.get("h")?.groups).toEqual(["left", "low", "right", "top"]);
  });

  test("an empty file holds no host", () => {
    expect([...inventoryOf("", "---\n").groups.keys()]).toEqual(["all", "ungrouped"]);
  });
});

describe("mistakes name their place and the nearest word", () => {
  test.each([
    ["all:\n  host: {a: }", 'a.yaml:2:3: a group has no "host" (did you mean "hosts"?): hosts, children, vars'],
    ["all:\n  hosts:\n    - a", 'a.yaml:3:5: the hosts of "all" are a map, each name with a colon: web01:; this is a list'],
    ["all: {hosts: {a: 5}}", "a.yaml:1:18: variables are a map: name: value"],
    ["- a", "a.yaml:1:1: an inventory is a map of groups: all: …; this is a list"],
    ["web: 5", 'a.yaml:1:6: group "web" is a map of hosts, children and vars; this is 5'],
    ["all: {hosts: {a: , a: }}", 'a.yaml:1:20: "a" is given twice: also in line 1'],
    ["all: {hosts: {'web[1:': }}", 'a.yaml:1:15: "web[1:" is no host range: write web[01:50], web[1:50:2] or web[a:f]'],
    ["all: {hosts: {a b: }}", 'a.yaml:1:15: "a b" is no name for a host: patterns could not say it'],
    ["'we*b': {}", 'a.yaml:1:1: "we*b" is no name for a group: patterns could not say it'],
    ["a: {children: {b: }}\nb: {children: {a: }}", 'a.yaml:1:16: group "b" contains itself'],
    ["a: {children: {a: }}", 'a.yaml:1:16: group "a" contains itself'],
    [
      "all: {children: {web: {children: [db]}}}",
      'a.yaml:1:34: the children of "web" are a map, each name with a colon: web:; this is a list',
    ],
    ["all: {vars: {password: [1]}}", "a.yaml:1:24: password must be text"],
    ["all: {hosts: {a: !vaults x}}", "a.yaml:1:18: Unresolved tag: !vaults"],
  ])("%j", (text, message) => {
    expect(complaint(() => inventoryOf(text))).toBe(message);
  });
});

test("files are read from disk; one that is missing is named", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kofleet-"));
  try {
    const path = join(folder, "inventory.yaml");
    await writeFile(path, "all: {hosts: {a: }}");
    expect([...(await loadInventory([path], noSecretSources)).hosts.keys()]).toEqual(["a"]);
    await expect(loadInventory([path, join(folder, "none.yaml")], noSecretSources)).rejects.toThrow(/cannot read .*none\.yaml: ENOENT/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
