import type { EventSink, TimedEvent } from "../core/event.ts";
import type { Ask } from "../remote/person.ts";
import type { Console } from "./console.ts";
import type { Reporter } from "./reporter.ts";

/** Questions in the middle of a run. */
export interface Questions {
  readonly ask: Ask;
  /** Takes events for the reporter, and holds them back while a question stands on the terminal. */
  readonly sink: EventSink;
}

/** Lets connections ask the person while a reporter writes to the same terminal. */
export function questionsBeside(reporter: Reporter, console: Console): Questions {
  const held: TimedEvent[] = [];
  let open = 0;
  return {
    sink: (event) => void (open > 0 ? held.push(event) : reporter.sink(event)),
    async ask(question, options) {
      open += 1;
      reporter.pause();
      try {
        return await console.ask(question, options);
      } finally {
        open -= 1;
        if (open === 0) for (const event of held.splice(0)) reporter.sink(event);
      }
    },
  };
}
