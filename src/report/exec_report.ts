import type { Answer } from "../core/answer.ts";
import { diffLines } from "./diff_text.ts";
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
  return grouped(results)
    .map((group) => block(group, screen, paint))
    .join("\n");
}

/** The same, but of all groups behind the largest only how they differ from it. */
export async function execDiffReport(results: readonly ExecResult[], screen: Screen): Promise<string> {
  const { createTwoFilesPatch } = await import("diff");
  const paint = paints(screen.colour);
  const [largest, ...others] = grouped(results);
  if (largest === undefined) return "";
  const [first] = largest;
  const differing = others.map((group) => {
    const [said] = group;
    if ("unreachable" in said || "unreachable" in first) return block(group, screen, paint);
    const diff = createTwoFilesPatch(namesOf(largest), namesOf(group), textOf(first.answer), textOf(said.answer));
    return [headerOf(group, said.answer, screen, paint), ...diffLines(diff.replace(/^=+\n/, ""), screen)].join("\n");
  });
  return [block(largest, screen, paint), ...differing].join("\n");
}

type Group = readonly [ExecResult, ...ExecResult[]];

const byKindAndSize = (a: Group, b: Group): number => Number("unreachable" in a[0]) - Number("unreachable" in b[0]) || b.length - a.length;

function block(group: Group, screen: Screen, paint: Paints): string {
  const [said] = group;
  if ("unreachable" in said)
    return `${paint.bad(`---- ${safeLine(namesOf(group), screen)} unreachable ----`)}\n${safeText(said.unreachable, screen)}`;
  const { stdout, stderr } = said.answer;
  const texts = [stdout, stderr].filter((text) => text !== "").map((text) => safeText(text, screen).replace(/\n$/, ""));
  return [headerOf(group, said.answer, screen, paint), ...texts].join("\n");
}

function headerOf(group: Group, { code }: Answer, screen: Screen, paint: Paints): string {
  const names = safeLine(namesOf(group), screen);
  return code === 0 ? paint.title(`---- ${names} ----`) : paint.bad(`---- ${names} exit ${code} ----`);
}

const grouped = (results: readonly ExecResult[]): Group[] => groupBy(results, ({ host: _, ...said }) => said).sort(byKindAndSize);

const namesOf = (group: Group): string => foldCounted(group.map(({ host }) => host));

const textOf = ({ stdout, stderr }: Answer): string => stdout + stderr;
