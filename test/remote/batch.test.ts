import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Batch, BatchAnswers, Connection } from "../../src/core/connection.ts";
import type { FetchStep, Step } from "../../src/core/step.ts";
import { createConnection } from "../../src/remote/connection.ts";
import { openLocal } from "../../src/remote/local.ts";
import { savedName } from "../../src/remote/saved.ts";
import { askOptions, scratch, sha256 } from "./asking.ts";

let folder: string;
let connection: Connection;

beforeEach(() => {
  folder = scratch();
  connection = createConnection(openLocal());
});

const ask = (batch: Partial<Batch>, contents: readonly (Uint8Array | string)[] = []): Promise<BatchAnswers> =>
  connection.ask({ steps: [], questions: [], ...batch }, askOptions(folder, contents));

const sh = (script: string, ...args: string[]): Step => ({ kind: "script", script, args });
const write = (path: string, bytes: Uint8Array | string, more: object = {}): Step => ({
  kind: "write",
  path,
  sha256: sha256(bytes),
  mode: 0o640,
  ...more,
});

describe("round trip", () => {
  test("one exec answers steps and questions, each stream to the byte", async () => {
    const { steps, answers } = await ask({
      steps: [sh("printf 'out\\n\\n'; printf ' err' >&2")],
      questions: [["printf", "é no newline"], ["sh", "-c", "cat; exit 7"], ["no-such-program"], ["sh", "-c", "kill -KILL $$"]],
    });
    expect(steps).toEqual([{ code: 0, stdout: "out\n\n", stderr: " err" }]);
    expect(answers.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, "é no newline"],
      [7, ""],
      [127, ""],
      [137, ""],
    ]);
    expect(answers[2]?.stderr).toContain("no-such-program");
    expect(connection.execs).toBe(1);
  });

  test("steps end at the first failure, questions are asked all the same", async () => {
    const { steps, answers } = await ask({
      steps: [sh("exit 0"), sh("exit 4"), sh(`touch ${folder}/never`)],
      questions: [["echo", "yes"]],
    });
    expect(steps.map(({ code }) => code)).toEqual([0, 4]);
    expect(answers).toEqual([{ code: 0, stdout: "yes\n", stderr: "" }]);
    expect(existsSync(join(folder, "never"))).toBe(false);
  });

  test.each<[string, (contents: string) => readonly Step[]]>([
    ["behind a step that failed", (contents) => [sh("exit 4"), write(join(folder, "file"), contents)]],
    ["of a write that failed at once", (contents) => [write(join(folder, "no/such/folder/file"), contents)]],
    ["behind such a write", (contents) => [write(join(folder, "no/such/folder/file"), ""), write(join(folder, "file"), contents)]],
  ])("contents %s are never run as a script", async (_, stepsFor) => {
    const contents = `touch ${folder}/run-as-script\n`.repeat(20_000);
    await ask({ steps: stepsFor(contents) }, ["", contents]);
    await ask({ questions: [["true"]] });
    await connection.close();
    expect(existsSync(join(folder, "run-as-script"))).toBe(false);
  });

  test("other exit codes can mean success", async () => {
    const { steps } = await ask({ steps: [{ kind: "run", argv: ["sh", "-c", "exit 77"], codes: [0, 77] }, sh("echo on")] });
    expect(steps.map(({ code }) => code)).toEqual([77, 0]);
  });

  test("a command that calls itself as the protocol's own functions, or leaves early, disturbs nobody", async () => {
    const { answers } = await ask({
      questions: [
        ["exit", "3"],
        ["kofleet_frame", "q0", "0"],
        ["cd", "/"],
        ["echo", "end"],
      ],
    });
    expect(answers.map(({ code }) => code)).toEqual([127, 127, 127, 0]);
  });

  test("commands inherit neither stdin nor the stream behind it, nor the nonce", async () => {
    const { answers } = await ask({ questions: [["sh", "-c", "cat; (: <&9) 2>/dev/null || echo closed; env | grep -c kofleet_"]] }, []);
    expect(answers[0]?.stdout).toBe("closed\n0\n");
  });

  test("messages are in no language", async () => {
    expect((await ask({ questions: [["sh", "-c", "echo $LC_ALL"]] })).answers[0]?.stdout).toBe("C\n");
  });

  test("a program left in the background does not hold the answer back", async () => {
    const started = Date.now();
    const { steps } = await ask({ steps: [sh("sleep 30 & echo $!")] });
    expect(Date.now() - started).toBeLessThan(5000);
    process.kill(Number(steps[0]?.stdout));
  });

  test("variables and folder of a run", async () => {
    const run: Step = { kind: "run", argv: ["sh", "-c", 'echo "$GREETING" "$(pwd)"'], env: { GREETING: "it's $HOME" }, cwd: folder };
    expect((await ask({ steps: [run] })).steps[0]?.stdout).toBe(`it's $HOME ${folder}\n`);
    const { steps } = await ask({ steps: [{ ...run, cwd: join(folder, "missing") }] });
    expect(steps[0]).toMatchObject({ stdout: "", code: expect.not.stringMatching("0") });
    expect(steps[0]?.code).not.toBe(0);
  });

  test("tells steps and their lines as they come, those of questions not", async () => {
    const told: string[] = [];
    const options = {
      ...askOptions(folder),
      onStep: (step: number) => told.push(`step ${step}`),
      onLine: (step: number, line: string) => told.push(`${step}: ${line}`),
    };
    await connection.ask({ steps: [sh("echo a; printf b"), sh("echo c; exit 1"), sh("echo d")], questions: [["echo", "e"]] }, options);
    expect(told).toEqual(["step 0", "0: a", "0: b", "step 1", "1: c"]);
  });

  test.each<[what: string, batch: Partial<Batch>, error: string, message: string]>([
    ["a step", { steps: [sh("cat /dev/zero")] }, "StepError", "run a script (): more text on stdout than kofleet takes"],
    ["a question", { questions: [["cat", "/dev/zero"]] }, "FactError", "answers with more text on stdout than kofleet takes"],
  ])("%s that prints without end is an error", async (_, batch, name, message) => {
    await expect(ask(batch)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
  });

  test("a broken-off shell is an error that says what it said", async () => {
    await expect(ask({ steps: [sh("kill -TERM $PPID")] })).rejects.toMatchObject({ name: "ConnectError", reason: "protocol" });
  });
});

describe("the shell behind it", () => {
  test("runs one batch after the other", async () => {
    for (const word of ["one", "two", 'it\'s\n"three" \\n']) {
      const { steps, answers } = await ask({ steps: [sh('printf %s "$1"', word), sh("exit 3")], questions: [["printf", "%s", word]] });
      expect([steps[0]?.stdout, steps[1]?.code, answers[0]?.stdout]).toEqual([word, 3, word]);
    }
    expect(connection.execs).toBe(1);
  });

  test("keeps nothing of a batch for the next", async () => {
    await ask({ steps: [{ kind: "run", argv: ["true"], cwd: "/", env: { LEFT: "over" } }, sh("cd /; umask 0; LEFT=over; export LEFT")] });
    expect((await ask({ questions: [["sh", "-c", "echo $LEFT; pwd; umask"]] })).answers[0]?.stdout).toBe(`\n${process.cwd()}\n0022\n`);
  });

  test("is not used again with contents that nobody took, nor after it was ended", async () => {
    await ask({ steps: [sh("false"), write(join(folder, "file"), "unread")] }, ["unread"]);
    expect((await ask({ questions: [["echo", "two"]] })).answers[0]?.stdout).toBe("two\n");
    await ask({ steps: [sh("kill -TERM $PPID")] }).catch(() => undefined);
    expect((await ask({ questions: [["echo", "three"]] })).answers[0]?.stdout).toBe("three\n");
    expect(connection.execs).toBe(3);
  });

  test("is replaced when it ends at rest", async () => {
    const { answers } = await ask({ questions: [["sh", "-c", "echo $PPID"]] });
    process.kill(Number(answers[0]?.stdout));
    await delay(100);
    expect((await ask({ questions: [["echo", "on"]] })).answers[0]?.stdout).toBe("on\n");
  });

  test("is one of several for batches at a time", async () => {
    await Promise.all([1, 2, 3].map(() => ask({ questions: [["sleep", "0.1"]] })));
    await ask({ questions: [["true"]] });
    expect(connection.execs).toBe(3);
  });

  test("ends with its connection", async () => {
    const { answers } = await ask({ questions: [["sh", "-c", "echo $PPID"]] });
    await connection.close();
    await vi.waitFor(() => expect(existsSync(`/proc/${answers[0]?.stdout.trim()}`)).toBe(false));
  });
});

describe("write", () => {
  test("puts the bytes there, with mode, in one piece, and leaves nothing beside", async () => {
    const bytes = Buffer.from([0, 10, 13, 255, ...Buffer.from("é")]);
    const path = join(folder, "a file's name");
    const { steps } = await ask({ steps: [write(path, bytes, { mode: 0o4755 }), sh("echo on")] }, [bytes]);
    expect(steps.map(({ code }) => code)).toEqual([0, 0]);
    expect(readFileSync(path)).toEqual(bytes);
    expect(statSync(path).mode & 0o7777).toBe(0o4755);
    expect(readdirSync(folder)).toEqual(["a file's name"]);
  });

  test("several, empty and large ones, between commands", async () => {
    const large = Buffer.alloc(3_000_000, "x");
    const steps = [write(join(folder, "1"), large), sh("cat"), write(join(folder, "2"), ""), write(join(folder, "3"), "three")];
    await ask({ steps }, [large, "", "three"]);
    expect(["1", "2", "3"].map((name) => readFileSync(join(folder, name)).length)).toEqual([3_000_000, 0, 5]);
  });

  test("keeps the old file until the new one is whole", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "old");
    const contents = askOptions(folder, []);
    const { steps } = await connection.ask(
      { steps: [write(path, "new")], questions: [] },
      { ...contents, contents: async () => Buffer.from("n3w") },
    );
    expect(steps[0]).toMatchObject({ code: 1, stderr: expect.stringContaining("does not have the sha256") });
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test.each([
    ["missing/file", "does not exist"],
    ["folder", "is a folder"],
  ])("%s: %s", async (name, problem) => {
    mkdirSync(join(folder, "folder"));
    const { steps } = await ask({ steps: [write(join(folder, name), "x")] }, ["x"]);
    expect(steps[0]).toMatchObject({ code: 1, stderr: expect.stringContaining(problem) });
  });

  test("replaces a link instead of following it", async () => {
    writeFileSync(join(folder, "target"), "target");
    symlinkSync(join(folder, "target"), join(folder, "link"));
    await ask({ steps: [write(join(folder, "link"), "new")] }, ["new"]);
    expect([readFileSync(join(folder, "target"), "utf8"), readFileSync(join(folder, "link"), "utf8")]).toEqual(["target", "new"]);
  });

  test("an owner that is not there is a failure, before the file is", async () => {
    const { steps } = await ask({ steps: [write(join(folder, "file"), "x", { owner: "no-such-user" })] }, ["x"]);
    expect(steps[0]?.code).not.toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("an upload behind a step that failed hangs neither side", async () => {
    const large = Buffer.alloc(6_000_000);
    const { steps, answers } = await ask({ steps: [sh("exit 1"), write(join(folder, "file"), large)], questions: [["echo", "asked"]] }, [
      large,
    ]);
    expect([steps.length, answers[0]?.stdout]).toEqual([1, "asked\n"]);
  });

  test("contents that can't be had end the round trip with their own error", async () => {
    await expect(ask({ steps: [write(join(folder, "file"), "x")] })).rejects.toThrow(/no contents/);
  });

  test.each(["relative", "/ends/with/"])("refuses %s", async (path) => {
    await expect(ask({ steps: [write(path, "x")] }, ["x"])).rejects.toThrow(/absolute path of a file/);
  });
});

describe("fetch", () => {
  const fetch = (path: string, log?: string) => ({ kind: "fetch", path, limit: 100, ...(log && { log }) }) as FetchStep;

  test("brings the bytes, and the log as text", async () => {
    const bytes = Buffer.from([0, 255, 10, 10]);
    writeFileSync(join(folder, "file"), bytes);
    writeFileSync(join(folder, "log"), "built\n");
    const { steps } = await ask({
      steps: [fetch(join(folder, "file"), join(folder, "log")), fetch(join(folder, "file"), join(folder, "none"))],
    });
    expect(steps.map(({ bytes: b, stdout, code }) => [code, Buffer.from(b ?? []), stdout])).toEqual([
      [0, bytes, "built\n"],
      [0, bytes, ""],
    ]);
  });

  test("brings what a command prints instead", async () => {
    const read = ["sh", "-c", 'printf "%s\\000" "$1"', "sh", "it's a b"] as const;
    const { steps } = await ask({ steps: [{ kind: "fetch", path: join(folder, "none"), limit: 100, read }] });
    expect(steps.map(({ bytes, stdout, code }) => [code, Buffer.from(bytes ?? []), stdout])).toEqual([[0, Buffer.from("it's a b\0"), ""]]);
  });

  test("a command that fails is a failed step, whatever it printed", async () => {
    const read = ["sh", "-c", "echo half of it; echo broke >&2; exit 3"] as const;
    const { steps } = await ask({ steps: [{ kind: "fetch", path: "/dev/null", limit: 100, read }, sh("echo never")] });
    expect(steps).toMatchObject([{ code: 3, stderr: expect.stringContaining("broke") }]);
  });

  test("a missing file is a failed step", async () => {
    const { steps } = await ask({ steps: [fetch(join(folder, "none")), sh("echo never")] });
    expect(steps).toMatchObject([{ code: 1, stderr: expect.stringContaining("none") }]);
  });

  test.each<[what: string, step: Partial<FetchStep>, message: string]>([
    ["a file that never ends", { read: ["cat", "/dev/zero"] }, "fetch /etc/hosts: /etc/hosts is too large: the limit is 100 bytes"],
    ["a byte too many", { title: "look into it", read: ["head", "-c", "101", "/dev/zero"] }, "look into it: /etc/hosts is too large"],
    ["complaints that never end", { read: ["sh", "-c", "cat /dev/zero >&2"] }, "fetch /etc/hosts: more text on stderr than kofleet takes"],
  ])("gives up %s, and goes on with another shell", async (_, step, message) => {
    const fetched = ask({ steps: [{ kind: "fetch", path: "/etc/hosts", limit: 100, ...step }] });
    await expect(fetched).rejects.toMatchObject({ name: "StepError", message: expect.stringContaining(message) });
    expect((await ask({ questions: [["echo", "on"]] })).answers[0]?.stdout).toBe("on\n");
  });

  test("gives up a log that is larger than any", async () => {
    writeFileSync(join(folder, "log"), "");
    truncateSync(join(folder, "log"), 40 * 2 ** 20);
    await expect(ask({ steps: [fetch("/etc/hostname", join(folder, "log"))] })).rejects.toThrow(
      "fetch /etc/hostname: more text on stdout than kofleet takes in one round trip: the limit is 33554432 bytes",
    );
  });

  test("its bytes are no lines for people", async () => {
    writeFileSync(join(folder, "file"), "a\nb\n");
    const lines: string[] = [];
    await connection.ask(
      { steps: [fetch(join(folder, "file"))], questions: [] },
      { ...askOptions(folder), onLine: (_, line) => lines.push(line) },
    );
    expect(lines).toEqual([]);
  });
});

describe("remove", () => {
  test("removes a folder with all that is in it; what is not there is no failure", async () => {
    mkdirSync(join(folder, "a b", "c"), { recursive: true });
    const { steps } = await ask({
      steps: [
        { kind: "remove", path: join(folder, "a b") },
        { kind: "remove", path: join(folder, "none") },
      ],
    });
    expect(steps.map(({ code }) => code)).toEqual([0, 0]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each(["/", "", "//", "/.", "etc", "/etc/..", "/a/../b"])("refuses %j", async (path) => {
    await expect(ask({ steps: [{ kind: "remove", path }] })).rejects.toThrow(/refuses to remove/);
    expect(connection.execs).toBe(0);
  });
});

describe("what a step saves before it changes it", () => {
  test("each path once, as it was at first, with its mode; and that there was nothing", async () => {
    const [path, absent] = [join(folder, "file"), join(folder, "absent")];
    writeFileSync(path, "first");
    chmodSync(path, 0o604);
    const undo = { restore: [path, absent] };
    const { steps } = await ask(
      { steps: [write(path, "second", { undo }), write(absent, "new", { undo }), write(path, "third", { undo })] },
      ["second", "third", "new"],
    );
    expect(steps.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ""],
      [0, ""],
      [0, ""],
    ]);
    const saved = (of: string) => join(folder, "saved", "RUN1", savedName(of));
    expect(readFileSync(join(saved(path), "copy"), "utf8")).toBe("first");
    expect(statSync(join(saved(path), "copy")).mode & 0o777).toBe(0o604);
    expect(readFileSync(join(saved(absent), "path"), "utf8")).toBe(absent);
    expect(readdirSync(saved(absent))).toEqual(["path"]);
    expect(statSync(join(folder, "saved")).mode & 0o777).toBe(0o700);
  });

  test("a step whose paths can't be saved is not run", async () => {
    writeFileSync(join(folder, "saved"), "in the way");
    vi.stubEnv("HOME", join(folder, "saved"));
    const { steps } = await ask({ steps: [{ ...sh(`touch ${folder}/never`), undo: { restore: [folder] } }] });
    expect(steps[0]?.code).not.toBe(0);
    vi.unstubAllEnvs();
    expect(existsSync(join(folder, "never"))).toBe(false);
  });

  test.skipIf(process.getuid?.() === 0)("who is not root has a place of their own", async () => {
    vi.stubEnv("HOME", folder);
    const step: Step = { ...sh("true"), undo: { restore: [join(folder, "none")] } };
    const options = { ...askOptions(folder), saved: "/var/lib/kofleet/saved/RUN1" };
    const { steps } = await connection.ask({ steps: [step], questions: [] }, options);
    vi.unstubAllEnvs();
    expect(steps[0]?.code).toBe(0);
    expect(readdirSync(join(folder, ".local/state/kofleet/saved/RUN1"))).toHaveLength(1);
  });
});
