import { expect, test } from "vitest";
import { proofNames } from "../../src/core/proof_names.ts";
import type { JudgedProof } from "../../src/kernel/proofs.ts";
import { type ProvedOnHost, proofsTable } from "../../src/report/proofs_table.ts";
import { renderTable } from "../../src/report/render_table.ts";

const screen = { colour: false, ci: false, width: 100 };
const artifact = "dattobd@0.12.0@6.1.0-37-amd64";
const evidence: Readonly<Record<JudgedProof["name"], string>> = {
  sha256: '"dddd"',
  machine: '"x86_64"',
  name: '"dattobd"',
  vermagic: '"6.1.0-37-amd64 SMP preempt mod_unload modversions "',
  crcs: "all 212 CRCs are those of Module.symvers",
  signature: "it is not signed, and the host enforces no signatures",
  offsets: "it reaches vm_area_cachep",
};
const all: readonly JudgedProof[] = proofNames.map((name) => ({ name, verdict: "holds", evidence: evidence[name] }));
const but = (...others: readonly JudgedProof[]) => all.map((proof) => others.find(({ name }) => name === proof.name) ?? proof);
const on = (proofs: readonly JudgedProof[], ...hosts: readonly string[]): ProvedOnHost[] =>
  hosts.map((host) => ({ host, artifact, proofs }));
const unknown: JudgedProof = { name: "crcs", verdict: "unknown", evidence: "CRCs that its modules do not cover, 1 of 212: kfree" };
const refused: JudgedProof = {
  name: "offsets",
  verdict: "refused",
  evidence: "addresses that are no symbols of the host's kernel, 1 of 1: kfree+0x1854440 is nothing",
};
const shown = (proved: readonly ProvedOnHost[], isVerbose = false, rest: object = {}) => {
  const given = { ...screen, ...rest };
  return renderTable(proofsTable(proved, given, isVerbose), given);
};

test("all hold", () => {
  expect(shown(on(all, "web1", "web2", "web3"))).toMatchInlineSnapshot(`
    "ARTIFACT                       HOSTS         PROOFS
    ─────────────────────────────  ────────────  ──────────
    dattobd@0.12.0@6.1.0-37-amd64  web[1-3] (3)  all 7 hold"
  `);
});

test("some are unknown", () => {
  expect(shown(on(but(unknown), "web1"))).toMatchInlineSnapshot(`
    "ARTIFACT                       HOSTS  PROOFS
    ─────────────────────────────  ─────  ────────────
    dattobd@0.12.0@6.1.0-37-amd64  web1   crcs unknown
      ↳ crcs unknown: CRCs that its modules do not cover, 1 of 212: kfree"
  `);
});

test("some are refused, and some are unknown", () => {
  expect(shown([...on(but(unknown, refused), "web1"), ...on(all, "web2")])).toMatchInlineSnapshot(`
    "ARTIFACT                       HOSTS  PROOFS
    ─────────────────────────────  ─────  ─────────────────────────────
    dattobd@0.12.0@6.1.0-37-amd64  web1   crcs unknown, offsets refused
      ↳ crcs unknown: CRCs that its modules do not cover, 1 of 212: kfree
      ↳ offsets refused: addresses that are no symbols of the host's kernel, 1 of 1: kfree+0x1854440 is
        nothing
    dattobd@0.12.0@6.1.0-37-amd64  web2   all 7 hold"
  `);
});

test("some are allowed", () => {
  expect(shown(on(but({ ...unknown, allowed: true }, { ...refused, allowed: true }), "web1", "web2"))).toMatchInlineSnapshot(`
    "ARTIFACT                       HOSTS         PROOFS
    ─────────────────────────────  ────────────  ───────────────────────────────────────────────
    dattobd@0.12.0@6.1.0-37-amd64  web[1-2] (2)  crcs unknown, allowed, offsets refused, allowed
      ↳ crcs unknown, allowed: CRCs that its modules do not cover, 1 of 212: kfree
      ↳ offsets refused, allowed: addresses that are no symbols of the host's kernel, 1 of 1:
        kfree+0x1854440 is nothing"
  `);
});

test("everything, for who wants to know", () => {
  expect(shown(on(but(unknown), "web1"), true)).toMatchInlineSnapshot(`
    "ARTIFACT                       HOSTS  PROOFS
    ─────────────────────────────  ─────  ────────────
    dattobd@0.12.0@6.1.0-37-amd64  web1   crcs unknown
      ↳ sha256 holds: "dddd"
      ↳ machine holds: "x86_64"
      ↳ name holds: "dattobd"
      ↳ vermagic holds: "6.1.0-37-amd64 SMP preempt mod_unload modversions "
      ↳ crcs unknown: CRCs that its modules do not cover, 1 of 212: kfree
      ↳ signature holds: it is not signed, and the host enforces no signatures
      ↳ offsets holds: it reaches vm_area_cachep"
  `);
});

test("in a pipe", () => {
  expect(shown([...on(but(refused), "web1", "web2"), ...on(all, "web3")], false, { width: undefined })).toMatchInlineSnapshot(`
    "ARTIFACT                       HOSTS         PROOFS           EVIDENCE
    dattobd@0.12.0@6.1.0-37-amd64  web[1-2] (2)  offsets refused  offsets refused: addresses that are no symbols of the host's kernel, 1 of 1: kfree+0x1854440 is nothing
    dattobd@0.12.0@6.1.0-37-amd64  web3          all 7 hold       -"
  `);
});

test("the worst verdict gives its colour", () => {
  const tones = (...others: readonly JudgedProof[]) => proofsTable(on(but(...others), "web1"), screen, false).rows[0]?.cells[2]?.tone;
  expect([tones(), tones(unknown), tones(unknown, refused)]).toEqual(["good", "waiting", "bad"]);
});

test("what a host sent moves no cursor and commands no CI", () => {
  const evil: JudgedProof = { ...refused, evidence: "\u001b[2J::set-output name=x::\n##[command]y" };
  const text = shown(on(but(evil), "web1"), false, { ci: true });
  expect(text).not.toContain("\u001b");
  expect(text).not.toMatch(/##\[|^\s*::/m);
});

test("hosts of different evidence have rows of their own", () => {
  const proved = [
    ...on(all, "web1", "web2"),
    ...on(but(unknown), "web3"),
    { ...on(all, "db1")[0]!, artifact: "dattobd@0.12.0@6.1.0-38-amd64" },
  ];
  expect(proofsTable(proved, screen, false).rows.map(({ cells }) => cells.map(({ text }) => text))).toEqual([
    [artifact, "web[1-2] (2)", "all 7 hold"],
    [artifact, "web3", "crcs unknown"],
    ["dattobd@0.12.0@6.1.0-38-amd64", "db1", "all 7 hold"],
  ]);
});
