import type { EventSink } from "../core/event.ts";

/** Every event as one JSON line, without the line end. */
export const jsonReporter =
  (write: (line: string) => void): EventSink =>
  (event) =>
    write(JSON.stringify(event));
