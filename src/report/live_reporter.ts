import { createLogUpdate } from "log-update";
import type { EventSink, TimedEvent } from "../core/event.ts";
import { type Detail, eventLines } from "./event_lines.ts";
import { liveLines } from "./live_lines.ts";
import { emptyView, follow } from "./live_view.ts";
import type { Screen } from "./screen.ts";

/** A terminal: a stream that knows its size. */
export type Terminal = NodeJS.WritableStream & { readonly columns?: number; readonly rows?: number };

/** Shows a run on a terminal. */
export interface LiveReporter {
  readonly sink: EventSink;
  /** Afterwards everything told so far stands there, and nothing moves until the next event: others may write. Also the last thing to call. */
  flush(): void;
}

/** Milliseconds between two pictures; events in between are shown together. */
const interval = 100;
/** Hosts beyond this are only counted. */
const mostLines = 16;

/** What happened scrolls by above, what is happening stands below; `now` gives milliseconds of the epoch. */
export function liveReporter(terminal: Terminal, screen: Screen, detail: Detail, now: () => number): LiveReporter {
  // Hiding the cursor would bring handlers of signals with it, which are the program's own affair.
  const moving = createLogUpdate(terminal, { showCursor: true });
  const view = emptyView();
  let told: string[] = [];
  let timer: NodeJS.Timeout | undefined;

  const scroll = (): void => {
    if (told.length === 0) return;
    moving.clear();
    terminal.write(`${told.join("\n")}\n`);
    told = [];
  };

  const draw = (): void => {
    scroll();
    const height = Math.min(mostLines, (terminal.rows ?? 24) - 2);
    const lines = liveLines(view, now(), height, { ...screen, width: (terminal.columns ?? 80) - 1 });
    if (lines.length === 0) moving.clear();
    else moving(lines.join("\n"));
  };

  const flush = (): void => {
    clearInterval(timer);
    timer = undefined;
    scroll();
    moving.clear();
  };

  return {
    sink(event) {
      follow(view, event);
      if (detail === "all" || isNews(event)) told.push(...eventLines(event, screen, detail));
      timer ??= setInterval(draw, interval).unref();
    },
    flush,
  };
}

/** Where hosts are seen at work, what is in order needs no line. */
const isNews = (event: TimedEvent): boolean =>
  event.type !== "task-finished" || (event.outcome.verdict !== "ok" && event.outcome.verdict !== "skipped");
