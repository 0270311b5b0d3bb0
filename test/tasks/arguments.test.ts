import { expect, test } from "vitest";
import type { ArtifactKey } from "../../src/core/artifact.ts";
import { artifactKey } from "../../src/tasks/arguments.ts";
import { key } from "./kernel_fixture.ts";

test("takes the key of an artifact", () => {
  expect(artifactKey.parse(key)).toEqual(key);
});

const fields = Object.keys(key) as (keyof ArtifactKey)[];

test.each(fields.flatMap((field) => ["..", ".", ".. 22", "1/../.."].map((value) => [field, value] as const)))(
  "takes no key that leads elsewhere by its %s %j",
  (field, value) => {
    expect(artifactKey.safeParse({ ...key, [field]: value }).error?.issues[0]?.path).toEqual([field]);
  },
);
