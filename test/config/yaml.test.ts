import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseYaml } from "../../src/config/yaml.ts";
import { plain, positionAt } from "../../src/config/yaml_node.ts";
import { ConfigError } from "../../src/core/error.ts";
import { complaint } from "./parse.ts";

const read = (text: string) => plain(parseYaml(text, "f.yaml"));

describe("values as Ansible reads them", () => {
  test.each<[string, unknown]>([
    ["", null],
    ["a: yes", { a: true }],
    ["a: Off", { a: false }],
    ["a: y", { a: "y" }],
    ["a: 0644", { a: 0o644 }],
    ["a: '0644'", { a: "0644" }],
    ["a: 0x1f", { a: 31 }],
    ["a: 08", { a: "08" }],
    ["a: 1_000\nb: -0x1F\nc: 0b101\nd: -017", { a: 1000, b: -31, c: 5, d: -15 }],
    ["a: 1.5\nb: .5\nc: 1.\nd: 1.5e+3\ne: -1_0.5", { a: 1.5, b: 0.5, c: 1, d: 1500, e: -10.5 }],
    ["a: 1e3\nb: 1.5e3\nc: 0o17\nd: +\ne: 1.2.3", { a: "1e3", b: "1.5e3", c: "0o17", d: "+", e: "1.2.3" }],
    ["a: -.inf\nb: .NaN", { a: Number.NEGATIVE_INFINITY, b: Number.NaN }],
    ["a: 9007199254740991\nb: 12345678901234567890", { a: 9007199254740991, b: "12345678901234567890" }],
    ["a: 22:30", { a: "22:30" }],
    ["a: 2024-01-02", { a: "2024-01-02" }],
    ["a: ~\nb:", { a: null, b: null }],
    ["1: x\nyes: y\n'': z", { 1: "x", yes: "y", "": "z" }],
    ["__proto__: 1", Object.fromEntries([["__proto__", 1]])],
    ["- a\n- [b, {c: 1}]", ["a", ["b", { c: 1 }]]],
    ["a: |\n  x\n  y\n", { a: "x\ny\n" }],
    ["a: &x {b: 1, c: 1}\nd: {<<: *x, c: 2}", { a: { b: 1, c: 1 }, d: { b: 1, c: 2 } }],
    ["a: &x {b: 1}\nc: &y {b: 2, d: 2}\ne: {<<: [*x, *y]}", { a: { b: 1 }, c: { b: 2, d: 2 }, e: { b: 1, d: 2 } }],
  ])("%j", (text, value) => {
    expect(read(text)).toEqual(value);
  });
});

test("JSON's numbers are JSON's", () => {
  expect(plain(parseYaml('{"a": 1e3, "b": 1.5E2, "c": -7}', "f.json"))).toEqual({ a: 1000, b: 150, c: -7 });
});

describe("what is refused, and where", () => {
  test.each([
    ["a: 1\nb: 2\na: 3", 'f.yaml:3:1: "a" is given twice: also in line 1'],
    ["a: {{x}}", 'f.yaml:1:5: quote an expression: "{{name}}", or YAML takes it for a map'],
    ["- {{x}}", 'f.yaml:1:4: quote an expression: "{{name}}", or YAML takes it for a map'],
    ["a: {{x}}/lib", 'f.yaml:1:9: Unexpected scalar at node end: quote a value that begins with {{, as in key: "{{name}} …"'],
    ["? [a]\n: 1", "f.yaml:1:3: a key must be a word"],
    ["a: !vaults x", "f.yaml:1:4: Unresolved tag: !vaults"],
    ["&a [*a]", "f.yaml:1:4: this alias contains itself"],
    ["a: {<<: 5}", "f.yaml:1:9: << takes a map or a list of maps"],
    ["a: [1", "f.yaml:1:6: Flow sequence in block collection must be sufficiently indented and end with a ]"],
  ])("%j", (text, message) => {
    expect(complaint(() => read(text))).toBe(message);
  });

  test("any text is read, or refused with a place", () => {
    const piece = fc.constantFrom(
      "a",
      ":",
      " ",
      "\n",
      "- ",
      "{",
      "}",
      "[",
      "]",
      "&x ",
      "*x",
      "<<",
      '"',
      "'",
      "|",
      "{{b}}",
      "!t ",
      "\t",
      "# ",
      ",",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          read(pieces.join(""));
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          expect(error instanceof ConfigError && error.position?.line).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test("places of values, keys, and of what isn't there", () => {
  const node = parseYaml("a:\n  - b: 1\n    c: 2\n", "f.yaml");
  const at = (path: PropertyKey[], key?: boolean) => {
    const { line, column } = positionAt(node, path, key);
    return `${line}:${column}`;
  };
  expect(at(["a", 0, "c"])).toBe("3:8");
  expect(at(["a", 0, "c"], true)).toBe("3:5");
  expect(at(["a", 0, "x"])).toBe("2:5");
  expect(at(["a", 9, "x"])).toBe("2:3");
  expect(at(["a", 0, "b", "z"])).toBe("2:8");
});
