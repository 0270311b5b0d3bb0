import { expect, test } from "vitest";
import type { Evidence, Proof } from "../../src/kernel/proof.ts";
import { proveCrcs } from "../../src/kernel/proof_crcs.ts";
import type { SymbolCrcs } from "../../src/kernel/symbol_crcs.ts";

const vermagic = "6.1.0-37-cloud-amd64 SMP preempt mod_unload modversions ";
const module = {
  vermagic,
  versions: new Map(Object.entries({ module_layout: 0xab, kfree: 1, _printk: 2 })),
  undefinedSymbols: ["kfree", "_printk"],
};
const host = (crcs: Record<string, number>): Evidence<SymbolCrcs> => ({
  known: { source: "Module.symvers", crcs: new Map(Object.entries(crcs)) },
});
const right = { module_layout: 0xab, kfree: 1, _printk: 2, other: 3 };
const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`symbol_${index}`, index]));

test.each<[what: string, change: Partial<typeof module>, evidence: Evidence<SymbolCrcs>, proof: Omit<Proof, "name">]>([
  ["agrees", {}, host(right), { verdict: "holds", evidence: "all 3 CRCs are those of Module.symvers" }],
  [
    "differs",
    {},
    host({ ...right, kfree: 0xdeadbeef }),
    { verdict: "refused", evidence: "CRCs that differ from Module.symvers, 1 of 3: kfree is 0x00000001, but must be 0xdeadbeef" },
  ],
  [
    "differs in some and lacks others",
    {},
    host({ kfree: 7 }),
    { verdict: "refused", evidence: "CRCs that differ from Module.symvers, 1 of 3: kfree is 0x00000001, but must be 0x00000007" },
  ],
  [
    "is not covered",
    { versions: new Map(Object.entries(many)), undefinedSymbols: [] },
    host({}),
    { verdict: "unknown", evidence: "CRCs that Module.symvers does not cover, 9 of 9: symbol_0, symbol_1, symbol_2, symbol_3 and 5 more" },
  ],
  [
    "lacks a CRC that the kernel will look for",
    { undefinedSymbols: ["kfree", "other"] },
    host(right),
    { verdict: "refused", evidence: "it lacks CRCs that Module.symvers has, 1: other" },
  ],
  [
    "has a CRC of a symbol that the kernel exports without",
    {},
    host({ ...right, kfree: 0 }),
    { verdict: "holds", evidence: expect.any(String) },
  ],
  ["lacks that CRC too", { undefinedSymbols: ["plain"] }, host({ ...right, plain: 0 }), { verdict: "holds", evidence: expect.any(String) }],
  ["needs a symbol that has no CRC", { undefinedSymbols: ["plain"] }, host(right), { verdict: "holds", evidence: expect.any(String) }],
  [
    "meets a host of which nothing is known",
    {},
    { missing: "no headers" },
    { verdict: "unknown", evidence: "it wants 3 CRCs, but the host's are not known: no headers" },
  ],
  [
    "is of a kernel without modversions",
    { versions: new Map(), vermagic: "6.8.0-31-generic SMP preempt mod_unload " },
    { missing: "no headers" },
    { verdict: "holds", evidence: "its kernel is built without modversions: there are no CRCs to compare" },
  ],
  [
    "was stripped of its CRCs",
    { versions: new Map() },
    host(right),
    {
      verdict: "refused",
      evidence: "it has no CRCs, though its vermagic says modversions: it was stripped of them, or built without Module.symvers",
    },
  ],
])("a module that %s", (_, change, evidence, proof) => {
  expect(proveCrcs({ ...module, ...change }, evidence)).toEqual({ name: "crcs", ...proof });
});
