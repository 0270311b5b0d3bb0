import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { liveLines } from "../../src/report/live_lines.ts";
import { liveReporter } from "../../src/report/live_reporter.ts";
import { emptyView, follow } from "../../src/report/live_view.ts";
import { displayWidth } from "../../src/report/text_width.ts";
import { moment, secondsIn, shortRun } from "./run.ts";

const plain = { colour: false, ci: false };

function viewOf(hosts: number) {
  const view = emptyView();
  const names = Array.from({ length: hosts }, (_, index) => `web${String(index + 1).padStart(3, "0")}`);
  follow(view, secondsIn(0, { type: "play-started", play: "Install the module", hosts: names }));
  for (const [index, host] of names.entries())
    follow(view, secondsIn(index / 100, { type: "task-started", host, play: "p", task: "build the module" }));
  return view;
}

describe("the picture", () => {
  test("shows host, time, task and the last that was said", () => {
    const view = viewOf(3);
    follow(view, secondsIn(1, { type: "step-started", host: "web002", task: "build the module", step: "dkms build" }));
    follow(view, secondsIn(2, { type: "step-output", host: "web003", task: "build the module", line: "\u001b[1mCC [M]  dattobd.o\r" }));
    expect(liveLines(view, moment(75), 10, { ...plain, width: 80 }).join("\n")).toMatchInlineSnapshot(`
      "web001  1 min 15 s  build the module
      web002  1 min 15 s  build the module: dkms build
      web003  1 min 15 s  build the module: CC [M]  dattobd.o
      Install the module: 3 of 3 hosts at work, 0 tasks done (1 min 15 s)"
    `);
    expect(liveLines(view, moment(75), 10, { ...plain, width: 40 }).join("\n")).toMatchInlineSnapshot(`
      "web001  1 min 15 s  build the module
      web002  1 min 15 s  build the module: d…
      web003  1 min 15 s  build the module: C…
      Install the module: 3 of 3 hosts at wor…"
    `);
  });

  test("of five hundred hosts shows those longest at work", () => {
    const lines = liveLines(viewOf(500), moment(75), 6, { ...plain, width: 60 });
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "web001  1 min 15 s  build the module
      web002  1 min 15 s  build the module
      web003  1 min 15 s  build the module
      web004  1 min 15 s  build the module
      … and 496 more
      Install the module: 500 of 500 hosts at work, 0 tasks done …"
    `);
  });

  test.each([1, 3, 10, 20, 80, 140])("is never wider than %i columns, nor higher than its place", (width) => {
    for (const height of [0, 1, 2, 3, 12, 600]) {
      const lines = liveLines(viewOf(500), moment(75), height, { ...plain, width });
      expect(lines.length).toBeLessThanOrEqual(height);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    }
  });

  test("is gone when nothing runs", () => {
    const view = viewOf(1);
    follow(
      view,
      secondsIn(9, {
        type: "task-finished",
        host: "web001",
        play: "p",
        task: "t",
        milliseconds: 1,
        outcome: { verdict: "blocked", reason: "r", steps: [] },
      }),
    );
    expect(liveLines(view, moment(10), 10, { ...plain, width: 80 })).toEqual([]);
    expect(view.lost).toEqual(new Set(["web001"]));
  });
});

describe("the reporter", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  function terminal(rows = 24) {
    let written = "";
    const stream = new Writable({
      write(chunk, _encoding, done) {
        written += chunk;
        done();
      },
    });
    return {
      stream: Object.assign(stream, { columns: 80, rows }),
      text: () => stripVTControlCharacters(written),
      raw: () => written,
      writes: () => written.length,
    };
  }

  test("lets what happened scroll by, without what is in order", () => {
    const { stream, text } = terminal();
    const { sink, flush } = liveReporter(stream, plain, "news", () => moment(8));
    for (const event of shortRun) sink(event);
    flush();
    expect(text()).toContain("web1: build: failed: dkms build exited 10 (5.0 s)");
    expect(text()).not.toContain("depmod");
  });

  test("tells what is in order, too, where all is wanted", () => {
    const { stream, text } = terminal();
    const { sink, flush } = liveReporter(stream, plain, "all", () => moment(8));
    for (const event of shortRun) sink(event);
    flush();
    expect(text()).toContain("web2: depmod: ok (0.0 s)");
  });

  test("draws at most ten pictures a second, whatever happens", () => {
    const { stream, raw, text } = terminal();
    const { sink, flush } = liveReporter(stream, plain, "news", () => moment(1));
    for (let host = 0; host < 500; host++) sink(secondsIn(0, { type: "task-started", host: `web${host}`, play: "p", task: "build" }));
    expect(raw()).toBe("");
    vi.advanceTimersByTime(100);
    expect(text().match(/web\d+ /g)).toHaveLength(14);
    expect(text()).toContain("… and 486 more");
    flush();
  });

  test("loses no line of a flood that is higher than the terminal", () => {
    const { stream, text } = terminal(10);
    const { sink, flush } = liveReporter(stream, plain, "news", () => moment(1));
    for (let index = 0; index < 100; index++) sink(secondsIn(0, { type: "warning", message: `number ${index} of the flood` }));
    vi.advanceTimersByTime(100);
    for (let index = 0; index < 100; index++) expect(text()).toContain(`number ${index} of the flood`);
    flush();
  });

  test("after a flush nothing moves until the next event", () => {
    const { stream, raw } = terminal();
    const { sink, flush } = liveReporter(stream, plain, "news", () => moment(vi.getMockedSystemTime()?.getSeconds() ?? 0));
    sink(secondsIn(0, { type: "task-started", host: "web1", play: "p", task: "build" }));
    vi.advanceTimersByTime(300);
    flush();
    const before = raw();
    vi.advanceTimersByTime(5000);
    expect(raw()).toBe(before);
    sink(secondsIn(9, { type: "warning", message: "again" }));
    vi.advanceTimersByTime(100);
    expect(raw()).toContain("again");
    flush();
  });

  test("clears its picture when the last host is done", () => {
    const { stream, raw } = terminal();
    const { sink, flush } = liveReporter(stream, plain, "news", () => moment(1));
    sink(secondsIn(0, { type: "task-started", host: "web1", play: "p", task: "build" }));
    vi.advanceTimersByTime(100);
    sink(secondsIn(1, { type: "run-finished", run: "r", results: [], exitCode: 0, milliseconds: 1 }));
    vi.advanceTimersByTime(200);
    expect(raw()).toMatch(/finished: 0 hosts, exit 0 \(0\.0 s\)\n$/);
    flush();
  });
});
