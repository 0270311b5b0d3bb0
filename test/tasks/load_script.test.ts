import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadScript } from "../../src/tasks/load_script.ts";

const folder = mkdtempSync(join(tmpdir(), "kofleet-load-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inside = (name: string) => join(folder, name);

const find = (program: string) => spawnSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).stdout.trim();
for (const tool of ["awk", "cat", "grep", "head", "sed", "tail", "tr"]) symlinkSync(find(tool), inside(tool));

interface Case {
  readonly before?: string;
  readonly taintBefore?: number;
  /** What the kernel has logged, its taint, and what modprobe has said when it ends with `code`. */
  readonly says?: string;
  readonly taint?: number;
  readonly complains?: string;
  readonly code?: number;
  readonly dmesg?: string;
  readonly kmsg?: "log" | "swallows" | "missing";
}

const boot = "[    0.000000] Linux version 6.1.0-37-amd64\n";
const notes = `[   41.1] hello: loading out-of-tree module taints kernel.
[   41.1] hello: module verification failed: signature and/or required key missing - tainting kernel
`;

const script = loadScript.replaceAll("/dev/kmsg", inside("kmsg")).replaceAll("/proc/sys/kernel/tainted", inside("tainted"));
const program = (name: string, text: string) => writeFileSync(inside(name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

function load(given: Case, [shell, ...options]: readonly [string, ...string[]] = ["/bin/sh"]) {
  const { before = boot, taintBefore = 0, says = notes, taint = 0x3000, complains = "", code = 0, dmesg, kmsg = "log" } = given;
  for (const name of ["kmsg", "dmesg"]) rmSync(inside(name), { force: true });
  if (kmsg === "log") symlinkSync(inside("log"), inside("kmsg"));
  if (kmsg === "swallows") writeFileSync(inside("kmsg"), "");
  writeFileSync(inside("log"), before);
  writeFileSync(inside("tainted"), `${taintBefore}\n`);
  program(
    "modprobe",
    `printf %s "$SAYS" >> ${inside("log")}; echo ${taint} > ${inside("tainted")}; printf %s "$COMPLAINS" >&2; exit ${code}`,
  );
  if (dmesg !== "missing") program("dmesg", dmesg ?? `exec cat ${inside("log")}`);
  const env = { PATH: folder, LC_ALL: "C", SAYS: says, COMPLAINS: complains };
  const answer = spawnSync(shell, [...options, "-c", script, "sh", "hello"], { encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] });
  const lines = (text: string) => text.split("\n").slice(0, -1);
  return { code: answer.status, out: lines(answer.stdout), err: lines(answer.stderr) };
}

const oops = `[   41.2] BUG: kernel NULL pointer dereference, address: 0000000000000000
[   41.2] #PF: supervisor write access in kernel mode
[   41.2] Oops: 0002 [#1] PREEMPT SMP PTI
[   41.2] CPU: 0 PID: 812 Comm: modprobe Tainted: G           OE      6.1.0-37-amd64 #1  Debian 6.1.140-1
[   41.2] RIP: 0010:hello_init+0x5/0x1000 [hello]
[   41.2] RSP: 0018:ffffce7cc0053ca0 EFLAGS: 00000246
[   41.2] R10: ffff8c77420d7268 R11: 00000000888344c1 R12: ffffce7cc0053cb0
[   41.2] Call Trace:
[   41.2]  <TASK>
[   41.2]  do_one_initcall+0x56/0x220
[   41.2] ---[ end trace 0000000000000000 ]---
`;
const warning = `[   41.2][  T812] ------------[ cut here ]------------
[   41.2][  T812] WARNING: CPU: 1 PID: 812 at /var/lib/dkms/hello/1.0/build/hello.c:12 hello_init+0x5/0x1000 [hello]
[   41.2][  T812] Call Trace:
`;
const left = "kofleet: loading hello left this in the kernel log: ";

test.each<[string, Case]>([
  ["the module only lacks a signature", {}],
  ["it was loaded already", { says: "", taint: 0 }],
  ["it is proprietary", { taint: 0x3001 }],
  ["its distribution doesn't support it", { taint: 0x3000 + 2 ** 16 + 2 ** 31 }],
  ["the kernel was tainted before", { taintBefore: 0x80, taint: 0x3080 }],
  ["there is older trouble", { before: boot + oops + warning }],
  ["there is older trouble, and nothing can be written to the log", { before: boot + oops, kmsg: "missing" }],
  ["there is older trouble, and the kernel drops what is written", { before: boot + oops, kmsg: "swallows" }],
  ["a user program faults", { says: "[   41.2] traps: sleep[9] general protection fault ip:7f sp:7f error:0 in libc.so.6[7f+15]\n" }],
  ["the kernel warns of what leaves no trace", { says: "[   41.2] WARNING: Spectre v2 mitigation leaves CPU vulnerable\n" }],
])("is content where %s", (_, given) => {
  expect(load(given)).toEqual({ code: 0, out: [], err: [] });
});

test.each<[string, Case, string]>([
  ["an oops", { says: notes + oops, taint: 0x3080 }, `${left}BUG: kernel NULL pointer dereference, address: 0000000000000000`],
  [
    "a warning with a trace",
    { says: warning, taint: 0x200 },
    `${left}WARNING: CPU: 1 PID: 812 at /var/lib/dkms/hello/1.0/build/hello.c:12`,
  ],
  ["a lockup", { says: "[9.1] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [modprobe:812]\n" }, `${left}watchdog: BUG: soft lockup`],
  ["a trace without a title", { says: "[9.1] Call Trace:\n[9.1]  dump_stack_lvl+0x34/0x48\n" }, `${left}Call Trace:`],
  ["a general protection fault", { says: "[9.1] general protection fault, probably for x: 0000 [#1] SMP\n" }, `${left}general protection`],
  ["trouble in a log that has wrapped since", { dmesg: `tail -n 11 ${inside("log")}`, says: notes + oops }, `${left}BUG: kernel NULL`],
  ["trouble that no line marks", { kmsg: "missing", says: oops }, `${left}BUG: kernel NULL`],
  ["taint alone", { says: "", taint: 0x3200 + 2 ** 27 }, "kofleet: loading hello tainted the kernel: W 27"],
  ["taint where the log can't be read", { dmesg: "exit 1", taint: 0x4200 }, "kofleet: loading hello tainted the kernel: W L"],
])("fails for %s, and says so last", (_, given, reason) => {
  const { code, err } = load(given);
  expect({ code, last: err.at(-1) }).toEqual({ code: 70, last: expect.stringContaining(reason) });
});

const refusal = "modprobe: ERROR: could not insert 'hello': ";

test.each<[string, Case, string[]]>([
  [
    "the kernel's own reason",
    { complains: `${refusal}Exec format error\n`, says: `${notes}[41.2] hello: disagrees about version of symbol module_layout\n` },
    [`${refusal}Exec format error`, "hello: disagrees about version of symbol module_layout"],
  ],
  [
    "the module's own reason",
    { complains: `${refusal}No such device\n`, says: `${notes}[41.2] hello: no device\n[41.2] eth0: link up\n` },
    [`${refusal}No such device`, "hello: no device"],
  ],
  [
    "the refusal of its signature",
    { complains: `${refusal}Key was rejected by service\n`, says: "[41.2] Loading of unsigned module is rejected\n" },
    [`${refusal}Key was rejected by service`, "Loading of unsigned module is rejected"],
  ],
  [
    "the loader's word on the file",
    { complains: `${refusal}Exec format error\n`, says: "[41.2] Invalid ELF section header overflow\n" },
    [`${refusal}Exec format error`, "Invalid ELF section header overflow"],
  ],
  ["modprobe's reason where the kernel gives none", { complains: `${refusal}Invalid argument\n` }, [`${refusal}Invalid argument`]],
  ["an oops that killed modprobe", { code: 137, says: oops }, ["BUG: kernel NULL pointer dereference, address: 0000000000000000"]],
  ["no reason of older trouble", { before: boot + oops, complains: `${refusal}Invalid argument\n` }, [`${refusal}Invalid argument`]],
])("ends as modprobe does, with %s", (_, given, reasons) => {
  const { code, err } = load({ code: 1, ...given });
  expect({ code, first: err[0], last: err.at(-1) }).toEqual({ code: given.code ?? 1, first: reasons[0], last: reasons.at(-1) });
});

test.each([
  ["missing", "dmesg: "],
  ["echo 'dmesg: read kernel buffer failed: Operation not permitted' >&2; exit 1", "Operation not permitted"],
])("says that it looks at nothing where dmesg is %s", (dmesg, why) => {
  expect(load({ dmesg, says: oops })).toEqual({ code: 0, out: [expect.stringMatching(`its log cannot be read: .*${why}`)], err: [] });
});

test("shows at most twenty lines of trouble, without registers, and writes into the log what it is about to do", () => {
  const { err } = load({ says: oops.repeat(9) });
  expect(err.length).toBe(21);
  expect(err.filter((line) => /^R\w+: /.test(line))).toEqual(Array(2).fill("RIP: 0010:hello_init+0x5/0x1000 [hello]"));
  expect(readFileSync(inside("log"), "utf8").split("\n")[1]).toBe("<6>kofleet: loading hello");
});

test.each<[string, ...string[]]>([["dash"], ["bash", "--norc"], ["busybox", "sh"]])("does the same in %s", (name, ...options) => {
  const shell = find(name);
  if (shell === "") return;
  const { code, err } = load({ before: boot + oops, says: warning, taint: 0x3200 }, [shell, ...options]);
  expect({ code, err }).toEqual({
    code: 70,
    err: [
      "------------[ cut here ]------------",
      "WARNING: CPU: 1 PID: 812 at /var/lib/dkms/hello/1.0/build/hello.c:12 hello_init+0x5/0x1000 [hello]",
      "Call Trace:",
      "kofleet: loading hello tainted the kernel: W",
      `${left}WARNING: CPU: 1 PID: 812 at /var/lib/dkms/hello/1.0/build/hello.c:12 hello_init+0x5/0x1000 [hello]`,
    ],
  });
});
