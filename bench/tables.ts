import Table from "cli-table3";
import type { Costs, Criterion } from "./criteria.ts";

const plain = { style: { head: [], border: [] } };

/** The costs of one job, a row per contestant. */
export function costTable(title: string, costs: Costs): string {
  const table = new Table({
    ...plain,
    head: [title, "wall s", "client CPU s", "memory MiB"],
    colAligns: ["left", "right", "right", "right"],
  });
  for (const [name, { wall, cpu, memory }] of Object.entries(costs)) table.push([name, wall.toFixed(2), cpu.toFixed(2), memory.toFixed(0)]);
  return table.toString();
}

/** What was promised, and whether it holds. */
export function criteriaTable(criteria: readonly Criterion[]): string {
  const table = new Table({ ...plain, head: ["criterion", "value", "limit", ""], colAligns: ["left", "right", "right", "left"] });
  for (const { name, value, limit, isMet } of criteria) table.push([name, value?.toFixed(2) ?? "–", limit, verdict(isMet)]);
  return table.toString();
}

const verdict = (isMet: boolean | undefined): string => (isMet === undefined ? "not measured" : isMet ? "met" : "MISSED");
