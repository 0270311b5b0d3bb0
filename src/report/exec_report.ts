import type { Answer } from "../core/answer.ts";
import { foldCounted } from "./fold.ts";
import { groupBy } from "./group.ts";
import { type Screen, safeLine, safeText } from "./screen.ts";
import { type Paints, paints } from "./tone.ts";

/** What `kofleet exec` got from one host. */
export type ExecResult =
  | { readonly host: string; readonly answer: Answer }
  /** Why there is no answer. */
  | { readonly host: string; readonly unreachable: string };

/** Hosts with the same output and exit code under one header, as `clush -b` does: the largest group first, hosts without an answer last. */
export function execReport(results: readonly ExecResult[], screen: Screen): string {
  const paint = paints(screen.colour);
  const groups = groupBy(results, ({ host: _, ...said }) => said).sort(byKindAndSize);
  return groups.map((group) => block(group, screen, paint)).join("\n");
}

type Group = readonly [ExecResult, ...ExecResult[]];

const byKindAndSize = (a: Group, b: Group): number => Number("unreachable" in a[0]) - Number("unreachable" in b[0]) || b.length - a.length;

function block(group: Group, screen: Screen, paint: Paints): string {
  const [said] = group;
  const names = safeLine(foldCounted(group.map(({ host }) => host)), screen);
  if ("unreachable" in said) return `${paint.bad(`---- ${names} unreachable ----`)}\n${safeText(said.unreachable, screen)}`;
  const { code, stdout, stderr } = said.answer;
  const header = code === 0 ? paint.title(`---- ${names} ----`) : paint.bad(`---- ${names} exit ${code} ----`);
  return [header, ...[stdout, stderr].filter((text) => text !== "").map((text) => safeText(text, screen).replace(/\n$/, ""))].join("\n");
}
