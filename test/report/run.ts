import type { RunEvent, TimedEvent } from "../../src/core/event.ts";

const start = Date.parse("2026-11-22T20:15:30.000Z");

/** An event, so many seconds after the start of its run. */
export const secondsIn = (seconds: number, event: RunEvent): TimedEvent => ({
  ...event,
  at: new Date(start + seconds * 1000).toISOString(),
});

/** Milliseconds of the epoch, so many seconds after the start. */
export const moment = (seconds: number): number => start + seconds * 1000;

const play = "Install the module";

/** One event of every kind, in the order of a run. */
export const shortRun: readonly TimedEvent[] = [
  secondsIn(0, {
    type: "run-started",
    run: "20261122-201530-4f3a",
    title: "rollout dattobd",
    check: false,
    hosts: ["web1", "web2"],
    folder: "/r",
  }),
  secondsIn(0, { type: "play-started", play, hosts: ["web1", "web2"] }),
  secondsIn(0, { type: "batch-started", play, batch: 1, batches: 2, hosts: ["web1", "web2"] }),
  secondsIn(1, {
    type: "host-contacted",
    host: "web1",
    profile: {
      name: "web1",
      distribution: "debian",
      distributionVersion: "12",
      distributionTitle: "Debian GNU/Linux 12",
      family: "debian",
      kernel: "6.1.0-37-amd64",
      architecture: "x86_64",
      bootId: "b",
      moduleFolder: "/usr/lib/modules",
      hostname: "web1",
    },
  }),
  secondsIn(1, { type: "task-started", host: "web1", play, task: "build" }),
  secondsIn(1, { type: "job-joined", host: "web1", title: "install dkms", run: "20261122-200000-0000" }),
  secondsIn(2, { type: "step-started", host: "web1", task: "build", step: "dkms build" }),
  secondsIn(3, {
    type: "file-diff",
    host: "web1",
    task: "build",
    path: "/etc/x.conf",
    diff: "--- /etc/x.conf\n+++ /etc/x.conf\n@@ -1,2 +1,2 @@\n same\n-old\u001b[31m\n+new\n",
  }),
  secondsIn(3, { type: "step-output", host: "web1", task: "build", line: "\u001b[31mCC dattobd.o\r" }),
  secondsIn(4, { type: "retrying", host: "web1", reason: "lost: the connection was reset", attempt: 2 }),
  secondsIn(5, { type: "step-finished", host: "web1", task: "build", step: "dkms build", code: 10, log: "/r/outputs/web1/01-build.log" }),
  secondsIn(6, {
    type: "task-finished",
    host: "web1",
    play,
    task: "build",
    milliseconds: 5000,
    outcome: {
      verdict: "failed",
      reason: "dkms build exited 10",
      steps: [],
      output: { tail: "make: error\n::error::x", file: "/r/outputs/web1/01-build.log" },
    },
  }),
  secondsIn(6, {
    type: "task-finished",
    host: "web2",
    play,
    task: "load",
    milliseconds: 300,
    outcome: { verdict: "changed", steps: ["modprobe dattobd", "write /etc/modules-load.d/dattobd.conf"] },
  }),
  secondsIn(6, { type: "task-finished", host: "web2", play, task: "depmod", milliseconds: 20, outcome: { verdict: "ok", steps: [] } }),
  secondsIn(6, {
    type: "task-finished",
    host: "web2",
    play,
    task: "probe",
    milliseconds: 20,
    outcome: { verdict: "failed", reason: "exit 1", steps: [], ignored: true },
  }),
  secondsIn(6, { type: "decided", task: "rollout_plan", summary: {} }),
  secondsIn(7, { type: "warning", message: "clock differs by 40 s", host: "web2" }),
  secondsIn(7, { type: "warning", message: "the journal can't be written" }),
  secondsIn(8, {
    type: "run-finished",
    run: "20261122-201530-4f3a",
    results: [
      { host: "web1", verdict: "failed", counts: { failed: 1 } },
      { host: "web2", verdict: "changed", counts: { changed: 1, ok: 1 } },
    ],
    exitCode: 2,
    milliseconds: 8000,
  }),
];
