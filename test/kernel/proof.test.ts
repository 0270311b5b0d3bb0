import { expect, test } from "vitest";
import { firstOf } from "../../src/kernel/proof.ts";

test.each([
  [["a"], "a"],
  [["a", "b", "c", "d"], "a, b, c, d"],
  [["a", "b", "c", "d", "e", "f"], "a, b, c, d and 2 more"],
])("the first of %j", (texts, text) => expect(firstOf(texts)).toBe(text));
