import { format, inspect } from "node:util";
import { expect, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";

const secret = new Secret("hunter2");

test.each<[string, () => string]>([
  ["a template string", () => `${secret}`],
  ["joining", () => ["password", secret].join("=")],
  ["String()", () => String(secret)],
  ["JSON", () => JSON.stringify({ nested: [secret] })],
  ["inspecting", () => inspect({ nested: { secret } }, { showHidden: true, depth: 9 })],
  ["console's %s, %o and %j", () => format("%s %o %j", secret, secret, secret)],
  ["an error's message", () => new Error(`wrong: ${secret}`).message],
])("%s shows a mask", (_, show) => {
  expect(show()).not.toContain("hunter2");
  expect(show()).toContain("‹secret›");
});

test("has no property to be copied or listed", () => {
  expect({ ...secret }).toEqual({});
  expect(Object.getOwnPropertyNames(secret)).toEqual([]);
});

test("is revealed only on purpose", () => {
  expect(secret.reveal()).toBe("hunter2");
});
