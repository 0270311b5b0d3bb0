import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Connection } from "../../src/core/connection.ts";
import type { Step } from "../../src/core/step.ts";
import { createConnection } from "../../src/remote/connection.ts";
import { followJob, parseUnfinishedJobs, unfinishedJobs } from "../../src/remote/detached.ts";
import { openLocal } from "../../src/remote/local.ts";
import { askOptions, scratch } from "./asking.ts";

let folder: string;
let connection: Connection;

beforeEach(() => {
  folder = scratch();
  connection = createConnection(openLocal());
});

const job = (script: string, title = "build the module"): Step => ({ kind: "script", script, args: [], title, detached: true });
const jobFolders = () => readdirSync(join(folder, "run", "RUN1")).map((name) => join(folder, "run", "RUN1", name));
const askJobs = async () => parseUnfinishedJobs(await connection.exec(unfinishedJobs(join(folder, "run")), { timeout: 10 }));

test("its lines come as they are written, its whole output is the answer, its exit code too", async () => {
  const times: number[] = [];
  const options = { ...askOptions(folder), onLine: () => times.push(Date.now()) };
  const { steps } = await connection.ask({ steps: [job("echo one; echo two >&2; sleep 0.4; echo three; exit 5")], questions: [] }, options);
  expect(steps).toEqual([{ code: 5, stdout: "one\ntwo\nthree\n", stderr: "" }]);
  expect(times.length).toBe(3);
  expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThan(200);
  const [place = ""] = jobFolders();
  expect(["title", "log", "code"].map((name) => readFileSync(join(place, name), "utf8"))).toEqual([
    "build the module\n",
    "one\ntwo\nthree\n",
    "5\n",
  ]);
  expect(statSync(join(folder, "run")).mode & 0o777).toBe(0o700);
  expect(await askJobs()).toEqual([]);
});

test("goes on when its connection is cut, and is joined by the next", async () => {
  const options = { ...askOptions(folder), timeout: 0.4 };
  const asking = connection.ask(
    { steps: [job(`echo begun; sleep 0.8; echo done; touch ${folder}/proof; exit 3`)], questions: [] },
    options,
  );
  await expect(asking).rejects.toMatchObject({ reason: "timeout" });
  const jobs = await askJobs();
  expect(jobs).toEqual([
    { folder: jobFolders()[0], run: "RUN1", id: expect.stringMatching(/^0-[0-9a-f]{12}$/), title: "build the module" },
  ]);
  const answer = await connection.exec(followJob(jobs[0]?.folder ?? ""), { timeout: 10 });
  expect(answer).toEqual({ code: 3, stdout: "begun\ndone\n", stderr: "" });
  const rest = await connection.exec(followJob(jobs[0]?.folder ?? "", 2), { timeout: 10 });
  expect(rest).toEqual({ code: 3, stdout: "done\n", stderr: "" });
  expect(existsSync(join(folder, "proof"))).toBe(true);
  expect(await askJobs()).toEqual([]);
});

test("is in a session of its own, without anybody's locks or streams", async () => {
  const script = 'cut -d" " -f6 /proc/$$/stat; echo $PPID; for fd in 0 7 8 9; do readlink /proc/$$/fd/$fd || echo none; done';
  const { steps } = await connection.ask({ steps: [job(script)], questions: [] }, askOptions(folder));
  const [session, parent, ...files] = (steps[0]?.stdout ?? "").trim().split("\n");
  expect(session).toBe(parent);
  expect(files).toEqual(["/dev/null", "none", "none", "none"]);
});

test("a second one waits for the first, and says for which", async () => {
  const other = createConnection(openLocal());
  const first = connection.ask({ steps: [job("sleep 0.5; date +%s%N", "first job")], questions: [] }, askOptions(folder));
  await vi.waitFor(() => expect(readFileSync(join(folder, "run", "job.lock"), "utf8")).toContain("RUN1"), { timeout: 5000 });
  const second = await other.ask({ steps: [job("date +%s%N", "second job")], questions: [] }, askOptions(folder));
  const [waits, began] = (second.steps[0]?.stdout ?? "").split("\n");
  expect(waits).toBe("waits for another job on this host: first job");
  expect(Number(began)).toBeGreaterThan(Number((await first).steps[0]?.stdout));
});

test("one that was killed has no exit code, and is told as killed", async () => {
  const asking = connection.ask({ steps: [job("sleep 20")], questions: [] }, askOptions(folder));
  await vi.waitFor(() => expect(existsSync(join(jobFolders()[0] ?? "", "pid"))).toBe(true), { timeout: 5000 });
  await delay(100);
  process.kill(-Number(readFileSync(join(jobFolders()[0] ?? "", "pid"), "utf8")), "SIGKILL");
  const { steps } = await asking;
  expect(steps[0]).toMatchObject({ code: 137, stderr: "the job ended without an exit code: it was killed\n" });
});

test("variables and folder reach it, and paths are saved before it starts", async () => {
  const step: Step = {
    kind: "run",
    argv: ["sh", "-c", "echo $A; pwd"],
    env: { A: "x y" },
    cwd: folder,
    detached: true,
    undo: { restore: [join(folder, "none")] },
  };
  const { steps } = await connection.ask({ steps: [step], questions: [] }, askOptions(folder));
  expect(steps[0]?.stdout).toBe(`x y\n${folder}\n`);
  expect(readdirSync(join(folder, "saved", "RUN1"))).toHaveLength(1);
});

test("a host without its tools is told what to install", async () => {
  for (const tool of ["sh", "head", "setsid", "tail"]) symlinkSync(`/usr/bin/${tool}`, join(folder, tool));
  vi.stubEnv("PATH", folder);
  const { steps } = await connection.ask({ steps: [job("true")], questions: [] }, askOptions(folder)).finally(() => vi.unstubAllEnvs());
  expect(steps).toEqual([{ code: 127, stdout: "", stderr: "this host has no flock: install util-linux and coreutils\n" }]);
});

describe("parseUnfinishedJobs", () => {
  test("reads folder and title", () => {
    const stdout = "/run/kofleet/R7/0-abc\tinstall dkms\n/run/kofleet/R8/2-def\tbuild\n";
    expect(parseUnfinishedJobs({ code: 0, stdout, stderr: "" })).toEqual([
      { folder: "/run/kofleet/R7/0-abc", run: "R7", id: "0-abc", title: "install dkms" },
      { folder: "/run/kofleet/R8/2-def", run: "R8", id: "2-def", title: "build" },
    ]);
  });

  test.each([
    [{ code: 127, stdout: "", stderr: "sh: not found\n" }, /sh: not found/],
    [{ code: 0, stdout: "garbage\n", stderr: "" }, /cannot read.*garbage/],
  ])("is loud: %j", (answer, problem) => {
    expect(() => parseUnfinishedJobs(answer)).toThrow(problem);
  });
});
