import { expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event.ts";
import { jsonReporter } from "../../src/report/json_reporter.ts";
import { textReporter } from "../../src/report/text_reporter.ts";
import { shortRun } from "./run.ts";

function told(detail: "news" | "all", screen = { colour: false, ci: true }): string[] {
  const lines: string[] = [];
  const sink = textReporter((line) => lines.push(line), screen, detail);
  for (const event of shortRun) sink(event);
  return lines;
}

test("the short run has every kind of event", () => {
  const kinds: Record<RunEvent["type"], true> = {
    "run-started": true,
    "play-started": true,
    "batch-started": true,
    "host-contacted": true,
    "job-joined": true,
    "task-started": true,
    "step-started": true,
    "step-output": true,
    "step-finished": true,
    "file-diff": true,
    retrying: true,
    "task-finished": true,
    decided: true,
    warning: true,
    "run-finished": true,
  };
  expect(new Set(shortRun.map(({ type }) => type))).toEqual(new Set(Object.keys(kinds)));
});

test("text: news", () => {
  expect(told("news").join("\n")).toMatchInlineSnapshot(`
    "20:15:30 run 20261122-201530-4f3a: rollout dattobd: web[1-2] (2)
    20:15:30 Install the module: web[1-2] (2)
    20:15:30 Install the module: batch 1 of 2: web[1-2] (2)
    20:15:31 web1: goes on with "install dkms" of run 20261122-200000-0000
    20:15:33 web1: build: /etc/x.conf differs:
    20:15:33 --- /etc/x.conf
    20:15:33 +++ /etc/x.conf
    20:15:33 @@ -1,2 +1,2 @@
    20:15:33  same
    20:15:33 -old
    20:15:33 +new
    20:15:34 web1: tries again after attempt 2: lost: the connection was reset
    20:15:36 web1: build: failed: dkms build exited 10 (5.0 s)
    20:15:36 web1: | make: error
    20:15:36 web1: | error::x
    20:15:36 web1: | all of it: /r/outputs/web1/01-build.log
    20:15:36 web2: load: changed: modprobe dattobd; write /etc/modules-load.d/dattobd.conf (0.3 s)
    20:15:36 web2: depmod: ok (0.0 s)
    20:15:36 web2: probe: failed (ignored): exit 1 (0.0 s)
    20:15:37 warning: web2: clock differs by 40 s
    20:15:37 warning: the journal can't be written
    20:15:38 finished: 2 hosts, exit 2 (8.0 s)"
  `);
});

test("text: all", () => {
  expect(told("all").join("\n")).toMatchInlineSnapshot(`
    "20:15:30 run 20261122-201530-4f3a: rollout dattobd: web[1-2] (2)
    20:15:30 Install the module: web[1-2] (2)
    20:15:30 Install the module: batch 1 of 2: web[1-2] (2)
    20:15:31 web1: Debian GNU/Linux 12, 6.1.0-37-amd64
    20:15:31 web1: build
    20:15:31 web1: goes on with "install dkms" of run 20261122-200000-0000
    20:15:32 web1: build: dkms build
    20:15:33 web1: build: /etc/x.conf differs:
    20:15:33 --- /etc/x.conf
    20:15:33 +++ /etc/x.conf
    20:15:33 @@ -1,2 +1,2 @@
    20:15:33  same
    20:15:33 -old
    20:15:33 +new
    20:15:33 web1: | CC dattobd.o
    20:15:34 web1: tries again after attempt 2: lost: the connection was reset
    20:15:35 web1: build: dkms build: exit 10
    20:15:36 web1: build: failed: dkms build exited 10 (5.0 s)
    20:15:36 web1: | make: error
    20:15:36 web1: | error::x
    20:15:36 web1: | all of it: /r/outputs/web1/01-build.log
    20:15:36 web2: load: changed: modprobe dattobd; write /etc/modules-load.d/dattobd.conf (0.3 s)
    20:15:36 web2: depmod: ok (0.0 s)
    20:15:36 web2: probe: failed (ignored): exit 1 (0.0 s)
    20:15:36 rollout_plan: decided
    20:15:37 warning: web2: clock differs by 40 s
    20:15:37 warning: the journal can't be written
    20:15:38 finished: 2 hosts, exit 2 (8.0 s)"
  `);
});

test("text: coloured by what it means", () => {
  const lines = told("news", { colour: true, ci: false });
  expect(lines).toContain("20:15:36 \u001b[31mweb1: build: failed: dkms build exited 10 (5.0 s)\u001b[39m");
});

test("JSON: every event as it is, on one line", () => {
  const lines: string[] = [];
  const sink = jsonReporter((line) => lines.push(line));
  for (const event of shortRun) sink(event);
  expect(lines.map((line) => JSON.parse(line))).toEqual(shortRun);
  expect(lines.join()).not.toContain("\n");
});

test("of a task with many steps a line names the first, and how many more there are", () => {
  const lines: string[] = [];
  const sink = textReporter((line) => lines.push(line), { colour: false, ci: true }, "news");
  const finished = (steps: string[]) => {
    const one = shortRun.find((event) => event.type === "task-finished" && event.outcome.verdict === "changed");
    if (one?.type === "task-finished") sink({ ...one, outcome: { verdict: "changed", steps } });
  };
  finished(Array.from({ length: 6 }, (_, index) => `s${index + 1}`));
  finished(Array.from({ length: 170 }, (_, index) => `s${index + 1}`));
  expect(lines.map((line) => line.slice("20:15:36 ".length))).toEqual([
    "web2: load: changed: s1; s2; s3; s4; s5; s6 (0.3 s)",
    "web2: load: changed: s1; s2; s3; s4; s5; and 165 more steps (0.3 s)",
  ]);
});
