import type { RunEvent } from "../core/event.ts";
import { diffLines } from "./diff_text.ts";
import { eventText } from "./event_text.ts";
import { type Screen, safeLine, safeText } from "./screen.ts";
import { paints } from "./tone.ts";

/** How much is told: "all" adds tasks and steps that begin, and every line of output. */
export type Detail = "news" | "all";

/** The lines for an event, safe and coloured: none for a detail nobody wants, and behind a failure the end of its output. */
export function eventLines(event: RunEvent, screen: Screen, wanted: Detail): string[] {
  const { text, tone, isDetail } = eventText(event);
  if (isDetail && wanted === "news") return [];
  const paint = paints(screen.colour);
  return [
    paint[tone](safeLine(text, screen)),
    ...tailLines(event, screen).map(paint.quiet),
    ...(event.type === "file-diff" ? diffLines(event.diff, screen) : []),
  ];
}

function tailLines(event: RunEvent, screen: Screen): string[] {
  if (event.type !== "task-finished" || event.outcome.output === undefined) return [];
  const { tail, file } = event.outcome.output;
  const lines = safeText(tail, screen).split("\n");
  const shown = [...lines.filter((line) => line !== ""), ...(file === undefined ? [] : [`all of it: ${file}`])];
  return shown.map((line) => `${safeLine(event.host, screen)}: | ${line}`);
}
