import { expect, test } from "vitest";
import { proofNames, waivable } from "../../src/core/proof_names.ts";
import type { Proof } from "../../src/kernel/proof.ts";
import {
  type Allowance,
  describeProofs,
  type Examined,
  type Ground,
  judgeProofs,
  nothingAllowed,
  objectionsIn,
  proveModule,
} from "../../src/kernel/proofs.ts";
import { symbolMapOf } from "../../src/kernel/symbol_map.ts";

const vermagic = "6.1.0-37-amd64 SMP preempt mod_unload modversions ";
const versions = new Map([
  ["module_layout", 1],
  ["kfree", 2],
]);
const module: Examined = {
  machine: "x86_64",
  size: 5160,
  name: "hello",
  vermagic,
  modinfo: new Map(),
  versions,
  undefinedSymbols: ["kfree"],
  offsets: { distances: [0x40], isPartial: false },
  sha256: "d".repeat(64),
};
const ground: Ground = {
  expected: { sha256: "d".repeat(64), module: "hello", architecture: "x86_64", vermagic },
  crcs: { known: { source: "Module.symvers", crcs: versions } },
  map: {
    known: symbolMapOf([
      { name: "kfree", distance: 0 },
      { name: "hidden_one", distance: 0x40 },
    ]),
  },
  signatures: { known: { isEnforced: false, enrolledKeys: { missing: "not asked" }, certificates: [] } },
  offsets: { isMapNeeded: true, symbols: ["hidden_one"] },
};
const nothingKnown: Ground = {
  ...ground,
  expected: { ...ground.expected, vermagic: undefined },
  crcs: { missing: "no headers" },
  map: { missing: "hidden" },
  signatures: { missing: "not asked" },
};
const verdicts = (proofs: readonly Proof[]) => Object.fromEntries(proofs.map(({ name, verdict }) => [name, verdict]));

test.each<[what: string, module: Examined, ground: Ground, others: object]>([
  ["that fits", module, ground, {}],
  [
    "of whose host nothing is known",
    module,
    nothingKnown,
    { vermagic: "unknown", crcs: "unknown", signature: "unknown", offsets: "unknown" },
  ],
  [
    "that fits in nothing",
    { ...module, sha256: "0", machine: "aarch64", name: "other", vermagic: "5.10 ", versions: new Map([["kfree", 3]]) },
    {
      ...ground,
      map: { known: symbolMapOf([{ name: "kfree", distance: 0 }]) },
      signatures: { known: { isEnforced: true, enrolledKeys: { known: new Set() }, certificates: [] } },
    },
    Object.fromEntries(proofNames.map((name) => [name, "refused"])),
  ],
])("all proofs of a module %s, in the order of their names", (_, given, of, others) => {
  const proofs = proveModule(given, of);
  expect(proofs.map(({ name }) => name)).toEqual(proofNames);
  expect(verdicts(proofs)).toEqual({ ...Object.fromEntries(proofNames.map((name) => [name, "holds"])), ...others });
  for (const { evidence } of proofs) expect(evidence).not.toBe("");
});

const all = (verdict: Proof["verdict"]): readonly Proof[] => proofNames.map((name) => ({ name, verdict, evidence: `${name}!` }));
const everything: Allowance = { unknown: true, unproved: waivable };
const never = ["sha256", "machine", "name"];

test.each<[what: string, verdict: Proof["verdict"], allowance: Allowance, objections: readonly string[]]>([
  ["what holds, whatever is allowed", "holds", nothingAllowed, []],
  ["what holds, where all is allowed", "holds", everything, []],
  ["nothing unknown, where nothing is allowed", "unknown", nothingAllowed, proofNames],
  ["nothing refused, where nothing is allowed", "refused", nothingAllowed, proofNames],
  ["what is unknown, but for what a file is", "unknown", { unknown: true, unproved: [] }, never],
  ["nothing refused, where the unknown is allowed", "refused", { unknown: true, unproved: [] }, proofNames],
  ["what is named, refused", "refused", { unknown: false, unproved: ["crcs"] }, proofNames.filter((name) => name !== "crcs")],
  ["what is named, unknown", "unknown", { unknown: false, unproved: ["offsets"] }, proofNames.filter((name) => name !== "offsets")],
  ["all but what a file is, refused", "refused", everything, never],
  ["all but what a file is, unknown", "unknown", everything, never],
])("lets pass %s", (_, verdict, allowance, objections) => {
  const judged = judgeProofs(all(verdict), allowance);
  expect(objectionsIn(judged).map(({ name }) => name)).toEqual(objections);
  expect(judged.filter(({ allowed }) => allowed).map(({ name }) => name)).toEqual(
    verdict === "holds" ? [] : proofNames.filter((name) => !objections.includes(name)),
  );
  expect(judged.map(({ allowed: _, ...proof }) => proof)).toEqual(all(verdict));
});

test("can't be allowed to be another file, and anything else can", () => {
  expect(proofNames.filter((name) => !waivable.some((one) => one === name))).toEqual(never);
});

test("tells objections in one line", () => {
  const proofs: Proof[] = [
    { name: "crcs", verdict: "refused", evidence: "kfree differs" },
    { name: "offsets", verdict: "unknown", evidence: "no map" },
  ];
  expect(describeProofs(proofs)).toBe("crcs refused: kfree differs; offsets unknown: no map");
  expect(describeProofs([])).toBe("");
});
