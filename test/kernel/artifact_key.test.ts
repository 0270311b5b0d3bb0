import { expect, test } from "vitest";
import type { ArtifactKey } from "../../src/core/artifact.ts";
import { keyDifferences, sameKey } from "../../src/kernel/artifact_key.ts";

const key: ArtifactKey = {
  distribution: "debian 12",
  kernel: "6.1.0-37-cloud-amd64",
  kernelPackage: "6.1.140-1",
  architecture: "x86_64",
  module: "example",
  version: "1.0",
  source: "ab",
};

test("equal keys are the same", () => {
  expect(sameKey(key, { ...key })).toBe(true);
  expect(keyDifferences(key, { ...key })).toEqual([]);
});

const fields = Object.keys(key) as (keyof ArtifactKey)[];

test.each(fields)("another %s is another artifact", (field) => {
  const other = { ...key, [field]: "other" };
  expect(sameKey(key, other)).toBe(false);
  expect(keyDifferences(key, other)).toEqual([field]);
});
