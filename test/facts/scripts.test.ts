import { spawnSync } from "node:child_process";
import { release } from "node:os";
import { expect, test } from "vitest";
import type { Fact } from "../../src/core/fact.ts";
import { bootFiles } from "../../src/facts/boot_files.ts";
import { builtModules, dkmsBuilds } from "../../src/facts/dkms.ts";
import { enrolledKeys } from "../../src/facts/enrolled_keys.ts";
import { initramfsListed, initramfsModule } from "../../src/facts/initramfs.ts";
import { removingHooks } from "../../src/facts/kernel_hooks.ts";
import { kernelSources } from "../../src/facts/kernel_sources.ts";
import { machine } from "../../src/facts/machine.ts";
import { moduleState } from "../../src/facts/module.ts";
import { moduleIndex } from "../../src/facts/module_index.ts";
import { moduleLoading } from "../../src/facts/module_loading.ts";
import { hostProfile } from "../../src/facts/profile.ts";

const facts: readonly (readonly [string, Fact<unknown>])[] = [
  hostProfile,
  machine,
  moduleState("no-such-module"),
  enrolledKeys,
  initramfsModule("no_such_module", "0.0.0-none"),
  initramfsListed("no_such_module"),
  bootFiles("0.0.0-none", { "/bin/sh": "no_such_module" }),
  removingHooks("no_such_module"),
  dkmsBuilds("no_such_module", "1"),
  builtModules("no_such_module", "1"),
  moduleIndex("no_such_module", "0.0.0-none"),
  moduleLoading("no_such_module"),
  kernelSources("0.0.0-none", "/no_such_module/System.map"),
  kernelSources(release(), "/no_such_module/System.map"),
].map((fact) => [fact.name, fact]);

const shells = ["dash", "bash", "busybox"].filter((shell) => spawnSync("sh", ["-c", `command -v ${shell}`]).status === 0);

test.each(facts)("%s: its script runs on this machine, in every shell that is here, and says nothing of errors", (_, fact) => {
  for (const shell of shells) {
    const [, ...args] = fact.command;
    const prefix = shell === "busybox" ? ["sh"] : shell === "bash" ? ["--posix"] : [];
    const { status, stdout, stderr } = spawnSync(shell, [...prefix, ...args], { encoding: "utf8" });
    expect({ shell, stderr }).toEqual({ shell, stderr: "" });
    expect(() => fact.parse({ code: status ?? 1, stdout, stderr })).not.toThrow();
  }
});

test.each(facts)("%s: values reach its script as arguments only", (_, { command }) => {
  expect(command[0]).toBe("sh");
  expect(command[2]).not.toContain("no_such_module");
});
