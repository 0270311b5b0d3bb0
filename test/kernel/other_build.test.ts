import { expect, test } from "vitest";
import { type BuildMarks, isOtherBuild } from "../../src/kernel/other_build.ts";

const build: BuildMarks = { srcversion: "AB", buildId: "01" };

test.each<[what: string, other: BuildMarks, isOther: boolean]>([
  ["itself", build, false],
  ["a build of another source", { srcversion: "CD", buildId: "01" }, true],
  ["another build of its source", { srcversion: "AB", buildId: "02" }, true],
  ["another build that tells only of its source", { srcversion: "CD", buildId: undefined }, true],
  ["another build that tells of no source", { srcversion: undefined, buildId: "02" }, true],
  ["one that tells only of its source", { srcversion: "AB", buildId: undefined }, false],
  ["one that tells nothing", { srcversion: undefined, buildId: undefined }, false],
])("tells a build from %s", (_, other, isOther) => {
  expect([isOtherBuild(build, other), isOtherBuild(other, build)]).toEqual([isOther, isOther]);
});
