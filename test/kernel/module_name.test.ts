import { expect, test } from "vitest";
import { isSameModule, kernelName } from "../../src/kernel/module_name.ts";

test.each([
  ["nf-tables", "nf_tables"],
  ["snd-hda-intel", "snd_hda_intel"],
  ["veth", "veth"],
])("the kernel spells %s as %s", (module, name) => {
  expect(kernelName(module)).toBe(name);
  expect(isSameModule(module, name)).toBe(true);
  expect(isSameModule(name, module)).toBe(true);
});

test("other names are other modules", () => expect(isSameModule("nf_tables", "nftables")).toBe(false));
