import fc from "fast-check";
import { expect, test } from "vitest";
import { pythonLiteral } from "../../src/config/python_literal.ts";

test.each<[string, unknown]>([
  ["5", 5],
  ["-5", -5],
  ["+ 5", 5],
  ["1_000", 1000],
  ["00", 0],
  ["0x1F", 31],
  ["0o17", 15],
  ["0b101", 5],
  ["1.", 1],
  [".5", 0.5],
  ["09.5", 9.5],
  ["1e3", 1000],
  ["True", true],
  ["False", false],
  ["None", null],
  ["'a'", "a"],
  [`"it's"`, "it's"],
  ["'a' \"b\"", "ab"],
  [String.raw`'\t\x41\u00e9\U0001F600\101\\\''`, "\tA\u00e9\u{1F600}A\\'"],
  [String.raw`'\q\N{DASH}'`, String.raw`\q\N{DASH}`],
  [String.raw`r'\n'`, String.raw`\n`],
  ["u'a'", "a"],
  ["b'a'", "a"],
  ["[]", []],
  ["[1, 'a', [None,],]", [1, "a", [null]]],
  ["()", []],
  ["(1)", 1],
  ["(1,)", [1]],
  ["((1, 2), (3))", [[1, 2], 3]],
  ["{}", {}],
  ["{'a': {1: True}, None: (2,),}", { a: { 1: true }, null: [2] }],
  ["{1, 2}", [1, 2]],
  [" 5 # five", 5],
])("%s means its value", (text, value) => {
  expect(pythonLiteral(text)).toEqual({ value });
});

test.each([
  "",
  "# x",
  "text",
  "true",
  "0644",
  "08",
  "1__0",
  "1_",
  "1.2.3",
  "10.0.0.1",
  "5 apples",
  "1+2",
  "1-2",
  "--5",
  "-'a'",
  "- ",
  "2j",
  "1e999",
  "9007199254740993",
  "f'a'",
  "'open",
  "'a",
  "[1",
  "[,]",
  "[1 2]",
  "(",
  "{'a'}x",
  "{'a': }",
  "{'a': 1, 2}",
  "{[]: 1}",
  "{{ x }}",
  "{:}",
  "...",
  "a='b'",
  "]",
  ",",
  ":",
  `${"[".repeat(250)}${"]".repeat(250)}`,
])("%j means itself", (text) => {
  expect(pythonLiteral(text)).toBeUndefined();
});

test("brackets within brackets take no longer than they are long", () => {
  expect(pythonLiteral(`${"{".repeat(150)}1${"}".repeat(150)}`)).toBeUndefined();
  expect(pythonLiteral(`${"(".repeat(150)}1${",)".repeat(150)}`)).toBeDefined();
});

test("what JSON writes is read as Python reads it", () => {
  const python = (value: unknown): string =>
    JSON.stringify(value).replace(
      /"(?:[^"\\]|\\.)*"|true|false|null/g,
      (word) => ({ true: "True", false: "False", null: "None" })[word] ?? word,
    );
  // Whole numbers beyond 2^53 mean themselves.
  const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => !/\d{16}/.test(JSON.stringify(value)));
  fc.assert(
    fc.property(json, (value) => {
      expect(pythonLiteral(python(value))).toEqual({ value: JSON.parse(JSON.stringify(value)) });
    }),
  );
});
