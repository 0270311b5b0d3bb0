import { expect, test } from "vitest";
import type { Machine } from "../../src/facts/machine.ts";
import { reboot } from "../../src/tasks/reboot.ts";
import { debianHost, planOf } from "./planning.ts";

const machine = {
  running: "6.1.0-37-amd64",
  next: "6.1.0-38-amd64",
  kernels: [{ release: "6.1.0-37-amd64" }, { release: "6.1.0-38-amd64" }],
  container: undefined,
} as unknown as Machine;

const step = (expect: string, timeout = 600) => ({ kind: "reboot", from: debianHost.bootId, expect, timeout });

test.each([
  ["the kernel that boots next is expected", {}, machine, step("6.1.0-38-amd64")],
  ["the running kernel, where the next is not known", {}, { ...machine, next: undefined }, step("6.1.0-37-amd64")],
  ["the kernel that the playbook names", { expect: "6.1.0-37-amd64", timeout: 60 }, machine, step("6.1.0-37-amd64", 60)],
])("%s", (_, args, facts, expected) => {
  expect(planOf(reboot, args, { machine: facts }, {})).toEqual({ steps: [expected], stop: undefined });
});

test.each([
  [
    { expect: "6.9.0" },
    machine,
    { verdict: "failed", reason: "kernel 6.9.0 is not installed on web1: found 6.1.0-37-amd64, 6.1.0-38-amd64" },
  ],
  [{}, { ...machine, container: "lxc" }, { verdict: "blocked", reason: "web1 is a container (lxc) and has no kernel of its own to boot" }],
])("does not start what can't end well: %j", (args, facts, stop) => {
  expect(planOf(reboot, args, { machine: facts }, {})).toEqual({ steps: [], stop });
});

test("is an action that asks for the machine", () => {
  expect(reboot.action?.({ timeout: 1 })).toBe(true);
  expect(reboot.facts({ timeout: 1 }, debianHost).machine.name).toBe("machine");
});
