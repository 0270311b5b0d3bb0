import { expect } from "vitest";

/** Expects work to be done within so many milliseconds, the quickest of five times: a machine that others use too may hold up any one of them, but not all. */
export async function expectWithin(milliseconds: number, work: () => unknown): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 5 && least >= milliseconds; tries += 1) {
    const start = performance.now();
    await work();
    least = Math.min(least, performance.now() - start);
  }
  expect(least).toBeLessThan(milliseconds);
}
