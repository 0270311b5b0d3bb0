import { distributionName, type Surveyed } from "./survey.ts";

/** A host that is to be acted on, with what makes it different from others. */
export interface Acting {
  readonly surveyed: Surveyed;
  readonly route: "build" | "copy";
}

/** The size of a wave: hosts, or percent of all that are acted on. */
export type WaveSize = number | `${number}%`;

/** The order in which hosts are activated, and the combinations that no canary covers. */
export interface Waves {
  readonly waves: readonly (readonly string[])[];
  /** Empty where no host is marked at all. */
  readonly uncovered: readonly string[];
}

/**
 * The canaries first, one of every distinct (distribution, kernel, architecture, route); then waves of the given sizes, the last of which takes the rest.
 * Canaries are hosts that the inventory marks; with `isAutomatic` the first host of an uncovered combination is one. Where none is marked at all, the first wave is one host.
 */
export function planWaves(acting: readonly Acting[], sizes: readonly WaveSize[], isAutomatic: boolean): Waves {
  const combinations = groupByKind(acting);
  const canaries: string[] = [];
  const uncovered: string[] = [];
  for (const [kind, hosts] of combinations) {
    const canary = hosts.find(({ surveyed }) => surveyed.marks.canary) ?? (isAutomatic ? hosts[0] : undefined);
    if (canary) canaries.push(canary.surveyed.name);
    else uncovered.push(kind);
  }
  const [alone] = acting;
  const isMarked = canaries.length > 0;
  if (!isMarked && alone) canaries.push(alone.surveyed.name);
  const rest = acting.map(({ surveyed }) => surveyed.name).filter((name) => !canaries.includes(name));
  return {
    waves: [canaries, ...split(rest, sizes, acting.length)].filter((wave) => wave.length > 0),
    uncovered: isMarked ? uncovered : [],
  };
}

function groupByKind(acting: readonly Acting[]): Map<string, Acting[]> {
  const groups = new Map<string, Acting[]>();
  for (const one of acting) {
    const { host, machine } = one.surveyed;
    const kind = [distributionName(host), machine.running, host.architecture, one.route].join(", ");
    const group = groups.get(kind);
    if (group) group.push(one);
    else groups.set(kind, [one]);
  }
  return groups;
}

/** Waves of the given sizes; whatever is left then is the last. */
function split(names: readonly string[], sizes: readonly WaveSize[], all: number): string[][] {
  const waves: string[][] = [];
  let start = 0;
  for (const size of sizes) {
    const count = typeof size === "number" ? size : Math.max(1, Math.floor((Number.parseFloat(size) / 100) * all));
    waves.push(names.slice(start, start + count));
    start += count;
  }
  return [...waves, names.slice(start)];
}
