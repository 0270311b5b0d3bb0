import fc from "fast-check";
import { expect, test } from "vitest";
import { foldCounted, foldHosts } from "../../src/report/fold.ts";

test.each([
  [[], ""],
  [["db1"], "db1"],
  [["web1", "web2", "web3", "db1"], "db1,web[1-3]"],
  [["web09", "web10", "web11"], "web[09-11]"],
  [["web9", "web10", "web11"], "web[9-11]"],
  [["web1", "web01", "web2", "web02"], "web[1,01,2,02]"],
  [["web1", "web3", "web4", "web7"], "web[1,3-4,7]"],
  [["web001", "web1000"], "web[001,1000]"],
  [["web099", "web100"], "web[099-100]"],
  [["r1n1", "r1n2", "r2n1", "r2n2"], "r[1-2]n[1-2]"],
  [["r1n1", "r1n2", "r2n1"], "r1n[1-2],r2n1"],
  [["10.0.0.1", "10.0.0.2", "10.0.1.1"], "10.0.0.[1-2],10.0.1.1"],
  [["web1.dc1", "web2.dc1", "web1.dc2", "web2.dc2"], "web[1-2].dc[1-2]"],
  [["alpha", "beta"], "alpha,beta"],
  [["web2", "web10", "web2"], "web[2,10]"],
  [["n99999999999999999999", "n99999999999999999998"], "n999999999999999[99998-99999]"],
])("%j → %s", (names, folded) => {
  expect(foldHosts(names)).toBe(folded);
});

test("counts several names, and not a single one", () => {
  expect(foldCounted(["web1", "web2", "web2", "db1"])).toBe("db1,web[1-2] (3)");
  expect(foldCounted(["db1"])).toBe("db1");
});

/** Reads what `foldHosts` writes, as nodeset does: every bracket is a list of numbers and ranges, and brackets multiply. */
function expand(folded: string): string[] {
  const nodes = folded.match(/(?:[^,[]|\[[^\]]*\])+/g) ?? [];
  return nodes.flatMap((node) =>
    node.split(/(\[[^\]]*\])/).reduce<string[]>((names, part) => names.flatMap((name) => numbers(part).map((text) => name + text)), [""]),
  );
}

function numbers(part: string): string[] {
  if (!part.startsWith("[")) return [part];
  return part
    .slice(1, -1)
    .split(",")
    .flatMap((range) => {
      const [first = "", last = first] = range.split("-");
      const width = first.startsWith("0") ? first.length : 0;
      return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => String(Number(first) + index).padStart(width, "0"));
    });
}

const number = fc.oneof(
  fc.nat(12).map(String),
  fc.nat(120).map((value) => String(value).padStart(3, "0")),
);
const name = fc.oneof(
  fc.stringMatching(/^[a-c0-2.-]{1,6}$/),
  fc
    .tuple(fc.constantFrom("web", "r"), number, fc.constantFrom("", "n", ".dc"), fc.oneof(number, fc.constant("")))
    .map((parts) => parts.join("")),
);

test("expanded again, exactly the names that went in", () => {
  fc.assert(
    fc.property(fc.array(name, { maxLength: 60 }), (names) => {
      expect(expand(foldHosts(names)).sort()).toEqual([...new Set(names)].sort());
    }),
    { numRuns: 200 },
  );
});

test("the order of the names does not matter", () => {
  fc.assert(
    fc.property(fc.array(name, { maxLength: 20 }), (names) => {
      expect(foldHosts(names.toReversed())).toBe(foldHosts(names));
    }),
  );
});

test("a thousand hosts are folded at once", () => {
  const names = Array.from({ length: 1000 }, (_, index) => `web${String(index + 1).padStart(4, "0")}.example.org`);
  expect(foldCounted(names)).toBe("web[0001-1000].example.org (1000)");
});
