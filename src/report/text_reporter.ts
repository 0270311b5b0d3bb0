import type { EventSink } from "../core/event.ts";
import { type Detail, eventLines } from "./event_lines.ts";
import type { Screen } from "./screen.ts";

/** For pipes and CI: a line for each event, with its time in UTC; `write` gets lines without their end. */
export function textReporter(write: (line: string) => void, screen: Screen, detail: Detail): EventSink {
  return (event) => {
    for (const line of eventLines(event, screen, detail)) write(`${event.at.slice(11, 19)} ${line}`);
  };
}
