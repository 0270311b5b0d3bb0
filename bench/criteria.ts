import type { Cost } from "./measure.ts";

/** Costs by contestant: absent where it is not installed. */
export type Costs = Readonly<Record<string, Cost>>;

/** All that was measured. */
export interface Results {
  readonly oneCommand: Costs;
  readonly tenTasks: Costs;
  readonly oneFile: Costs;
  /** Commands that sshd started for a play of ten tasks, per host. */
  readonly execsPerHost: number;
}

/** One promise: a figure and its limit. `isMet` is undefined where the other program is missing. */
export interface Criterion {
  readonly name: string;
  readonly value: number | undefined;
  readonly limit: string;
  readonly isMet: boolean | undefined;
}

/** A promise that a figure stays below a limit. */
export const atMost = (name: string, value: number | undefined, limit: number): Criterion => ({
  name,
  value,
  limit: `≤ ${limit}`,
  isMet: value === undefined ? undefined : value <= limit,
});

/** A promise that a figure reaches a limit. */
export const atLeast = (name: string, value: number | undefined, limit: number): Criterion => ({
  name,
  value,
  limit: `≥ ${limit}`,
  isMet: value === undefined ? undefined : value >= limit,
});

function ratio(costs: Costs, of: "wall" | "cpu", one: string, other: string): number | undefined {
  const [a, b] = [costs[one]?.[of], costs[other]?.[of]];
  return a === undefined || b === undefined ? undefined : a / b;
}

/** What kofleet promises, judged by what was measured in the same run. */
export function judge({ oneCommand, tenTasks, oneFile, execsPerHost }: Results): readonly Criterion[] {
  const memory = Math.max(...[oneCommand, tenTasks, oneFile].map((costs) => costs.kofleet?.memory ?? 0));
  return [
    atMost("one command, wall: kofleet / node-ssh + p-limit", ratio(oneCommand, "wall", "kofleet", "node-ssh + p-limit"), 1.15),
    atMost("one command, wall: kofleet / parallel-ssh", ratio(oneCommand, "wall", "kofleet", "parallel-ssh"), 1),
    atMost("one command, client CPU: kofleet / parallel-ssh", ratio(oneCommand, "cpu", "kofleet", "parallel-ssh"), 0.6),
    atMost("ten tasks, wall: kofleet / ten bare execs", ratio(tenTasks, "wall", "kofleet", "node-ssh + p-limit"), 1.5),
    atMost("ten tasks: execs per host", execsPerHost, 13),
    atLeast("ten tasks, wall: ansible-playbook / kofleet", ratio(tenTasks, "wall", "ansible-playbook", "kofleet"), 20),
    atMost("5.3 MB, wall: kofleet / clush --copy", ratio(oneFile, "wall", "kofleet", "clush"), 1),
    atMost("peak memory of kofleet, MiB", memory, 120),
  ];
}
