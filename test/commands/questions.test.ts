import { expect, test } from "vitest";
import { questionsBeside } from "../../src/commands/questions.ts";
import type { RunEvent, TimedEvent } from "../../src/core/event.ts";
import { testConsole } from "./console_fixture.ts";

const event = (host: string): TimedEvent =>
  ({ type: "retrying", host, reason: "lost", attempt: 1, at: "" }) satisfies RunEvent & { at: string };

test("events wait while a question stands on the terminal, and none is lost", async () => {
  const told: string[] = [];
  const sink = (one: TimedEvent) => void told.push("host" in one ? String(one.host) : one.type);
  const console = testConsole(["first", "second"]);
  const { ask, sink: through } = questionsBeside({ sink, pause: () => void told.push("pause"), close: () => undefined }, console);
  through(event("a"));
  const answers = Promise.all([ask("one? ", { isSecret: true }), ask("two? ", { isSecret: false })]);
  through(event("b"));
  expect(told).toEqual(["a", "pause", "pause"]);
  expect(await answers).toEqual(["first", "second"]);
  through(event("c"));
  expect(told).toEqual(["a", "pause", "pause", "b", "c"]);
});

test("events go on where nobody answers", async () => {
  const told: TimedEvent[] = [];
  const { ask, sink } = questionsBeside(
    { sink: (one) => void told.push(one), pause: () => undefined, close: () => undefined },
    testConsole(),
  );
  const asking = ask("one? ", { isSecret: true });
  sink(event("a"));
  await expect(asking).rejects.toThrow("nobody was to be asked");
  expect(told).toHaveLength(1);
});
