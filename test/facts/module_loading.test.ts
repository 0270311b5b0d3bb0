import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { moduleLoading } from "../../src/facts/module_loading.ts";

const folder = mkdtempSync(join(tmpdir(), "kofleet-loading-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The target on a host whose modprobe would do this. */
function target(depends: string) {
  writeFileSync(join(folder, "modprobe"), `#!/bin/sh\ncat <<'DEPENDS'\n${depends}\nDEPENDS\n`);
  chmodSync(join(folder, "modprobe"), 0o755);
  const [, flag = "", script = "", ...args] = moduleLoading("my-module").command;
  const { stdout } = spawnSync("sh", [flag, script, ...args], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
  });
  return moduleLoading("my-module").parse({ code: 0, stdout, stderr: "" }).target;
}

const modules = "/lib/modules/6.1.0-37-amd64";
const own = `${modules}/updates/dkms/my_module.ko.xz`;

test.each([
  ["alone", `insmod ${own} `, { kind: "file", path: own }],
  ["behind what it needs", `insmod ${modules}/kernel/x.ko \ninsmod ${own} debug=1`, { kind: "file", path: own }],
  ["before what its softdep wants after it", `insmod ${own} \ninsmod ${modules}/kernel/vsock.ko `, { kind: "file", path: own }],
  ["in the kernel", "builtin my_module", { kind: "built-in" }],
  ["replaced by a rule", "install /bin/true", { kind: "missing" }],
  ["nowhere", "", { kind: "missing" }],
])("finds the module %s among what modprobe would load", (_, depends, expected) => {
  expect(target(depends)).toMatchObject(expected);
});
