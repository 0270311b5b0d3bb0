import { expect, test } from "vitest";
import type { ModuleState } from "../../src/facts/module.ts";
import { type HostUse, useOf } from "../../src/rollout/in_use.ts";
import { done, kernelA, kernelB, manifest, stored, surveyed } from "./fleet_fixture.ts";

const use = (name: string, sketch: Parameters<typeof surveyed>[1] = {}, module?: ModuleState): HostUse => {
  const { host, machine } = surveyed(name, sketch);
  return { host, machine, modules: new Map(module ? [[manifest.name, module]] : []) };
};
const { module } = done("any");
const loadedOnly = { ...module, files: [] };

test.each<[string, HostUse, string | undefined]>([
  ["runs its kernel", use("web1", { running: kernelA }), "web1 has its kernel"],
  ["has its kernel for the next boot", use("web1", { running: kernelB, next: kernelA }), "web1 has its kernel"],
  ["has another kernel", use("web1", { running: kernelB }), undefined],
  [
    "has its kernel in another build",
    use("web1", { machine: { kernels: [{ ...surveyed("x").machine.kernels[0]!, packageVersion: "9" }] } }),
    undefined,
  ],
  [
    "can't tell its kernel's build",
    use("web1", { machine: { kernels: [{ ...surveyed("x").machine.kernels[0]!, packageVersion: undefined }] } }),
    "web1 has its kernel",
  ],
  ["is of another distribution", use("web1", { distribution: "ubuntu", version: "24.04" }), undefined],
  ["has the file", use("web1", { running: kernelB }, { ...module, loaded: undefined }), "web1 has the module"],
  ["has it loaded", use("web1", { running: kernelB }, loadedOnly), "web1 has the module"],
  [
    "has another build",
    use("web1", { running: kernelB }, { files: [], loaded: { ...module.loaded!, srcversion: "0" }, atBoot: true }),
    undefined,
  ],
])("a host that %s", (_, host, reason) => {
  expect(useOf(stored(kernelA), [use("db1", { running: kernelB }), host])).toBe(reason);
});
