import type { Serial } from "../config/play.ts";

/** Splits the hosts of a play as `serial` says: a percentage is rounded down, at least one; the last entry of a list repeats. */
export function splitBatches(hosts: readonly string[], serial: Serial | undefined, waves: readonly (readonly string[])[]): string[][] {
  if (hosts.length === 0) return [];
  if (serial === undefined) return [[...hosts]];
  if (serial === "waves") return waves.map((wave) => wave.filter((host) => hosts.includes(host))).filter((wave) => wave.length > 0);
  const batches: string[][] = [];
  for (let start = 0; start < hosts.length; ) {
    const size = batchSize(serial[Math.min(batches.length, serial.length - 1)] ?? hosts.length, hosts.length);
    batches.push(hosts.slice(start, start + size));
    start += size;
  }
  return batches;
}

const batchSize = (size: number | `${number}%`, hosts: number): number =>
  Math.max(1, typeof size === "number" ? Math.floor(size) : Math.floor((Number.parseFloat(size) / 100) * hosts));
