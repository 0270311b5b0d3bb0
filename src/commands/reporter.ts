import type { EventSink } from "../core/event.ts";
import type { Detail } from "../report/event_lines.ts";
import { jsonReporter } from "../report/json_reporter.ts";
import { textReporter } from "../report/text_reporter.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import { screenOf } from "./screen.ts";

/** Shows a run while it is under way. */
export interface Reporter {
  readonly sink: EventSink;
  /** Lets others write. */
  pause(): void;
  /** May be called twice. */
  close(): void;
}

/** JSON lines on stdout if wanted; else live on a terminal, and one line per event elsewhere, on stderr. */
export async function openReporter(options: CommonOptions, console: Console): Promise<Reporter> {
  const nothing = (): void => undefined;
  if (options.json) return { sink: jsonReporter((line) => console.out.write(`${line}\n`)), pause: nothing, close: nothing };
  const screen = screenOf(console.error, console, options);
  const detail: Detail = options.verbose ? "all" : "news";
  if (console.terminal) {
    const { liveReporter } = await import("../report/live_reporter.ts");
    const live = liveReporter(console.terminal, screen, detail, () => console.now().getTime());
    return { sink: live.sink, pause: live.flush, close: live.flush };
  }
  return { sink: textReporter((line) => console.error.write(`${line}\n`), screen, detail), pause: nothing, close: nothing };
}
