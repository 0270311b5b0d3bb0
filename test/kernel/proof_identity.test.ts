import { expect, test } from "vitest";
import { readModule } from "../../src/kernel/module_info.ts";
import { type ExpectedModule, proveIdentity } from "../../src/kernel/proof_identity.ts";
import { writeModule } from "./elf_writer.ts";

const artifact = { ...readModule(writeModule()), sha256: "aa" };
const expected: ExpectedModule = {
  sha256: "aa",
  module: "my-module",
  architecture: "x86_64",
  vermagic: "6.1.0-37-cloud-amd64 SMP preempt mod_unload modversions ",
};
const verdicts = (change: Partial<ExpectedModule>) =>
  proveIdentity(artifact, { ...expected, ...change }).map(({ name, verdict }) => `${name} ${verdict}`);

test("an artifact that fits, whatever way its name is spelt", () => {
  expect(verdicts({})).toEqual(["sha256 holds", "machine holds", "name holds", "vermagic holds"]);
});

test.each<[Partial<ExpectedModule>, string]>([
  [{ sha256: "ab" }, "sha256 refused"],
  [{ architecture: "aarch64" }, "machine refused"],
  [{ module: "other" }, "name refused"],
  [{ vermagic: "6.1.0-37-cloud-amd64 SMP preempt mod_unload modversions" }, "vermagic refused"],
  [{ vermagic: undefined }, "vermagic unknown"],
])("%j: %s", (change, verdict) => {
  expect(verdicts(change)).toContain(verdict);
  expect(verdicts(change).filter((text) => text.endsWith("holds"))).toHaveLength(3);
});

test("shows both values", () => {
  const proofs = proveIdentity(artifact, { ...expected, architecture: "aarch64", vermagic: undefined });
  expect(proofs.map(({ evidence }) => evidence)).toMatchInlineSnapshot(`
    [
      ""aa"",
      "it is "x86_64", but must be "aarch64"",
      ""my_module"",
      "it is "6.1.0-37-cloud-amd64 SMP preempt mod_unload modversions "; the host's own could not be read",
    ]
  `);
});
