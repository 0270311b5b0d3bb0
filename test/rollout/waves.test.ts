import { expect, test } from "vitest";
import { planWaves } from "../../src/rollout/waves.ts";
import { kernelB, surveyed } from "./fleet_fixture.ts";

const acting = (count: number, canaries: readonly number[] = [], others: readonly number[] = []) =>
  Array.from({ length: count }, (_, index) => ({
    surveyed: surveyed(`h${index}`, { marks: { canary: canaries.includes(index) }, ...(others.includes(index) && { running: kernelB }) }),
    route: "copy" as const,
  }));
const sizes = (hosts: ReturnType<typeof acting>, waves: Parameters<typeof planWaves>[1], auto = false) =>
  planWaves(hosts, waves, auto).waves.map((wave) => wave.length);

test("one host, a tenth, the rest, where no host is marked", () => {
  expect(sizes(acting(40), ["10%"])).toEqual([1, 4, 35]);
});

test("a wave has at least one host, and no wave is empty", () => {
  expect(sizes(acting(4), ["10%"])).toEqual([1, 1, 2]);
  expect(sizes(acting(1), ["10%"])).toEqual([1]);
  expect(sizes([], ["10%"])).toEqual([]);
});

test("one marked canary of every combination goes first; combinations without one are named", () => {
  const { waves, uncovered } = planWaves(acting(6, [2, 3], [5]), [2], false);
  expect(waves).toEqual([["h2"], ["h0", "h1"], ["h3", "h4", "h5"]]);
  expect(uncovered).toEqual([`debian 12, ${kernelB}, x86_64, copy`]);
});

test("automatic canaries cover what no mark does", () => {
  const { waves, uncovered } = planWaves(acting(6, [2], [5]), [], true);
  expect(waves).toEqual([
    ["h2", "h5"],
    ["h0", "h1", "h3", "h4"],
  ]);
  expect(uncovered).toEqual([]);
});
