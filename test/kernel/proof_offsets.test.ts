import { expect, test } from "vitest";
import type { Evidence, Proof } from "../../src/kernel/proof.ts";
import { type Expectation, type ExpectedOffsets, proveOffsets } from "../../src/kernel/proof_offsets.ts";
import { type SymbolMap, symbolMapOf } from "../../src/kernel/symbol_map.ts";

const map: Evidence<SymbolMap> = {
  known: symbolMapOf([
    { name: "_text", distance: -0x2f0000 },
    { name: "insert_vm_struct", distance: -0x9aaa0 },
    { name: "kfree", distance: 0 },
    { name: "blk_mq_submit_bio", distance: 0x232220 },
    { name: "__pfx_blk_mq_submit_bio", distance: 0x232210 },
    { name: "alias", distance: 0x232220 },
    { name: "vm_area_cachep", distance: 0x1854448 },
  ]),
};
const needed = (...symbols: string[]): ExpectedOffsets => ({ isMapNeeded: true, symbols });
const anyModule: ExpectedOffsets = { isMapNeeded: false, symbols: [] };
const nobodySays: Expectation = { missing: "give -m MANIFEST" };
const module = (distances: readonly number[], isPartial = false, machine: "x86_64" | "aarch64" = "x86_64") => ({
  machine,
  offsets: { distances, isPartial },
});

type Row = [
  what: string,
  module: ReturnType<typeof module>,
  expected: Expectation,
  evidence: Evidence<SymbolMap>,
  verdict: Proof["verdict"],
  text: string,
];

test.each<Row>([
  ["an ordinary module", module([]), anyModule, { missing: "-" }, "holds", "it reaches no symbol by its distance from kfree"],
  [
    "an ordinary module of aarch64",
    module([], true, "aarch64"),
    anyModule,
    map,
    "holds",
    "it reaches no symbol by its distance from kfree",
  ],
  [
    "built without a map",
    module([]),
    needed(),
    map,
    "refused",
    "it was built without a symbol map: it reaches no symbol by its distance from kfree",
  ],
  ["built without a map, host unknown", module([]), needed(), { missing: "-" }, "refused", expect.stringContaining("without a symbol map")],
  [
    "whose instructions hide all",
    module([], true, "aarch64"),
    needed(),
    map,
    "unknown",
    "its aarch64 instructions compute addresses from kfree, which kofleet can't follow",
  ],
  [
    "whose instructions hide some",
    module([0x1854448], true, "aarch64"),
    needed(),
    map,
    "unknown",
    "its aarch64 instructions compute addresses from kfree, which kofleet can't follow",
  ],
  [
    "whose data is wrong, whatever instructions hide",
    module([0x1854440], true, "aarch64"),
    needed(),
    map,
    "refused",
    "addresses that are no symbols of the host's kernel, 1 of 1: kfree+0x1854440 is nothing",
  ],
  [
    "of this kernel",
    module([-0x9aaa0, 0x232220, 0x1854448]),
    needed(),
    map,
    "holds",
    "it reaches insert_vm_struct, blk_mq_submit_bio or alias, vm_area_cachep",
  ],
  ["of this kernel, with a list", module([-0x9aaa0]), needed("insert_vm_struct", "not_here"), map, "holds", "it reaches insert_vm_struct"],
  [
    "of another kernel",
    module([-0x9aab0, 0x232224, 0x1854448]),
    needed(),
    map,
    "refused",
    "addresses that are no symbols of the host's kernel, 2 of 3: kfree-0x9aab0 is nothing, kfree+0x232224 is alias+0x4",
  ],
  [
    "of another kernel, by accident at a symbol",
    module([0x232210]),
    needed("blk_mq_submit_bio"),
    map,
    "refused",
    "it misses blk_mq_submit_bio: it meets __pfx_blk_mq_submit_bio in the host's kernel",
  ],
  ["with an absolute address", module([-0x7eadcbb0]), anyModule, map, "refused", expect.stringContaining("kfree-0x7eadcbb0 is nothing")],
  [
    "that meets a host without a map",
    module([64]),
    needed(),
    { missing: "the symbol map has zero for kfree" },
    "unknown",
    "it reaches symbols by distance (1), but the host's symbol map is not known: the symbol map has zero for kfree",
  ],
  [
    "that reaches nothing, and nobody says whether it must",
    module([]),
    nobodySays,
    map,
    "unknown",
    "it reaches no symbol by its distance from kfree, and whether it must is not known: give -m MANIFEST",
  ],
  [
    "of this kernel, and nobody says what it must reach",
    module([-0x9aaa0]),
    nobodySays,
    map,
    "unknown",
    "it reaches insert_vm_struct, and whether it must reach more is not known: give -m MANIFEST",
  ],
  ["of another kernel, whatever it must reach", module([-0x9aab0]), nobodySays, map, "refused", expect.stringContaining("is nothing")],
  [
    "that nobody knows anything of",
    module([64]),
    nobodySays,
    { missing: "-" },
    "unknown",
    expect.stringContaining("symbol map is not known"),
  ],
])("a module %s", (_, module, expected, evidence, verdict, text) => {
  expect(proveOffsets(module, expected, evidence)).toEqual({ name: "offsets", verdict, evidence: text });
});
