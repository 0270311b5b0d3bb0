import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Become, Connection } from "../../src/core/connection.ts";
import { Secret } from "../../src/core/secret.ts";
import { createConnection } from "../../src/remote/connection.ts";
import { openLocal } from "../../src/remote/local.ts";
import { askOptions, scratch, sha256 } from "./asking.ts";

/** Behaves on its streams as sudo does: reads the password from stdin byte by byte, prompts and complains on stderr. */
const fakeSudo = `#!/bin/bash
while [ $# -gt 0 ]; do case $1 in
  -H) shift ;; -n) silent=1; shift ;; -S) shift ;; -p) prompt=$2; shift 2 ;; -u) user=$2; shift 2 ;; --) shift; break ;;
esac; done
echo called >>"$FAKE_SUDO_LOG"
case $FAKE_SUDO in
  free) ;;
  silent-exit) exit 1 ;;
  hang) echo 'Verification code: ' >&2; sleep 20 ;;
  tty) echo 'sudo: sorry, you must have a tty to run sudo' >&2; exit 1 ;;
  stranger) echo 'deploy is not in the sudoers file.' >&2; exit 1 ;;
  password:*)
    [ -z "$silent" ] || { echo 'sudo: a password is required' >&2; exit 1; }
    echo 'We trust you have received the usual lecture.' >&2
    for try in 1 2 3; do
      printf %s "$prompt" >&2
      IFS= read -r given || exit 1
      echo "password" >>"$FAKE_SUDO_LOG"
      [ "$given" = "\${FAKE_SUDO#password:}" ] && break
      echo 'Sorry, try again.' >&2
      [ $try = 3 ] && exit 1
    done ;;
esac
export FAKE_USER=$user
exec "$@"
`;

let folder: string;
let connection: Connection;

beforeEach(() => {
  folder = scratch();
  writeFileSync(join(folder, "sudo"), fakeSudo);
  chmodSync(join(folder, "sudo"), 0o755);
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
  vi.stubEnv("FAKE_SUDO_LOG", join(folder, "log"));
  connection = createConnection(openLocal());
});

afterEach(() => vi.unstubAllEnvs());

const sudo = (how: string, password?: string): Become => {
  vi.stubEnv("FAKE_SUDO", how);
  return { method: "sudo", user: "toor", ...(password !== undefined && { password: new Secret(password) }) };
};

const log = () => readFileSync(join(folder, "log"), "utf8").trim().split("\n");

describe.each([
  ["free, no password given", "free", undefined],
  ["free, though a password is given", "free", "s3cret"],
  ["with a password", "password:s3cret", "s3cret"],
])("%s", (_, how, password) => {
  test("a command runs as the other user, and its stderr is its own", async () => {
    const answer = await connection.exec(["sh", "-c", 'echo "$FAKE_USER" $0 $#; cat; echo err >&2; exit 3', "a b", "c"], {
      timeout: 5,
      become: sudo(how, password),
    });
    expect(answer).toEqual({ code: 3, stdout: "toor a b 1\n", stderr: "err\n" });
  });

  test("a batch runs as the other user, and no password ends in a file", async () => {
    const options = { ...askOptions(folder, ["content"]), become: sudo(how, password) };
    const write = { kind: "write", path: join(folder, "file"), sha256: sha256("content"), mode: 0o600 } as const;
    const { steps, answers } = await connection.ask(
      { steps: [write], questions: [["sh", "-c", "echo $FAKE_USER; echo err >&2"]] },
      options,
    );
    expect([steps[0]?.code, answers[0]]).toEqual([0, { code: 0, stdout: "toor\n", stderr: "err\n" }]);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("content");
    await connection.ask({ steps: [], questions: [["id"]] }, options);
    expect(log().filter((entry) => entry === "called")).toHaveLength(1);
  });

  test("a command of several lines", async () => {
    const answer = await connection.exec(["printf", "%s|", "a\nb"], { timeout: 5, become: sudo(how, password) });
    expect(answer).toEqual({ code: 0, stdout: "a\nb|", stderr: "" });
  });
});

test("a wrong password is known at the second prompt, and never given again", async () => {
  const asking = connection.exec(["id"], { timeout: 5, become: sudo("password:right", "wrong") });
  await expect(asking).rejects.toMatchObject({ reason: "sudo", message: expect.stringMatching(/refused the password.*--ask-become-pass/) });
  expect(log()).toEqual(["called", "password"]);
});

test.each([
  ["password:x", undefined, /password is required: give the password with --ask-become-pass/],
  ["stranger", "x", /deploy is not in the sudoers file.: allow it in its sudoers/],
  ["tty", undefined, /must have a tty.*requiretty/],
  ["silent-exit", undefined, /it said nothing: try sudo there by hand/],
])("%s with %j: the reason, and what to do", async (how, password, message) => {
  const become = sudo(how, password);
  const error = { name: "ConnectError", reason: "sudo", message: expect.stringMatching(message) };
  await expect(connection.exec(["id"], { timeout: 5, become })).rejects.toMatchObject(error);
  await expect(connection.ask({ steps: [], questions: [["id"]] }, { ...askOptions(folder), become })).rejects.toMatchObject(error);
});

test("no sudo there", async () => {
  vi.stubEnv("PATH", "/nowhere");
  await expect(connection.exec(["id"], { timeout: 5, become: sudo("free") })).rejects.toMatchObject({
    reason: "sudo",
    message: expect.stringContaining("install sudo"),
  });
});

test("a question that nobody can answer is told after the deadline", async () => {
  const asking = connection.exec(["id"], { timeout: 0.5, become: sudo("hang", "x") });
  await expect(asking).rejects.toMatchObject({ reason: "sudo", message: expect.stringContaining("Verification code:") });
});

test("needs no sudo to become who one is", async () => {
  const user = openLocal().user;
  const answer = await connection.exec(["sh", "-c", "echo $FAKE_USER"], { timeout: 5, become: { method: "sudo", user } });
  expect(answer).toEqual({ code: 0, stdout: "\n", stderr: "" });
});
