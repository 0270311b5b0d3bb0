import fc from "fast-check";
import { expect, test } from "vitest";
import { safeLine, safeText } from "../../src/report/screen.ts";

const ci = { colour: false, ci: true };
const terminal = { colour: true, ci: false };

test.each([
  ["::error file=x::no", "error file=x::no"],
  ["  ::add-mask::x", "add-mask::x"],
  ["a\n:: ::stop-commands::x\nb", "a\nstop-commands::x\nb"],
  ["std::string", "std::string"],
  ["x ##[group]y", "x #[group]y"],
  ["####[error]", "#[error]"],
  ["##vso[task.setvariable]x", "#vso[task.setvariable]x"],
  ["##v##vso[so[x", "##v#vso[so[x"],
  ["# heading", "# heading"],
])("a CI log gets no command: %j", (text, expected) => {
  expect(safeText(text, ci)).toBe(expected);
});

test("no text at all makes a command of itself", () => {
  const unit = fc.constantFrom(":", "::", "#", "[", "vso[", "\n", " ", "\t", "\r", "\u001b[0m", "a");
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 30 }), (text) => {
      for (const line of safeText(text, ci).split("\n")) expect(line).not.toMatch(/^\s*::|##\[|##vso\[/);
    }),
    { numRuns: 1000 },
  );
});

test("a terminal keeps them, and loses what could move its cursor", () => {
  expect(safeText("::error::\u001b[2J\u001b]0;title\u0007\rred\u009b31m\u202e", terminal)).toBe("::error::red31m");
});

test("a line is one line", () => {
  expect(safeLine("  a\n\n b\tc \n", terminal)).toBe("a b c");
});
