import { expect, test } from "vitest";
import { bootFiles } from "../../src/facts/boot_files.ts";
import { removingHooks } from "../../src/facts/kernel_hooks.ts";
import { answered } from "./fixtures.ts";

const fact = bootFiles("6.1.0-37-amd64", { "/usr/bin/dbdctl": "dbdctl", "/var/lib/datto/dla/reload": "datto.re+load" });

test("asks for names in the initramfs by paths on the host, and takes no name for a pattern", () => {
  expect(fact.command.slice(4)).toEqual(["6.1.0-37-amd64", "/usr/bin/dbdctl", "dbdctl", "/var/lib/datto/dla/reload", "datto[.]re[+]load"]);
});

test.each([
  ["nothing lacks", "end\n", { lacking: [] }],
  ["one lacks", "lacking /usr/bin/dbdctl\nend\n", { lacking: ["/usr/bin/dbdctl"] }],
  ["it can't be told", "problem nothing can list it\nend\n", { lacking: [], problem: "nothing can list it" }],
])("reads that %s", (_, stdout, told) => expect(fact.parse(answered(stdout))).toEqual(told));

test("reads hooks", () => {
  const path = "/etc/kernel/postinst.d/50-dattobd";
  expect(removingHooks("dattobd").parse(answered(`hook ${path}\nend\n`))).toEqual([path]);
  expect(removingHooks("dattobd").parse(answered("end\n"))).toEqual([]);
});
