import fc from "fast-check";
import { expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { readCount, readRecord } from "../../src/facts/record.ts";
import { answered } from "./fixtures.ts";

const record = readRecord(answered("kernel 6.1\nempty \nbare\nkernel 6.12\nblank trailing \nend\n"), "it");

test("reads keys and values, blanks at the end included", () => {
  expect(record.all("kernel")).toEqual(["6.1", "6.12"]);
  expect(record.one("blank")).toBe("trailing ");
  expect(record.all("nothing")).toEqual([]);
});

test("takes an empty value for none", () => {
  expect(record.optional("empty")).toBeUndefined();
  expect(record.optional("bare")).toBeUndefined();
  expect(() => record.one("empty")).toThrow('cannot read it: it does not say "empty"');
  expect(() => record.one("nothing")).toThrow(FactError);
});

test("refuses a second answer where one is asked for", () => {
  expect(() => record.optional("kernel")).toThrow('it says "kernel" 2 times');
});

test.each([
  ["nothing", ""],
  ["no end", "kernel 6.1\n"],
  ["an end that was cut", "kernel 6.1\nen"],
  ["an end without its newline", "kernel 6.1\nend"],
  ["more behind the end", "end\nkernel 6.1\n"],
])("refuses an answer that is incomplete: %s", (_, stdout) => {
  expect(() => readRecord(answered(stdout, { code: 137, stderr: "noise\nKilled\n" }), "it")).toThrow(
    "cannot read it: the answer is incomplete (exit code 137): Killed",
  );
});

test.each(["Kernel 6.1", " kernel", "two words: here\u0007?", "\u001b[31mred"])(
  "refuses a line that no script of ours prints: %j",
  (line) => {
    if (line.startsWith("two")) return expect(readRecord(answered(`${line}\nend\n`), "it").one("two")).toContain("words");
    return expect(() => readRecord(answered(`${line}\nend\n`), "it")).toThrow(FactError);
  },
);

test("reads whole numbers that fit, and nothing else", () => {
  expect(readCount("9007199254740991", "it")).toBe(Number.MAX_SAFE_INTEGER);
  for (const text of ["", "-1", "1.5", "1e3", "0x10", "9007199254740993", "99999999999999999999", " 1"]) {
    expect(() => readCount(text, "it")).toThrow(FactError);
  }
});

test("takes any text for an answer or throws a FactError", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      try {
        readRecord(answered(Buffer.from(bytes).toString("latin1")), "it");
      } catch (error) {
        expect(error).toBeInstanceOf(FactError);
      }
    }),
  );
});
