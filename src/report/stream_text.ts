import type { ExecResult } from "./exec_report.ts";
import { type Screen, safeLine } from "./screen.ts";
import { paints } from "./tone.ts";

/** One line that a host printed, behind its name. */
export const hostLine = (host: string, line: string, screen: Screen): string =>
  `${paints(screen.colour).quiet(`${host}:`)} ${safeLine(line, screen)}\n`;

/** Why a host has nothing good to say; nothing for one that has. */
export function failureLine(result: ExecResult, screen: Screen): string {
  const { bad } = paints(screen.colour);
  if ("unreachable" in result) return `${bad(safeLine(`${result.host}: unreachable: ${result.unreachable}`, screen))}\n`;
  return result.answer.code === 0 ? "" : `${bad(`${result.host}: exit ${result.answer.code}`)}\n`;
}
