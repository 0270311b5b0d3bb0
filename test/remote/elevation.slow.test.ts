import { chmodSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Argv } from "../../src/core/answer.ts";
import type { Become, Connection } from "../../src/core/connection.ts";
import { Secret } from "../../src/core/secret.ts";
import { createConnection } from "../../src/remote/connection.ts";
import { elevationFor } from "../../src/remote/elevation.ts";
import { openLocal } from "../../src/remote/local.ts";
import { PasswordTrials } from "../../src/remote/password_trials.ts";
import { askOptions, scratch, sha256 } from "./asking.ts";
import { fakes } from "./fake_rights.ts";
import { isRunning } from "./processes.ts";

type Method = Become["method"];

let folder: string;
let connection: Connection;

beforeEach(() => {
  folder = scratch();
  for (const [name, text] of Object.entries(fakes)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
  vi.stubEnv("FAKE_LOG", join(folder, "log"));
  vi.stubEnv("FAKE_WORDS", join(folder, "words"));
  connection = createConnection(openLocal());
});

afterEach(async () => {
  await connection.close();
  vi.unstubAllEnvs();
});

/** Rights that the fakes give or refuse, as `how` says. */
function rights(method: Method, how: string, password?: string): Become {
  vi.stubEnv("FAKE", how);
  return { method, user: "toor", ...(password !== undefined && { password: new Secret(password) }) };
}

const log = () => (existsSync(join(folder, "log")) ? readFileSync(join(folder, "log"), "utf8").trim().split("\n") : []);
const passwords = () => log().filter((entry) => entry === "password");
const askId = (become: Become) => connection.ask({ steps: [], questions: [["id"]] }, { ...askOptions(folder), become });

describe.each<[Method, string, string, string | undefined]>([
  ["sudo", "free, no password given", "free", undefined],
  ["sudo", "free, though a password is given", "free", "s3cret"],
  ["sudo", "with a password", "password:s3crét $'\\x", "s3crét $'\\x"],
  ["doas", "free, no password given", "free", undefined],
  ["doas", "free, though a password is given", "free", "s3cret"],
  ["doas", "with a password", "password:s3crét $'\\x", "s3crét $'\\x"],
  ["su", "free, no password given", "free", undefined],
  ["su", "free, though a password is given", "free", "s3cret"],
  ["su", "with a password", "password:s3crét $'\\x", "s3crét $'\\x"],
])("%s, %s", (method, _, how, password) => {
  test("a command runs as the other user, and its streams are its own", async () => {
    const become = rights(method, how, password);
    const script = 'echo "$FAKE_USER" $0 $# "$LC_ALL"; cat; tty -s || echo no terminal; echo err >&2; exit 3';
    const answer = await connection.exec(["sh", "-c", script, "a b", "c"], { timeout: 5, become });
    expect(answer).toEqual({ code: 3, stdout: "toor a b 1 \nno terminal\n", stderr: "err\n" });
  });

  test("batches run as the other user in one shell, every byte arrives, and no password ends in a file", async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    const options = { ...askOptions(folder, [bytes]), become: rights(method, how, password) };
    const write = { kind: "write", path: join(folder, "file"), sha256: sha256(bytes), mode: 0o600 } as const;
    const { steps, answers } = await connection.ask(
      { steps: [write], questions: [["sh", "-c", "echo $FAKE_USER; printf '\\003\\004\\r\\n'; echo err >&2"]] },
      options,
    );
    expect([steps[0], answers[0]]).toEqual([
      { code: 0, stdout: "", stderr: "" },
      { code: 0, stdout: "toor\n\x03\x04\r\n", stderr: "err\n" },
    ]);
    expect(readFileSync(join(folder, "file")).equals(bytes)).toBe(true);
    await connection.ask({ steps: [], questions: [["id"]] }, options);
    expect(connection.execs).toBe(1);
    expect(passwords()).toHaveLength(how === "free" ? 0 : 1);
    if (password) expect(readFileSync(join(folder, "words"), "utf8")).not.toContain(password);
  });
});

describe.each<Method>(["sudo", "doas", "su"])("%s", (method) => {
  test("a command of several lines", async () => {
    const answer = await connection.exec(["printf", "%s|", "a\nb"], { timeout: 5, become: rights(method, "free") });
    expect(answer).toEqual({ code: 0, stdout: "a\nb|", stderr: "" });
  });

  test("programs of root are found, though the PATH lacks their folders", async () => {
    vi.stubEnv("PATH", `${folder}:/usr/bin:/bin`);
    const answer = await connection.exec(["sh", "-c", "echo $PATH"], { timeout: 5, become: rights(method, "free") });
    expect(answer.stdout).toBe(`${folder}:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin\n`);
  });
});

// Only sudo has a terminal of its own for the command (use_pty), which takes it out of the reach of the session's signals.
describe.each<[Method, string, string]>([
  ["sudo", "free", ""],
  ["sudo", "free", "1"],
  ["sudo", "password:right", "1"],
  ["doas", "free", ""],
  ["doas", "password:right", ""],
  ["su", "free", ""],
  ["su", "password:right", ""],
])("%s, %s, FAKE_PTY=%s: what is given up is ended on the host", (method, how, pty) => {
  const remembering: Argv = ["sh", "-c", 'echo $$ >"$0.part"; mv "$0.part" "$0"; exec sleep 60'];

  test.each<[string, (options: { become: Become; signal: AbortSignal }) => Promise<unknown>]>([
    ["a command", (options) => connection.exec([...remembering, join(folder, "pid")], { timeout: 20, ...options })],
    [
      "a batch",
      (options) =>
        connection.ask(
          { steps: [{ kind: "run", argv: [...remembering, join(folder, "pid")] }], questions: [] },
          { ...askOptions(folder), ...options },
        ),
    ],
  ])("%s", async (_, start) => {
    vi.stubEnv("FAKE_PTY", pty);
    const stop = new AbortController();
    const running = start({ become: rights(method, how, "right"), signal: stop.signal });
    const refused = expect(running).rejects.toThrow();
    const pid = await vi.waitFor(() => readFileSync(join(folder, "pid"), "utf8").trim(), { timeout: 5000, interval: 10 });
    expect(isRunning(pid)).toBe(true);
    stop.abort();
    await refused;
    await connection.close();
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 5000, interval: 10 });
  });
});

describe("a wrong password", () => {
  test.each<[Method, RegExp]>([
    ["sudo", /sudo refused the password of ann: check the become password \(--ask-become-pass\)/],
    ["doas", /doas refused the password of ann: check/],
    ["su", /su refused the password of toor: check/],
  ])("%s: is known at once, and given once however many ask, over another connection, too", async (method, message) => {
    const become = rights(method, "password:right", "wrong");
    const trials = new PasswordTrials();
    const [first, second] = [1, 2].map(() => createConnection(openLocal(), { passwords: trials }));
    const asking = [first, first, second].map((each) => each?.exec(["id"], { timeout: 5, become }));
    for (const each of asking) await expect(each).rejects.toMatchObject({ reason: "sudo", message: expect.stringMatching(message) });
    await expect(second?.exec(["id"], { timeout: 5, become })).rejects.toMatchObject({ reason: "sudo" });
    expect(passwords()).toHaveLength(1);
    const right = { ...become, password: new Secret("right") };
    expect((await second?.exec(["echo", "in"], { timeout: 5, become: right }))?.stdout).toBe("in\n");
  });

  test("sudo that allows one try only", async () => {
    vi.stubEnv("FAKE_TRIES", "1");
    await expect(askId(rights("sudo", "password:right", "wrong"))).rejects.toThrow(/sudo refused the password of ann/);
  });

  test("a deadline proves nothing: the same password may be given again", async () => {
    const become = rights("sudo", "hang", "right");
    await expect(connection.exec(["id"], { timeout: 0.3, become })).rejects.toMatchObject({ reason: "sudo" });
    vi.stubEnv("FAKE", "password:right");
    expect((await connection.exec(["echo", "in"], { timeout: 5, become })).stdout).toBe("in\n");
  });
});

describe("a refusal says what and where, and what to do", () => {
  test.each<[Method, string, string | undefined, RegExp]>([
    [
      "sudo",
      "password:x",
      undefined,
      /^this machine: no rights of toor through sudo: sudo: a password is required: give the password with/,
    ],
    ["doas", "password:x", undefined, /doas: Authentication required: give the password with --ask-become-pass/],
    ["su", "password:x", undefined, /through su: it asks for a password: give the password with --ask-become-pass/],
    ["doas", "says:doas: Operation not permitted", "hush", /doas: Operation not permitted: allow it in its doas.conf/],
    ["doas", "locked", "hush", /doas: Authentication failed: check the become password/],
    ["sudo", "expired", "hush", /is expired.*: renew the account or its password/],
    ["su", "expired", "hush", /required to change your password immediately: renew the account or its password/],
    ["sudo", "silent-exit", undefined, /it said nothing: try sudo there by hand/],
    ["sudo", "says:sudo: hunter2 is no password", "hunter2", /sudo: ‹secret› is no password/],
  ])("%s, %s, password %s", async (method, how, password, message) => {
    const asking = askId(rights(method, how, password));
    await expect(asking).rejects.toMatchObject({ name: "ConnectError", reason: "sudo", message: expect.stringMatching(message) });
  });

  test.each<[Method, string | undefined]>([
    ["sudo", undefined],
    ["doas", undefined],
    ["doas", "x"],
    ["su", "x"],
  ])("no %s there, password %s", async (method, password) => {
    linkTools("env", "sh");
    await expect(connection.exec(["id"], { timeout: 5, become: rights(method, "free", password) })).rejects.toMatchObject({
      reason: "sudo",
      message: expect.stringContaining(`install ${method} there`),
    });
  });

  test("no script for a doas that wants a terminal", async () => {
    symlinkSync(join(folder, "doas"), join(linkTools("env", "sh"), "doas"));
    await expect(askId(rights("doas", "password:x", "x"))).rejects.toThrow(
      /install util-linux's script there, or allow it without a password/,
    );
  });

  test("a question that nobody can answer is told after the deadline", async () => {
    const asking = connection.exec(["id"], { timeout: 0.5, become: rights("sudo", "hang", "x") });
    await expect(asking).rejects.toMatchObject({ reason: "sudo", message: expect.stringContaining("Verification code:") });
  });

  test.each<Method>(["sudo", "doas", "su"])("%s: a password with a line break would be a command: it is not sent", async (method) => {
    await expect(askId(rights(method, "password:x", "x\nreboot"))).rejects.toMatchObject({
      reason: "sudo",
      message: expect.stringMatching(/control character/),
    });
    expect(passwords()).toEqual([]);
  });
});

/** Leaves these programs only in the PATH. */
function linkTools(...tools: readonly string[]): string {
  const bin = scratch();
  for (const tool of tools) symlinkSync(`/usr/bin/${tool}`, join(bin, tool));
  vi.stubEnv("PATH", bin);
  return bin;
}

test("needs nobody to become who one is", async () => {
  const user = openLocal().user;
  const answer = await connection.exec(["sh", "-c", "echo $FAKE_USER"], { timeout: 5, become: { method: "sudo", user } });
  expect(answer).toEqual({ code: 0, stdout: "\n", stderr: "" });
  expect(elevationFor({ method: "su", user: "ann" }, "ann")).toBeUndefined();
});

test("command lines hold no password", () => {
  const lines = (["sudo", "doas", "su"] as const).flatMap((method) =>
    [undefined, new Secret("hush")].map((password) => {
      const elevation = elevationFor({ method, user: "root", ...(password && { password }) }, "ann");
      return elevation?.commandLine(elevation.mayAsk ? "script" : { argv: ["uname", "-r"] }).replace(/[0-9a-f]{32}/g, "NONCE");
    }),
  );
  expect(lines.join("\n")).not.toContain("hush");
  expect(lines).toMatchInlineSnapshot(`
    [
      "env 'LC_ALL=C' sudo -H -n -u root -- sh -c 'read -r _ _ _ _ group _ </proc/$$/stat; echo "$0 $group" >&2; unset LC_ALL group; PATH=\${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin; exec "$@" </dev/null' NONCE uname -r",
      "env 'LC_ALL=C' sudo -H -S -p 'NONCE %p:' -u root -- sh -c 'read -r _ _ _ _ group _ </proc/$$/stat; echo "$0 $group" >&2; unset LC_ALL group; PATH=\${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin; IFS= read -r n && s=$(head -c "$n") && eval "$s"' NONCE",
      "env 'LC_ALL=C' doas -n -u root -- sh -c 'read -r _ _ _ _ group _ </proc/$$/stat; echo "$0 $group" >&2; unset LC_ALL group; PATH=\${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin; exec "$@" </dev/null' NONCE uname -r",
      "env 'LC_ALL=C' sh -c 'said=$(env doas -n -u "$1" -- sh -c : 2>&1 </dev/null) && exec doas -n -u "$1" -- sh -c '\\''read -r _ _ _ _ group _ </proc/$$/stat; echo "$0 $group" >&2; unset LC_ALL group; PATH=\${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin; IFS= read -r n && s=$(head -c "$n") && eval "$s"'\\'' "$0"; case $said in *required*) ;; *) printf "%s'\\\\'n" "$said" >&2; exit 1 ;; esac; command -v script >/dev/null || { echo script: not found >&2; exit 127; }; export kofleet_ready="$0" kofleet_user="$1" SHELL=/bin/sh; exec 3<&0 4>&1 5>&2; { IFS= read -r n && head -c "$n"; } <&3 | script -qec '\\''exec doas -u "$kofleet_user" -- sh -c '\\'\\\\\\'\\''trap "" HUP; read -r _ _ _ _ group _ </proc/$$/stat; echo "$0 $group" >/dev/tty; unset LC_ALL group; PATH=\${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin; IFS= read -r n && s=$(head -c "$n") && eval "$s"'\\'\\\\\\'\\'' "$kofleet_ready" <&3 >&4 2>&5 3<&- 4>&- 5>&-'\\'' /dev/null >&5' NONCE root",
      "env 'LC_ALL=C' su -s /bin/sh -c 'read -r _ _ _ _ group _ </proc/$$/stat; echo "$0 $group" >&2; unset LC_ALL group; PATH=\${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin; IFS= read -r n && s=$(head -c "$n") && eval "$s"' -- root NONCE",
      "env 'LC_ALL=C' su -s /bin/sh -c 'read -r _ _ _ _ group _ </proc/$$/stat; echo "$0 $group" >&2; unset LC_ALL group; PATH=\${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin; IFS= read -r n && s=$(head -c "$n") && eval "$s"' -- root NONCE",
    ]
  `);
});
