import { appendFileSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import type { RunEvent, TimedEvent } from "../../src/core/event.ts";
import { Secret } from "../../src/core/secret.ts";
import { readRun } from "../../src/store/read_run.ts";
import { createRun, type RunJournal } from "../../src/store/run_journal.ts";

let runs = "";
beforeEach(() => {
  runs = join(mkdtempSync(join(tmpdir(), "runs-")), "state", "runs");
});

const warn = vi.fn();
const begin = (moment = "2026-11-22T20:15:30.123Z", random = 0.31) =>
  createRun(runs, { now: () => new Date(moment), random: () => random, warn });

const at = "2026-11-22T20:15:31.000Z";
const profile = {
  name: "web1",
  distribution: "debian",
  distributionVersion: "12",
  distributionTitle: "Debian 12",
  family: "debian",
  kernel: "6.1.0-37-amd64",
  architecture: "x86_64",
  bootId: "b",
  moduleFolder: "/usr/lib/modules",
  hostname: "web1",
} as const;

const examples: { readonly [K in RunEvent["type"]]: Extract<TimedEvent, { type: K }> } = {
  "run-started": { at, type: "run-started", run: "r", title: "rollout", check: false, hosts: ["web1"], folder: "/f" },
  "play-started": { at, type: "play-started", play: "p", hosts: ["web1"] },
  "batch-started": { at, type: "batch-started", play: "p", batch: 1, batches: 2, hosts: ["web1"] },
  "host-contacted": { at, type: "host-contacted", host: "web1", profile },
  "job-joined": { at, type: "job-joined", host: "web1", title: "install dkms", run: "r" },
  "task-started": { at, type: "task-started", host: "web1", play: "p", task: "t" },
  "step-started": { at, type: "step-started", host: "web1", task: "t", step: "s" },
  "step-output": { at, type: "step-output", host: "web1", task: "t", line: "tab\there, ü, \u001b[31m" },
  "step-finished": { at, type: "step-finished", host: "web1", task: "t", step: "s", code: 1, log: "/l" },
  "file-diff": { at, type: "file-diff", host: "web1", task: "t", path: "/etc/x", diff: "-a\n+b\n" },
  retrying: { at, type: "retrying", host: "web1", reason: "lost", attempt: 2 },
  "task-finished": {
    at,
    type: "task-finished",
    host: "web1",
    play: "p",
    task: "t",
    milliseconds: 12,
    outcome: { verdict: "failed", reason: "no", steps: ["a"], result: { code: 1 }, output: { tail: "x", file: "/l" }, ignored: true },
  },
  decided: { at, type: "decided", task: "rollout_plan", summary: { hosts: [] } },
  warning: { at, type: "warning", message: "m", host: "web1" },
  "run-finished": {
    at,
    type: "run-finished",
    run: "r",
    results: [{ host: "web1", verdict: "failed", reason: "no", counts: { ok: 1, failed: 1 } }],
    exitCode: 2,
    milliseconds: 12,
  },
};

const linesOf = ({ folder }: RunJournal): string[] => readFileSync(join(folder, "events.jsonl"), "utf8").split("\n");

test("an id reads as its moment and sorts by it", () => {
  expect(begin().id).toBe("20261122-201530-4f5c");
  expect(begin("2026-11-22T20:15:31.000Z", 0).id).toBe("20261122-201531-0000");
  expect(begin("2027-01-01T00:00:00.000Z", 0.99999999).id).toBe("20270101-000000-ffff");
  expect(readdirSync(runs).sort()).toEqual(["20261122-201530-4f5c", "20261122-201531-0000", "20270101-000000-ffff", "latest"]);
  expect(readlinkSync(join(runs, "latest"))).toBe("20270101-000000-ffff");
});

test("a run's folder is nobody else's", () => {
  const run = begin();
  run.plan({});
  const spooled = run.spool("web1", "t", "text") ?? "";
  expect(statSync(run.folder).mode & 0o777).toBe(0o700);
  for (const path of [join(run.folder, "events.jsonl"), join(run.folder, "plan.json"), spooled])
    expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("an event is on its way to the disk when `write` returns", () => {
  const run = begin();
  run.write(examples["play-started"]);
  expect(linesOf(run)).toEqual([JSON.stringify(examples["play-started"]), ""]);
});

test("every kind of event is read back as it was written", async () => {
  const run = begin();
  run.plan({ hosts: ["web1"] });
  for (const event of Object.values(examples)) run.write(event);
  run.close();
  const expected = { id: run.id, folder: run.folder, events: Object.values(examples), plan: { hosts: ["web1"] } };
  expect(await readRun(runs, run.id)).toEqual(expected);
  expect(await readRun(runs, "latest")).toEqual(expected);
});

test("the event in whose middle kofleet died is left out", async () => {
  const run = begin();
  run.write(examples["play-started"]);
  appendFileSync(join(run.folder, "events.jsonl"), '{"type":"warn');
  expect((await readRun(runs, run.id)).events).toEqual([examples["play-started"]]);
  expect(await readRun(runs, run.id)).not.toHaveProperty("plan");
});

test.each([
  ["{}", "type"],
  ["rubbish", "JSON"],
  [JSON.stringify({ ...examples.warning, type: "wraning" }), "not an event of kofleet"],
  [JSON.stringify({ ...examples["task-finished"], outcome: { verdict: "fine", steps: [] } }), "outcome.verdict"],
])("a damaged line is named: %s", async (line, message) => {
  const run = begin();
  writeFileSync(join(run.folder, "events.jsonl"), `${JSON.stringify(examples.warning)}\n${line}\n`);
  await expect(readRun(runs, run.id)).rejects.toThrow(/events\.jsonl:2: not an event of kofleet/);
  await expect(readRun(runs, run.id)).rejects.toThrow(message);
});

test.each([
  ["20261122-201530-ffff", "there is no run 20261122-201530-ffff in"],
  ["latest", "there is no run latest in"],
  ["../../etc", '"../../etc" is no run\'s id'],
])("a run that is not there: %s", async (id, message) => {
  await expect(readRun(runs, id)).rejects.toThrow(message);
});

test("a secret is written as its mask", () => {
  const run = begin();
  run.plan({ password: new Secret("hunter2") });
  run.write({ ...examples.decided, summary: { password: new Secret("hunter2") } });
  run.close();
  const all = readFileSync(join(run.folder, "plan.json"), "utf8") + linesOf(run).join();
  expect(all).not.toContain("hunter2");
  expect(all).toContain("‹secret›");
});

test("outputs are numbered per host, under names that are harmless in paths", () => {
  const run = begin();
  const spool = (host: string, task: string) => relative(run.folder, run.spool(host, task, "text") ?? "");
  expect([
    spool("web1", "Build the module"),
    spool("web1", "Build the module"),
    spool("db/../../x", "../../etc/passwd"),
    spool("..", "."),
    spool("", ""),
    spool("web1", "x".repeat(300)),
  ]).toEqual([
    "outputs/web1/01-Build_the_module.log",
    "outputs/web1/02-Build_the_module.log",
    "outputs/db_.._.._x/01-__.._etc_passwd.log",
    "outputs/_/01-_.log",
    "outputs/_/02-_.log",
    `outputs/web1/03-${"x".repeat(80)}.log`,
  ]);
  expect(readFileSync(join(run.folder, "outputs/web1/01-Build_the_module.log"), "utf8")).toBe("text");
});

test("a disk that fails is told once, and the run goes on", () => {
  const run = begin();
  rmSync(run.folder, { recursive: true });
  expect(run.spool("web1", "t", "text")).toBeDefined();
  rmSync(run.folder, { recursive: true });
  run.plan({});
  run.plan({});
  expect(run.spool("web1", "t", "text")).toBeUndefined();
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/^the journal .* can't be written any more: ENOENT/));
});

test("runs never share a folder, though they begin in one second with one random number", () => {
  expect([begin(at, 0.99999999).id, begin(at, 0.99999999).id, begin(at, 0.99999999).id]).toEqual([
    "20261122-201531-ffff",
    "20261122-201531-0000",
    "20261122-201531-0001",
  ]);
});
