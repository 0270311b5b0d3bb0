import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { kernelTrouble } from "../../src/facts/kernel_trouble.ts";
import { answered, captured } from "./fixtures.ts";

const parse = (stdout: string, module = "dattobd") => kernelTrouble(module).parse(answered(stdout));
const linesOf = (...log: string[]) => parse(`tainted 0\nreadable yes\n${log.map((line) => `log ${line}\n`).join("")}end\n`).lines;

test("tells the reports that name the module from others", () => {
  expect(parse(captured("handmade-rhel9-kernel-trouble"))).toEqual({
    taint: ["D", "W", "O", "E"],
    lines: [
      "dattobd: disagrees about version of symbol module_layout",
      "BUG: unable to handle page fault for address: ffffa8d2c0a1d000",
      "Oops: 0002 [#1] PREEMPT SMP PTI",
      "RIP: 0010:__cow_write_section+0x4f/0x110 [dattobd]",
      "INFO: task mount:2301 blocked for more than 120 seconds.",
      "Call Trace:",
      " tracing_fn+0x4e/0xa0 [dattobd 5a3c86e6d0c8f1e0b4c9e3b87a1c9a0d1a2b3c4d]",
    ],
    damage: [
      "BUG: unable to handle page fault for address: ffffa8d2c0a1d000",
      "Oops: 0002 [#1] PREEMPT SMP PTI",
      "RIP: 0010:__cow_write_section+0x4f/0x110 [dattobd]",
      "INFO: task mount:2301 blocked for more than 120 seconds.",
      "Call Trace:",
      " tracing_fn+0x4e/0xa0 [dattobd 5a3c86e6d0c8f1e0b4c9e3b87a1c9a0d1a2b3c4d]",
    ],
    isReadable: true,
  });
});

test.each([
  [
    "kofleet_oops",
    [
      "BUG: kernel NULL pointer dereference, address: 0000000000000008",
      "Oops: 0002 [#2] PREEMPT SMP PTI",
      "RIP: 0010:poke.constprop.0+0x5/0xffb [kofleet_oops]",
    ],
  ],
  ["kofleet_warn", ["WARNING: CPU: 0 PID: 275 at /tmp/kt/mods/kofleet_warn.c:9 start+0x11/0x1000 [kofleet_warn]"]],
  ["kofleet_version", ["kofleet_version: disagrees about version of symbol module_layout"]],
  ["kofleet_fine", []],
])("reads of a kernel that went through a lot what concerns %s", (module, lines) => {
  const damage = lines.filter((line) => !line.includes("disagrees"));
  expect(parse(captured("kernel-trouble-debian12"), module)).toEqual({ taint: ["D", "W", "O", "E"], lines, damage, isReadable: true });
});

test("holds against the build that is loaded only what came after it was loaded", () => {
  const log = (...lines: string[]) => parse(`tainted 0\nreadable yes\n${lines.map((line) => `log ${line}\n`).join("")}end\n`, "some-thing");
  const warning = "WARNING: CPU: 0 PID: 1 at x.c:1 f+0x4/0xa [some_thing]";
  expect(log(warning, "kofleet: loading some-thing")).toMatchObject({ lines: [warning], damage: [] });
  expect(log("BUG: x", "kofleet: loading other", " f+0x4/0xa [some_thing]").lines).toEqual([]);
  expect(log(warning, "kofleet: loading other")).toMatchObject({ damage: [warning] });
  expect(log("kofleet: loading some_thing", warning)).toMatchObject({ lines: [warning], damage: [warning] });
  expect(log(warning, "kofleet: loading some-thing", "some_thing: version magic 'x' should be 'y'")).toMatchObject({ damage: [] });
});

const frame = " tracing_fn+0x4e/0xa0 [dattobd]";
const end = "---[ end trace 0000000000000000 ]---";

test.each<[string, string[], number[]]>([
  ["a warning that is the module's", ["WARNING: CPU: 0 PID: 1 at x.c:1 f+0x4/0xa [dattobd]", "Call Trace:", frame, end], [0]],
  [
    "a warning of the kernel's, in a call of the module",
    ["WARNING: CPU: 0 PID: 1 at mm/slub.c:1 f+0x4/0xa", "Call Trace:", frame],
    [0, 1, 2],
  ],
  [
    "an oops of an ARM",
    ["Unable to handle kernel paging request at x", "Internal error: Oops: 96 [#1]", "Call trace:", frame],
    [0, 1, 2, 3],
  ],
  ["a trace without a title", ["WARNING: CPU: 0 PID: 1 at x.c:1 f+0x4/0xa", end, "Call Trace:", frame], [2, 3]],
  ["trouble of others", ["BUG: scheduling while atomic: x/1/0x2", "Call Trace:", " f+0x4/0xa [xfs]", end], []],
  [
    "trouble of a module whose name is longer",
    ["BUG: KASAN: x in f+0x4/0xa [dattobd_more]", "dattobd_more: Unknown symbol x (err -2)"],
    [],
  ],
  ["registers behind the end of a report", [end, "RIP: 0010:f+0x4/0xa [dattobd]"], []],
  ["a warning without a trace", ["WARNING: Spectre v2 mitigation leaves CPU vulnerable"], []],
])("keeps of %s what tells of it", (_, log, kept) => {
  expect(linesOf(...log)).toEqual(log.filter((_line, index) => kept.includes(index)));
});

test("keeps no line without text", () => {
  const [title, frame] = ["BUG: unable to handle page fault for address: 0", " cow_write_current+0x8d/0x160 [dattobd]"];
  expect(linesOf(title, "", frame)).toEqual([title, frame]);
});

test("keeps the last twenty lines", () => {
  const log = Array.from({ length: 30 }, (_, index) => `dattobd: Unknown symbol s${index} (err -2)`);
  expect(linesOf(...log)).toEqual(log.slice(-20));
});

test.each([
  ["0", []],
  ["12289", ["P", "O", "E"]],
  ["2147483648", ["31"]],
  ["18446744073709551615", expect.arrayContaining(["J", "20", "63"])],
])("reads the mask %s", (mask, taint) => {
  expect(parse(`tainted ${mask}\nend\n`)).toEqual({ taint, lines: [], damage: [], isReadable: false });
});

test.each(["tainted -1\nend\n", "tainted 0x10\nend\n", "end\n", "tainted 0\n"])("refuses %j", (stdout) => {
  expect(() => parse(stdout)).toThrow(FactError);
});

test("takes dashes for underscores", () => {
  expect(kernelTrouble("a-b").name).toBe(kernelTrouble("a_b").name);
  expect(kernelTrouble("a-b").command.at(-1)).toBe("a_b");
});

const folder = mkdtempSync(join(tmpdir(), "kofleet-trouble-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each<[string, string, object]>([
  [
    "a log with times, levels and threads",
    `cat <<'LOG'
<6>[    0.000000] Linux version 6.1.0
[   41.200000][  T812] WARNING: CPU: 1 PID: 812 at f.c:12 dattobd_init+0x5/0x1000 [dattobd]
[   41.200001][  T812] Modules linked in: dattobd(OE)
[   41.200002] [     C1] BUG: unable to handle page fault for address: ffff
[   41.200003] traps: x[9] general protection fault ip:7f sp:7f error:0 in dattobd[7f+15]
LOG`,
    { lines: ["WARNING: CPU: 1 PID: 812 at f.c:12 dattobd_init+0x5/0x1000 [dattobd]"], isReadable: true },
  ],
  ["an empty log", "true", { lines: [], isReadable: true }],
  ["a log that is refused", "echo 'dmesg: read kernel buffer failed' >&2; exit 1", { lines: [], isReadable: false }],
])("asks for no more than it needs of %s", (_, dmesg, value) => {
  writeFileSync(join(folder, "dmesg"), `#!/bin/sh\n${dmesg}\n`, { mode: 0o755 });
  const { name, command, parse } = kernelTrouble("dattobd");
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync(command[0], command.slice(1), { encoding: "utf8", env });
  expect({ name, status, stderr }).toEqual({ name, status: 0, stderr: "" });
  expect(stdout).not.toMatch(/Linux version|traps|Modules linked/);
  expect(parse({ code: 0, stdout, stderr })).toMatchObject(value);
});
