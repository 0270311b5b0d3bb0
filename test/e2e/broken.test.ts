import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TimedEvent } from "../../src/core/event.ts";
import type { HostResult } from "../../src/core/outcome.ts";
import { Lab } from "../lab/lab.ts";
import { Kofleet, manifest, resultsOf } from "./kofleet.ts";

/** What is broken on purpose is reported, never a stack trace, and the other hosts go on. */
let lab: Lab;
let kofleet: Kofleet;

const start = async (...machines: string[]): Promise<void> => {
  lab = await Lab.start({ machines });
};

beforeEach(() => {
  kofleet = new Kofleet();
});

afterEach(async () => {
  kofleet.remove();
  await lab?.stop();
});

const inventory = (options: Parameters<Lab["inventory"]>[0] = {}) =>
  lab.inventory({ ...options, vars: { known_hosts: lab.knownHosts, ...options.vars } });

interface Result {
  readonly code: number;
  readonly events: readonly TimedEvent[];
  readonly results: Readonly<Record<string, HostResult>>;
  readonly stderr: string;
}

async function run(...args: string[]): Promise<Result> {
  const { code, lines: events, stderr } = await kofleet.json<TimedEvent>(args);
  const results = Object.fromEntries(resultsOf(events).map((result) => [result.host, result]));
  expect(stderr).not.toMatch(/\n\s+at /);
  return { code, events, results, stderr };
}

const touch = (): string => {
  const file = join(kofleet.home, "touch.yaml");
  writeFileSync(file, "- hosts: all\n  become: true\n  tasks:\n    - copy: { dest: /root/touched, content: touched }\n");
  return file;
};

test("an unreachable host, a changed host key and a wrong sudo password: typed reasons, and the fourth host goes on", async () => {
  await start("builder", "plain1", "plain2", "other");
  await lab.machine("plain1").powerOff();
  const other =
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(kofleet.home, "key")]).toString() +
    readFileSync(join(kofleet.home, "key.pub"), "utf8");
  const port = lab.machine("plain2").port;
  const known = readFileSync(lab.knownHosts, "utf8")
    .split("\n")
    .map((line) => (line.startsWith(`[127.0.0.1]:${port} `) ? `[127.0.0.1]:${port} ${other.trim()}` : line));
  const knownHosts = join(kofleet.home, "known_hosts");
  writeFileSync(knownHosts, known.join("\n"));
  const hosts = { other: { ansible_user: "admin", become_password: "wrong" }, builder: { ansible_user: "admin", become_password: "lab" } };
  const { code, results } = await run("play", touch(), "-i", await inventory({ vars: { known_hosts: knownHosts }, hosts }));
  expect(results).toMatchObject({
    builder: { verdict: "changed" },
    plain1: { verdict: "unreachable", reason: expect.stringMatching(/^refused: /) },
    plain2: { verdict: "unreachable", reason: expect.stringMatching(/^host-key: .*changed|^host-key: /) },
    other: { verdict: "unreachable", reason: expect.stringMatching(/^sudo: .*password/) },
  });
  expect(code).toBe(4);
  expect(await lab.machine("builder").read("cat /root/touched")).toBe("touched");
});

test("a full /boot blocks its host before anything is written", async () => {
  await start("plain1");
  const machine = lab.machine("plain1");
  await machine.read(
    "cp -a /boot /boot.copy && mount -t tmpfs -o size=$(( $(du -sm /boot | cut -f1) + 4 ))m tmpfs /boot && cp -a /boot.copy/. /boot",
  );
  const file = await inventory({ hosts: { plain1: { builder: true } } });
  const { code, results } = await run("rollout", "-i", file, "-m", manifest, "--yes");
  expect(results).toMatchObject({
    plain1: { verdict: "blocked", reason: expect.stringMatching(/^\/boot has \d+ MiB free, a new initramfs needs \d+ MiB/) },
  });
  expect(code).toBe(2);
  expect(await machine.read("ls -d /usr/src/kofleet_example* /var/lib/kofleet 2>/dev/null || true")).toBe("");
});

test("a connection cut in the middle of the package installation: it goes on, and the next run joins it", async () => {
  await start("builder");
  const machine = lab.machine("builder");
  const file = await inventory();
  const play = join(kofleet.home, "install.yaml");
  writeFileSync(play, "- hosts: all\n  become: true\n  tasks:\n    - package: { name: [dkms, gcc, make] }\n");
  const controller = new AbortController();
  const killed = kofleet.run(
    ["play", play, "-i", file, "-v"],
    (text) => {
      if (/Unpacking/.test(text)) controller.abort();
    },
    controller.signal,
  );
  expect((await killed).code).toBe(-1);
  expect((await machine.ssh("pgrep -x dpkg")).code).toBe(0);
  const { code, events, results } = await run("play", play, "-i", file);
  expect(events).toContainEqual(
    expect.objectContaining({ type: "job-joined", host: "builder", title: expect.stringContaining("install dkms") }),
  );
  expect(results).toMatchObject({ builder: { verdict: "ok" } });
  expect(code).toBe(0);
  expect(await machine.read("dpkg --audit && dkms --version")).toContain("dkms-");
});

test("a connection lost in the middle of a step: the same run finds the host again and joins what goes on", async () => {
  await start("builder");
  const machine = lab.machine("builder");
  const play = join(kofleet.home, "install.yaml");
  writeFileSync(play, "- hosts: all\n  become: true\n  tasks:\n    - package: { name: [make] }\n");
  let isCut = false;
  const { code, stdout, stderr } = await kofleet.run(["play", play, "-i", await inventory(), "-v"], (text) => {
    if (isCut || !/install make/.test(text)) return;
    isCut = true;
    void machine.hangUp();
  });
  expect(isCut).toBe(true);
  expect(stderr).toContain("goes on with");
  expect(stdout).toContain("1 host, 1 ok");
  expect(code).toBe(0);
});

/** A manifest of the example module whose source was changed. */
function changedManifest(change: (source: string) => string): string {
  const folder = join(kofleet.home, "modules");
  mkdirSync(folder);
  cpSync(join(manifest, "..", "kofleet_example"), join(folder, "kofleet_example"), { recursive: true });
  const file = join(folder, "kofleet_example.yaml");
  cpSync(manifest, file);
  const source = join(folder, "kofleet_example", "kofleet_example.c");
  writeFileSync(source, change(readFileSync(source, "utf8")));
  return file;
}

test("a compiler error: the first error line is shown, the log is kept", async () => {
  await start("builder", "plain1");
  const broken = changedManifest((source) => `${source}\nint broken(void) { return no_such_thing; }\n`);
  const { code, results, events } = await run("rollout", "-i", await inventory(), "-m", broken, "--yes");
  expect(results.builder).toMatchObject({
    verdict: "failed",
    reason: expect.stringMatching(/kofleet_example\.c:\d+:\d+: error: .*no_such_thing/),
  });
  expect(results.plain1).toMatchObject({ verdict: expect.stringMatching(/failed|blocked/), reason: expect.stringContaining("artifact") });
  expect(code).toBe(2);
  const outcome = events.flatMap((event) =>
    event.type === "task-finished" && event.host === "builder" && event.outcome.verdict === "failed" ? [event.outcome] : [],
  )[0];
  expect(existsSync(outcome?.output?.file ?? "")).toBe(true);
  expect(readFileSync(outcome?.output?.file ?? "", "utf8")).toContain("no_such_thing");
  expect((await lab.machine("builder").ssh("test -e /etc/dkms/framework.conf.d/kofleet.conf")).code).not.toBe(0);
});
