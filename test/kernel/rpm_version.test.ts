import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compareRpmSegments, compareRpmVersions } from "../../src/kernel/rpm_version.ts";
import { expectTotalOrder, recorded, signOf } from "./order.ts";

const answers = recorded(readFileSync(new URL("../fixtures/rpm-vercmp.txt", import.meta.url), "utf8"));

test.each(answers)("rpm says that %s %s %s", (a, sign, b) => {
  expect(signOf(compareRpmSegments(a, b))).toBe(sign);
  expect(signOf(compareRpmSegments(b, a))).toBe(signOf(sign === "<" ? 1 : sign === ">" ? -1 : 0));
});

test("is a total order", () => {
  expectTotalOrder(compareRpmSegments);
  expectTotalOrder(compareRpmVersions);
});

test.each([
  ["4.18.0-553.el8_10", "4.18.0-553.5.1.el8_10"],
  ["5.14.0-427.13.1.el9_4", "5.14.0-503.el9_5"],
  ["1:1.0-1", "2:0.1-1"],
  ["9.9-1", "1:0.1-1"],
  ["1.0-1", "1.0-1.1"],
  ["1.0~rc1-9", "1.0-1"],
  ["1.0-1", "1.0^git1-1"],
  ["4.18.0-80.el8.x86_64", "4.18.0-80.1.2.el8_0.x86_64"],
])("orders %s before %s", (a, b) => {
  expect(compareRpmVersions(a, b)).toBeLessThan(0);
  expect(compareRpmVersions(b, a)).toBeGreaterThan(0);
});

test("a missing epoch is 0", () => expect(compareRpmVersions("0:1.0-1", "1.0-1")).toBe(0));
