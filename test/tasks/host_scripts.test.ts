import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Step } from "../../src/core/step.ts";
import { debian } from "../../src/distributions/debian.ts";
import { buildScript } from "../../src/tasks/dkms_build_script.ts";
import { installScript } from "../../src/tasks/dkms_install_script.ts";
import { embedStep, unlistStep } from "../../src/tasks/initramfs_embedding.ts";
import { destinationOf, placeSteps } from "../../src/tasks/module_destination.ts";
import { artifact, key, machine } from "./kernel_fixture.ts";
import { debianHost } from "./planning.ts";

const folder = mkdtempSync(join(tmpdir(), "kofleet-scripts-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a step's script as a host would, on paths of a folder of our own. */
function run(step: Step | undefined, ...args: string[]): void {
  if (step?.kind !== "script") throw new Error("not a script");
  const { status, stderr } = spawnSync("sh", ["-c", step.script, "sh", ...args], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

const embedding = debian.initramfsEmbedFile("hello");
const list = join(folder, "modules");

test.each([
  ["# a comment\next4\n", "# a comment\next4\nhello\n"],
  ["ext4", "ext4\nhello\n"],
  ["", "hello\n"],
  [undefined, "hello\n"],
])("adds a line to %j", (before, after) => {
  rmSync(list, { force: true });
  if (before !== undefined) writeFileSync(list, before, { mode: 0o640 });
  run(embedStep(embedding, "hello", ""), list, "hello");
  expect(readFileSync(list, "utf8")).toBe(after);
  if (before !== undefined) expect(statSync(list).mode & 0o777).toBe(0o640);
  expect(existsSync(`${list}.kofleet`)).toBe(false);
});

test.each([
  ["ext4\nhello\n", "ext4\n"],
  ["hello debug=1\n  hello\nhello_world\n# hello\n*\n", "hello_world\n# hello\n*\n"],
  ["a  b\\n\nhello", "a  b\\n\n"],
])("takes the line out of %j again", (before, after) => {
  rmSync(list, { force: true });
  writeFileSync(list, before, { mode: 0o640 });
  run(unlistStep(embedding, "hello"), list, "hello");
  expect(readFileSync(list, "utf8")).toBe(after);
  expect(statSync(list).mode & 0o777).toBe(0o640);
});

test("puts a packed module in place by one rename, readable for all", () => {
  const [staged, place] = [join(folder, "staged.ko.xz"), join(folder, "hello.ko.xz")];
  writeFileSync(staged, "packed", { mode: 0o600 });
  writeFileSync(place, "old");
  const packed = { ...machine, compression: { ...machine.compression, used: "xz" as const } };
  run([...placeSteps(destinationOf(key, packed, debian, debianHost), artifact, debianHost)].at(-1), staged, place);
  expect(readFileSync(place, "utf8")).toBe("packed");
  expect(statSync(place).mode & 0o777).toBe(0o644);
  expect([staged, `${place}.kofleet`].some(existsSync)).toBe(false);
});

test.each([
  ["build", buildScript],
  ["install", installScript],
])("the script of dkms %s is POSIX sh", (_, script) => {
  for (const shell of ["dash", "bash"]) {
    if (spawnSync("sh", ["-c", `command -v ${shell}`]).status !== 0) continue;
    expect(spawnSync(shell, ["-n"], { input: script, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  }
});
