import type { Interrupt } from "../runner/context.ts";
import type { Console } from "./console.ts";

/** The first Ctrl-C stops starting anything new and lets running tasks finish; the second ends them. */
export function listenForInterrupt(console: Console): Interrupt {
  const controller = new AbortController();
  let presses = 0;
  console.onInterrupt(() => {
    presses += 1;
    if (presses === 1) console.error.write("\nNothing new is started; what runs is let finish. Ctrl-C again ends it.\n");
    else controller.abort(new Error("interrupted"));
  });
  return {
    get isStopping() {
      return presses > 0;
    },
    signal: controller.signal,
  };
}
