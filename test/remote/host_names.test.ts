import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashName, isHashOf, parseHashedName } from "../../src/remote/hashed_names.ts";
import { knownHostName, parseHostNames, portlessName } from "../../src/remote/host_names.ts";
import { NameIndex } from "../../src/remote/name_index.ts";

const indexOf = (...names: readonly string[]) =>
  new NameIndex(
    names.flatMap((text, index) => {
      const read = parseHostNames(text);
      return read ? [{ names: read, line: index + 1 }] : [];
    }),
  );

const linesOf = (index: ReturnType<typeof indexOf>, name: string) => index.about(name).map(({ line }) => line);

const hostName = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,90}$/);

test.each([
  ["web01", { address: "Web01", port: 22 }, undefined],
  ["[web01]:2222", { address: "WEB01", port: 2222 }, "web01"],
  ["[2001:db8::1]:2222", { address: "2001:DB8::1", port: 2222 }, "2001:db8::1"],
  ["::1", { address: "::1", port: 22 }, undefined],
  ["bastion", { address: "10.0.0.1", port: 2222, hostKeyAlias: "Bastion" }, undefined],
])("%s is what known_hosts calls %o", (name, host, portless) => {
  expect([knownHostName(host), portlessName(host)]).toEqual([name, portless]);
});

describe("hashed names", () => {
  test("each is found under its name, and under no other", () => {
    fc.assert(
      fc.property(fc.uniqueArray(hostName, { minLength: 2, maxLength: 6 }), (names) => {
        const [absent, ...kept] = names;
        const hashed = kept.map((name) => parseHashedName(hashName(name))!);
        for (const [index, hash] of hashed.entries()) {
          expect(kept.filter((name) => isHashOf(hash, name))).toEqual([kept[index]]);
          expect(isHashOf(hash, absent!)).toBe(false);
        }
      }),
    );
  });

  test("one name has another hash each time", () => {
    expect(hashName("web01")).not.toBe(hashName("web01"));
  });

  test.each(["|1|", "|1||", "|1|AAAA|AAAA", "|2|dHJ5|dHJ5", `${hashName("web01")},web02`, hashName("web01").slice(0, -4)])(
    "%s is none",
    (text) => {
      expect(parseHashedName(text)).toBeUndefined();
    },
  );
});

describe("names and patterns", () => {
  test("a negation wins wherever it stands", () => {
    fc.assert(
      fc.property(fc.uniqueArray(hostName, { minLength: 2, maxLength: 5 }), fc.nat(5), ([out, ...names], at) => {
        const terms = names.toSpliced(at, 0, `!${out}`);
        expect(names.map((name) => linesOf(indexOf(terms.join(",")), name))).toEqual(names.map(() => [1]));
        expect(linesOf(indexOf(["*", ...terms].join(",")), out!)).toEqual([]);
      }),
    );
  });

  test("a wildcard stands for any text, brackets and dots for themselves", () => {
    fc.assert(
      fc.property(hostName, fc.nat(90), fc.nat(90), (name, from, length) => {
        const pattern = `${name.slice(0, from)}*${name.slice(from + length)}`;
        expect(linesOf(indexOf(pattern, "?".repeat(name.length), `[${name}]:*`), name)).toEqual([1, 2]);
        expect(linesOf(indexOf(`[${name}]:*`), `[${name}]:2222`)).toEqual([1]);
      }),
    );
  });

  test("lines come in their order, each once, whatever names them", () => {
    const index = indexOf(hashName("web01"), "*", "web01,web01", "db1", "web0?,web*", hashName("web01"));
    expect([linesOf(index, "web01"), linesOf(index, "web01"), linesOf(index, "db1")]).toEqual([
      [1, 2, 3, 5, 6],
      [1, 2, 3, 5, 6],
      [2, 4],
    ]);
  });
});
