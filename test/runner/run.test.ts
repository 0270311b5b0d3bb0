import { expect, test } from "vitest";
import { z } from "zod";
import type { Provenance } from "../../src/core/artifact.ts";
import { ConnectError, FactError } from "../../src/core/error.ts";
import type { Input } from "../../src/core/input.ts";
import type { EvidenceOrigin, KernelStore } from "../../src/core/kernel_evidence.ts";
import type { Destination } from "../../src/core/step.ts";
import { type AnyTask, defineFleetTask, defineTask, stop } from "../../src/core/task.ts";
import { runPlays } from "../../src/runner/run.ts";
import { examinedModules } from "../../src/tasks/examined_modules.ts";
import { exampleModinfo, writeModule } from "../kernel/elf_writer.ts";
import { act, condition, entry, flag, flagHost, play, runFixture } from "./run_fixture.ts";
import { ok, type Script } from "./scripted_host.ts";

const verdicts = (results: readonly { host: string; verdict: string }[]) =>
  Object.fromEntries(results.map(({ host, verdict }) => [host, verdict]));
const reasons = (results: readonly { host: string; reason?: string }[]) =>
  Object.fromEntries(results.map(({ host, reason }) => [host, reason]));

test("brings hosts into a state, and changes nothing the second time", async () => {
  const hosts = { a: flagHost(["one", "two"]), b: flagHost(["one", "two"]) };
  const { context, record } = runFixture(hosts);
  const plays = [play([entry(flag, { name: "one" }), entry(flag, { name: "two" })])];
  const first = await runPlays(plays, context);
  expect(verdicts(first.results)).toEqual({ a: "changed", b: "changed" });
  expect(first.exitCode).toBe(0);
  const second = await runPlays(plays, context);
  expect(verdicts(second.results)).toEqual({ a: "ok", b: "ok" });
  expect(record("a").log).toEqual(["set one", "set two"]);
});

test("makes one round trip a changing task beyond contact and first questions, and two where there is nothing to do", async () => {
  const names = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];
  const { context, record } = runFixture({ a: flagHost(names) });
  const plays = [play(names.map((name) => entry(flag, { name })))];
  await runPlays(plays, context);
  expect(record("a").batches).toBe(12);
  await runPlays(plays, context);
  expect(record("a").batches).toBe(14);
});

test("a step that changes nothing is a failure that names the step", async () => {
  const host = { ...flagHost(["one"]), effects: new Map([["set one", () => ok()]]) };
  const { context } = runFixture({ a: host });
  const { results, exitCode } = await runPlays([play([entry(flag, { name: "one" })])], context);
  expect(reasons(results)).toEqual({ a: 'did not converge: "set one" is still needed after it was done' });
  expect(exitCode).toBe(2);
});

test("a failing step ends its host, shows its last line and keeps the whole; the others go on", async () => {
  const broken = {
    ...flagHost(["one", "two"]),
    effects: new Map([["set one", () => ({ code: 3, stdout: "", stderr: "first\nit broke\n" })]]),
  };
  const { context, record, events } = runFixture({ a: broken, b: flagHost(["one", "two"]) });
  const { results } = await runPlays([play([entry(flag, { name: "one" }), entry(flag, { name: "two" })])], context);
  expect(verdicts(results)).toEqual({ a: "failed", b: "changed" });
  expect(reasons(results).a).toBe("set one: exit code 3: it broke");
  expect(record("a").log).toEqual(["set one"]);
  expect(events).toContainEqual(expect.objectContaining({ type: "step-finished", host: "a", code: 3, log: "output.log" }));
});

test("an unreachable host is a verdict with its reason, and exit code 4", async () => {
  const { context } = runFixture({
    a: flagHost(["one"], { refusals: [new ConnectError("refused", "nobody listens")] }),
    b: flagHost(["one"]),
  });
  const { results, exitCode } = await runPlays([play([entry(flag, { name: "one" })])], context);
  expect(verdicts(results)).toEqual({ a: "unreachable", b: "changed" });
  expect(reasons(results).a).toBe("refused: nobody listens");
  expect(exitCode).toBe(4);
});

test("a connection lost in a step: the host is found again, and only what is still missing is done", async () => {
  const { context, record, events } = runFixture({ a: flagHost(["one", "two"], { cuts: new Set(["set two"]) }) });
  const { results } = await runPlays([play([entry(flag, { name: "one" }), entry(flag, { name: "two" })])], context);
  expect(verdicts(results)).toEqual({ a: "changed" });
  expect(record("a")).toMatchObject({ connections: 2, log: ["set one", "set two", "set two"] });
  expect(events).toContainEqual(expect.objectContaining({ type: "retrying", host: "a" }));
});

test("an action whose connection is lost is not run twice", async () => {
  const host = { answers: new Map(), effects: new Map([["go", () => ok()]]), cuts: new Set(["go"]) };
  const { context, record } = runFixture({ a: host });
  const { results } = await runPlays([play([entry(act, { title: "go" })])], context);
  expect(verdicts(results)).toEqual({ a: "unreachable" });
  expect(reasons(results).a).toContain("not run twice");
  expect(record("a").log).toEqual(["go"]);
});

test("joins what an earlier connection left running before it does anything", async () => {
  const host = flagHost(["one"]);
  host.answers.set("jobs", () => ok("/run/kofleet/20261121-101112-aaaa/3-x\tinstall dkms\n"));
  host.effects.set("wait for: install dkms", () => ok());
  const { context, record, events } = runFixture({ a: host });
  await runPlays([play([entry(flag, { name: "one" })])], context);
  expect(record("a").log).toEqual(["wait for: install dkms", "set one"]);
  expect(events).toContainEqual({ type: "job-joined", host: "a", title: "install dkms", run: "20261121-101112-aaaa" });
});

test("a host that is found each time is waited for, however often it is lost while a job runs on it", async () => {
  const host = flagHost(["one"]);
  let losses = 6; // one more than attempts to find a host
  host.answers.set("jobs", () => ok("/run/kofleet/20261121-101112-aaaa/3-x\tbuild hello\n"));
  host.effects.set("wait for: build hello", () => {
    if (losses === 0) return ok();
    losses -= 1;
    throw new ConnectError("lost", "the connection was lost");
  });
  const { context, record, events } = runFixture({ a: host });
  const { results } = await runPlays([play([entry(flag, { name: "one" })])], context);
  expect(verdicts(results)).toEqual({ a: "changed" });
  expect(record("a").log).toEqual([...Array(7).fill("wait for: build hello"), "set one"]);
  expect(events.filter(({ type }) => type === "job-joined")).toHaveLength(7);
});

test("check mode applies nothing, and predicts what tasks behind would see", async () => {
  const { context, record } = runFixture({ a: flagHost(["one"]) }, { isCheck: true });
  const { results } = await runPlays([play([entry(flag, { name: "one" }), entry(flag, { name: "one" })])], context);
  expect(results).toEqual([{ host: "a", verdict: "changed", counts: { changed: 1, ok: 1 } }]);
  expect(record("a").log).toEqual([]);
});

test("check mode says what is unknown, and until which step", async () => {
  const host = flagHost(["one"]);
  host.effects.set("go", () => ok());
  const { context, events } = runFixture({ a: host }, { isCheck: true });
  await runPlays([play([entry(act, { title: "go" }), entry(flag, { name: "one" })])], context);
  const outcomes = events.flatMap((event) => (event.type === "task-finished" ? [event.outcome] : []));
  expect(outcomes).toEqual([
    { verdict: "changed", steps: ["go"] },
    { verdict: "unknown", reason: "unknown until go", steps: [] },
  ]);
});

test("when, register, retries and until work together", async () => {
  let tries = 0;
  const host = {
    answers: new Map(),
    effects: new Map([
      ["go", () => ok(`try ${++tries}\n`)],
      ["seen try 3", () => ok()],
    ]),
  };
  const { context, record } = runFixture({ a: host });
  const until = condition("eq out.stdout 'try 3'", ({ out }) => (out as { stdout: string }).stdout === "try 3");
  const never = condition("false", () => false);
  const tasks = [
    entry(act, { title: "go" }, { register: "out", until, retries: 5 }),
    entry(act, { title: "never" }, { when: never }),
    entry(act, (vars: { out: { stdout: string } }) => ({ title: `seen ${vars.out.stdout}` })),
  ];
  const { results } = await runPlays([play(tasks)], context);
  expect(record("a").log).toEqual(["go", "go", "go", "seen try 3"]);
  expect(results[0]?.counts).toEqual({ changed: 2, skipped: 1 });
});

test("changed_when and failed_when judge actions; ignore_errors keeps the host going", async () => {
  const host = {
    answers: new Map(),
    effects: new Map([
      ["same", () => ok("same")],
      ["bad", () => ok("bad")],
      ["dies", () => ({ code: 1, stdout: "", stderr: "no" })],
      ["last", () => ok()],
    ]),
  };
  const { context, record } = runFixture({ a: host });
  const tasks = [
    entry(act, { title: "same" }, { changedWhen: condition("false", () => false) }),
    entry(act, { title: "bad" }, { failedWhen: condition("true", () => true), ignoreErrors: true }),
    entry(act, { title: "dies" }, { ignoreErrors: true }),
    entry(act, { title: "last" }),
  ];
  const { results } = await runPlays([play(tasks)], context);
  expect(record("a").log).toEqual(["same", "bad", "dies", "last"]);
  expect(results[0]).toMatchObject({ verdict: "changed", counts: { ok: 1, failed: 2, changed: 1 } });
});

test("a stop is told before anything is applied; blocked ends the host, pending-reboot does not", async () => {
  const stopping = defineTask({
    name: "stopping",
    summary: "Stops.",
    args: z.strictObject({ verdict: z.enum(["blocked", "pending-reboot"]) }),
    facts: () => ({}),
    *plan({ verdict }) {
      yield { kind: "run", argv: ["never"], title: "never" };
      return stop(verdict, "because");
    },
  });
  const { context, record } = runFixture({ a: flagHost(["one"]), b: flagHost(["one"]) });
  const onlyB = condition("b", ({ inventory_hostname }) => inventory_hostname === "b");
  const onlyA = condition("a", ({ inventory_hostname }) => inventory_hostname === "a");
  const tasks = [
    entry(stopping, { verdict: "blocked" }, { when: onlyA }),
    entry(stopping, { verdict: "pending-reboot" }, { when: onlyB }),
    entry(flag, { name: "one" }),
  ];
  const { results, exitCode } = await runPlays([play(tasks)], context);
  expect(results).toMatchObject([
    { host: "a", verdict: "blocked", reason: "because" },
    { host: "b", verdict: "pending-reboot", reason: "because" },
  ]);
  expect([record("a").log, record("b").log]).toEqual([[], ["set one"]]);
  expect(exitCode).toBe(2);
});

test("one failure budget for the run: nothing further is started, and who was not touched is told", async () => {
  const dead = () => flagHost(["one"], { refusals: [new ConnectError("timeout", "no answer")] });
  const { context, record } = runFixture({ a: dead(), b: dead(), c: flagHost(["one"]) }, { failureLimit: 1, forks: 1 });
  const { exitCode, untouched } = await runPlays([play([entry(flag, { name: "one" })])], context);
  expect(exitCode).toBe(5);
  expect(untouched).toEqual(["c"]);
  expect(record("c").connections).toBe(0);
});

test("serial: a batch finishes the play before the next begins", async () => {
  const order: string[] = [];
  const { context } = runFixture(
    { a: flagHost(["one", "two"]), b: flagHost(["one", "two"]) },
    { emit: (event) => void (event.type === "task-finished" && order.push(`${event.host} ${event.outcome.steps[0]}`)) },
  );
  await runPlays([play([entry(flag, { name: "one" }), entry(flag, { name: "two" })], { serial: [1] })], context);
  expect(order).toEqual(["a set one", "a set two", "b set one", "b set two"]);
});

test("run_once runs on the first host, and its result is everybody's", async () => {
  const host = () => ({
    answers: new Map(),
    effects: new Map([
      ["go", () => ok("secret of a")],
      ["saw secret of a", () => ok()],
    ]),
  });
  const { context, record } = runFixture({ a: host(), b: host() });
  const tasks = [
    entry(act, { title: "go" }, { runOnce: true, register: "out" }),
    entry(act, (vars: { out: { stdout: string } }) => ({ title: `saw ${vars.out.stdout}` })),
  ];
  await runPlays([play(tasks)], context);
  expect([record("a").log, record("b").log]).toEqual([["go", "saw secret of a"], ["saw secret of a"]]);
});

test("delegate_to runs on the other host; the result is the first one's", async () => {
  const { context, record } = runFixture({ a: flagHost([]), b: flagHost(["one"]) });
  const tasks = [
    entry(flag, { name: "one" }, { delegateTo: { position: { file: "", line: 1, column: 1 }, isConstant: true, render: () => "b" } }),
  ];
  const { results } = await runPlays([play(tasks, { hosts: "a" })], context);
  expect(verdicts(results)).toEqual({ a: "changed" });
  expect(record("b").log).toEqual(["set one"]);
});

test("a fleet task decides for all: variables, stops, skips and waves; the lost are in its map", async () => {
  const seen: string[] = [];
  const decide = defineFleetTask({
    name: "decide",
    summary: "Decides.",
    args: z.strictObject({}),
    facts: () => ({ one: { name: "flag one", command: ["flag", "one"], parse: ({ stdout }) => stdout } as const }),
    decide: (_, fleet) => {
      for (const [name, member] of fleet) seen.push(`${name} ${member.kind}`);
      return {
        vars: new Map([["a", { title: "one" }]]),
        stops: new Map([["b", stop("blocked", "b may not")]]),
        skips: new Map([["c", "c is exempt"]]),
        waves: [["e"], ["a"]],
        summary: {},
      };
    },
  });
  const hosts = {
    a: flagHost(["one"]),
    b: flagHost(["one"]),
    c: flagHost(["one"]),
    d: flagHost(["one"], { refusals: [new ConnectError("dns", "who?")] }),
    e: flagHost(["one"]),
  };
  const { context, record, events } = runFixture(hosts);
  const plays = [play([entry(decide, {})]), play([entry(flag, { name: "one" })], { serial: "waves" })];
  const { results } = await runPlays(plays, context);
  expect(seen).toEqual(["a answered", "b answered", "c answered", "d unreachable", "e answered"]);
  expect(verdicts(results)).toEqual({ a: "changed", b: "blocked", c: "skipped", d: "unreachable", e: "changed" });
  expect(record("a").log).toEqual(["set one"]);
  expect(events.flatMap((event) => (event.type === "batch-started" ? [event.hosts] : []))).toEqual([["e"], ["a"]]);
});

test("declining a confirmed play ends the run before it", async () => {
  const { context, record } = runFixture({ a: flagHost(["one"]) }, { confirm: async () => false });
  const { exitCode } = await runPlays([play([entry(flag, { name: "one" })], { confirm: true })], context);
  expect(exitCode).toBe(1);
  expect(record("a").log).toEqual([]);
});

test("an interrupt lets the running task finish and starts nothing new", async () => {
  const interrupt = { isStopping: false, signal: new AbortController().signal };
  const host = flagHost(["one", "two"]);
  const set = host.effects.get("set one")!;
  host.effects.set("set one", () => {
    interrupt.isStopping = true;
    return set();
  });
  const { context, record } = runFixture({ a: host }, { interrupt });
  const { exitCode } = await runPlays([play([entry(flag, { name: "one" }), entry(flag, { name: "two" })])], context);
  expect(record("a").log).toEqual(["set one"]);
  expect(exitCode).toBe(130);
});

/** A task that brings something here, once for all, until this machine has it; hosts may take turns at that. */
function bringing(turn: string | undefined, hasAfter = 1) {
  let brought = 0;
  const has: Input<boolean> = { name: "has it", read: async () => brought >= hasAfter };
  const task: AnyTask = defineTask({
    name: "bringing",
    summary: "Brings it.",
    args: z.strictObject({}),
    facts: () => ({}),
    inputs: () => ({ has }),
    *plan(_args, _facts, { has }) {
      if (!has) yield { kind: "run", argv: ["bring"], title: "bring it", changes: [], ...(turn !== undefined && { turn }) };
      return undefined;
    },
  });
  const host = (answer = ok): Script => ({
    answers: new Map(),
    effects: new Map([
      [
        "bring it",
        () => {
          brought += 1;
          return answer();
        },
      ],
    ]),
  });
  return { task, host };
}

test.each([
  ["in turns: one does it, the others wait and then have nothing to do", "it", { a: "changed", b: "ok", c: "ok" }, 1],
  ["without turns: each does it", undefined, { a: "changed", b: "changed", c: "changed" }, 3],
])("what one host does for all, %s", async (_, turn, expected, times) => {
  const { task, host } = bringing(turn);
  const { context, record } = runFixture({ a: host(), b: host(), c: host() });
  const { results, exitCode } = await runPlays([play([entry(task, {})])], context);
  expect(verdicts(results)).toEqual(expected);
  expect(["a", "b", "c"].flatMap((name) => record(name).log)).toEqual(Array(times).fill("bring it"));
  expect(exitCode).toBe(0);
});

test("where the first fails at what is done once for all, the next does it", async () => {
  const { task, host } = bringing("it", 2);
  const { context, record } = runFixture({ a: host(() => ({ ...ok(), code: 1 })), b: host(), c: host() });
  const { results } = await runPlays([play([entry(task, {})])], context);
  expect(verdicts(results)).toEqual({ a: "failed", b: "changed", c: "ok" });
  expect([record("a").log, record("b").log, record("c").log]).toEqual([["bring it"], ["bring it"], []]);
});

test("check mode waits for no turn", async () => {
  const { task, host } = bringing("it");
  const { context, record } = runFixture({ a: host(), b: host() }, { isCheck: true });
  const { results } = await runPlays([play([entry(task, {})])], context);
  expect(verdicts(results)).toEqual({ a: "changed", b: "changed" });
  expect(record("a").log).toEqual([]);
});

const origin: EvidenceOrigin = {
  key: { distribution: "debian 12", kernel: "6.1.0-37-amd64", kernelPackage: "6.1.140-1", architecture: "x86_64" },
  identity: "package",
  part: "crcs",
  source: "Module.symvers",
  host: "a",
};

/** A host whose file is fetched once; what comes of it is for the control machine. */
function fetching(into: Destination | undefined) {
  let isFetched = false;
  const input: Input<boolean> = { name: "is fetched", read: async () => isFetched };
  const task: AnyTask = defineTask({
    name: "fetching",
    summary: "Fetches.",
    args: z.strictObject({}),
    facts: () => ({}),
    inputs: () => ({ input }),
    *plan(_args, _facts, { input }) {
      if (!input) yield { kind: "fetch", path: "/x", limit: 100, title: "fetch it", changes: [], ...(into && { into }) };
      return undefined;
    },
  });
  const answer = (bytes?: Uint8Array) => () => {
    isFetched = true;
    return { ...ok(), ...(bytes && { bytes }) };
  };
  const host = (bytes?: Uint8Array): Script => ({ answers: new Map(), effects: new Map([["fetch it", answer(bytes)]]) });
  return { task, host };
}

test("what a fetch brings of a kernel goes to the kernels' store, with where it is from", async () => {
  const added: unknown[] = [];
  const kernels = { add: async (...given: unknown[]) => void added.push(given) } as unknown as KernelStore;
  const { task, host } = fetching({ kind: "evidence", origin });
  const { context } = runFixture({ a: host(Buffer.from("sent")) });
  const { results } = await runPlays([play([entry(task, {})])], { ...context, control: { ...context.control, kernels } });
  expect(verdicts(results)).toEqual({ a: "changed" });
  expect(added).toEqual([[origin, Buffer.from("sent")]]);
});

const identified = {
  distribution: "debian 12",
  kernel: "6.1.0-37-amd64",
  kernelPackage: "6.1.140-1",
  architecture: "x86_64",
  module: "example",
  version: "1.0",
  source: "5".repeat(64),
  sha256: "a".repeat(64),
  size: 1,
  vermagic: "6.1.0-37-amd64 SMP ",
  srcversion: "A0",
};

test.each([
  [
    "another major version of the compiler",
    "GCC: (Debian 13.2.0-1) 13.2.0",
    [expect.stringContaining('compiled with "GCC: (Debian 13.2.0-1) 13.2.0"')],
  ],
  ["the kernel's own compiler", "GCC: (Debian 12.4.0-1) 12.4.0", []],
])("an artifact is kept with what it was compiled by, which is said aloud where it is %s", async (_, compiler, warned) => {
  const added: Provenance[] = [];
  const add = async (provenance: Provenance) => {
    added.push(provenance);
    return { provenance, path: "/x" };
  };
  const origin = {
    kind: "built",
    builder: "a",
    compiler: "gcc 12",
    kernelCompiler: "gcc-12 (Debian 12.2.0-14) 12.2.0",
    at: "now",
    run: "r",
  } as const;
  const { task, host } = fetching({ kind: "artifact", provenance: { ...identified, origin } });
  const { context, events } = runFixture({ a: host(writeModule({}, exampleModinfo, { comment: [compiler] })) });
  const artifacts = { ...context.control.artifacts, add };
  await runPlays([play([entry(task, {})])], { ...context, control: { ...context.control, artifacts } });
  expect(added).toMatchObject([{ origin: { compiler } }]);
  expect(events.flatMap((event) => (event.type === "warning" ? [event.message] : []))).toEqual(warned);
});

test("what is no module does not come into the store", async () => {
  const add = () => Promise.reject(new Error("it was stored"));
  const { task, host } = fetching({
    kind: "artifact",
    provenance: { ...identified, origin: { kind: "built", builder: "a", at: "now", run: "r" } },
  });
  const { context } = runFixture({ a: host(Buffer.from("sent")) });
  const artifacts = { ...context.control.artifacts, add };
  const { results } = await runPlays([play([entry(task, {})])], { ...context, control: { ...context.control, artifacts } });
  expect(reasons(results).a).toContain("not an ELF file");
});

test.each([[false], [true]])("what is only looked into changes nothing, so that check mode does it too (%s)", async (isCheck) => {
  const module = writeModule();
  const { task, host } = fetching({ kind: "examination" });
  const { context } = runFixture({ a: host(module) });
  const { results } = await runPlays([play([entry(task, {})])], { ...context, isCheck });
  expect(verdicts(results)).toEqual({ a: "ok" });
  expect((await examinedModules.read(context.control)).size).toBe(1);
});

test("answers that came with what was fetched are as fresh as ever, however long it took to be kept", async () => {
  let now = 0;
  const kernels = {
    add: async () => {
      now += 60_000;
    },
  } as unknown as KernelStore;
  const fetched = fetching({ kind: "evidence", origin });
  const task: AnyTask = { ...fetched.task, facts: (_args, host) => flag.facts({ name: "x" }, host) };
  const { context } = runFixture({ a: flagHost(["x"], { effects: fetched.host(Buffer.from("sent")).effects }) });
  const control = { ...context.control, kernels, now: () => new Date(now) };
  const { results } = await runPlays([play([entry(task, {})])], { ...context, control });
  expect([verdicts(results), reasons(results)]).toEqual([{ a: "changed" }, { a: undefined }]);
});

test.each<[what: string, into: Destination, bytes: Uint8Array | undefined, reason: string]>([
  ["that is not what it should be", { kind: "evidence", origin }, Buffer.from("sent"), "it is a stub"],
  ["that is no module", { kind: "examination" }, Buffer.from("sent"), "not an ELF file"],
  ["that never came", { kind: "examination" }, undefined, "nothing came of fetching /x"],
])("fails where a fetch brings something %s", async (_, into, bytes, reason) => {
  const kernels = { add: () => Promise.reject(new FactError("it is a stub")) } as unknown as KernelStore;
  const { task, host } = fetching(into);
  const { context } = runFixture({ a: host(bytes) });
  const { results } = await runPlays([play([entry(task, {})])], { ...context, control: { ...context.control, kernels } });
  expect(verdicts(results)).toEqual({ a: "failed" });
  expect(reasons(results).a).toContain(reason);
});

test("a stop may have a result, which register and the journal see", async () => {
  const stopping = defineTask({
    name: "stopping",
    summary: "Stops.",
    args: z.strictObject({}),
    facts: () => ({}),
    // biome-ignore lint/correctness/useYield: it plans nothing
    *plan() {
      return stop("blocked", "because", { proofs: ["crcs"] });
    },
  });
  const { context, events } = runFixture({ a: flagHost([]) });
  await runPlays([play([entry(stopping, {})])], context);
  const outcomes = events.flatMap((event) => (event.type === "task-finished" ? [event.outcome] : []));
  expect(outcomes).toEqual([{ verdict: "blocked", reason: "because", steps: [], result: { proofs: ["crcs"] } }]);
});

test("a result may tell of the host", async () => {
  const telling = defineTask({
    name: "telling",
    summary: "Tells.",
    args: z.strictObject({}),
    facts: () => ({}),
    // biome-ignore lint/correctness/useYield: it plans nothing
    *plan() {
      return undefined;
    },
    result: (_args, _facts, _inputs, { name, kernel }) => ({ name, kernel }),
  });
  const { context, events } = runFixture({ a: flagHost([]) });
  await runPlays([play([entry(telling, {})])], context);
  expect(events).toContainEqual(
    expect.objectContaining({
      type: "task-finished",
      outcome: { verdict: "ok", steps: [], result: { name: "a", kernel: "6.1.0-50-cloud-amd64" } },
    }),
  );
});
