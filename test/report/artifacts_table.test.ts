import { expect, test } from "vitest";
import { artifactName } from "../../src/core/artifact.ts";
import { type ArtifactRow, artifactsTable, sizeText } from "../../src/report/artifacts_table.ts";
import { checksText } from "../../src/report/checks_text.ts";
import { fieldsText } from "../../src/report/fields_text.ts";
import { pruneTable } from "../../src/report/prune_table.ts";
import { provenance } from "../store/package_fixture.ts";

const screen = { colour: false, ci: false };
const name = artifactName(provenance);
const row = (signature: ArtifactRow["signature"], more: Partial<ArtifactRow["provenance"]> = {}): ArtifactRow => ({
  name,
  provenance: { ...provenance, sha256: "d".repeat(64), size: 5160, ...more },
  signature,
});

test("a row per artifact, built or imported, with what its signature is worth", () => {
  const imported = { kind: "imported", by: "ada", from: "x.tar.gz", file: "0".repeat(64), at: "2026-11-22T20:15:30Z" } as const;
  const rows = [
    row({ kind: "holds", signer: "ada@fleet" }),
    row({ kind: "unsigned" }, { origin: imported, size: 5_100_000 }),
    row({ kind: "refused", problem: "no" }),
    row({ kind: "unknown", problem: "who?" }),
  ];
  expect(artifactsTable(rows, screen)).toMatchInlineSnapshot(`
    "SHA256        MODULE     VERSION  KERNEL                PACKAGE    DISTRIBUTION  ARCH    BUILT AT           BUILDER          SIGNED     SIZE
    dddddddddddd  my-module  1.2.3    6.1.0-37-cloud-amd64  6.1.140-1  debian 12     x86_64  2026-11-22T20:15Z  build1           ada@fleet  5 kB
    dddddddddddd  my-module  1.2.3    6.1.0-37-cloud-amd64  6.1.140-1  debian 12     x86_64  -                  imported by ada  no         5.1 MB
    dddddddddddd  my-module  1.2.3    6.1.0-37-cloud-amd64  6.1.140-1  debian 12     x86_64  2026-11-22T20:15Z  build1           refused    5 kB
    dddddddddddd  my-module  1.2.3    6.1.0-37-cloud-amd64  6.1.140-1  debian 12     x86_64  2026-11-22T20:15Z  build1           unchecked  5 kB"
  `);
  expect(artifactsTable(rows.slice(0, 1), { ...screen, width: 100 })).toMatchInlineSnapshot(`
    "SHA256        MODULE     KERNEL                DISTRIBUTION  BUILT AT           SIGNED
    SIZE          VERSION    PACKAGE               ARCH          BUILDER
    ────────────  ─────────  ────────────────────  ────────────  ─────────────────  ─────────
    dddddddddddd  my-module  6.1.0-37-cloud-amd64  debian 12     2026-11-22T20:15Z  ada@fleet
    5 kB          1.2.3      6.1.140-1             x86_64        build1"
  `);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [5160, "5 kB"],
  [5_100_000, "5.1 MB"],
])("%i bytes are %s", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

test("text from packages does not reach the terminal as it is", () => {
  const evil = "x\u001b[2Jy\n::set-env";
  const all = [
    artifactsTable([row({ kind: "unsigned" }, { origin: { kind: "imported", by: evil, from: "x", file: "", at: "" } })], screen),
    checksText([{ name: "a", checks: [{ name: "vermagic", verdict: "refused", evidence: evil }] }], screen),
    fieldsText([["vermagic", evil]], screen),
    pruneTable([{ kind: "artifact", name: evil, size: 1 }], screen),
  ];
  for (const text of all) {
    expect(text).not.toContain("\u001b");
    expect(text).toContain("xy");
  }
});

test("checks stand below their artifact", () => {
  const checks = [
    { name: "sha256", verdict: "holds", evidence: '"aa"' },
    { name: "signed", verdict: "unknown", evidence: "its provenance is not signed" },
    { name: "vermagic", verdict: "refused", evidence: 'it is "6.1"' },
  ] as const;
  expect(checksText([{ name, checks }], screen)).toMatchInlineSnapshot(`
    "my-module@1.2.3@6.1.0-37-cloud-amd64@6.1.140-1@x86_64@debian_12@555555555555
      holds    sha256    "aa"
      unknown  signed    its provenance is not signed
      refused  vermagic  it is "6.1""
  `);
});

test("what would be pruned has its size and age", () => {
  const rows = [
    { kind: "artifact", name, sha256: "d".repeat(64), size: 5160, storedAt: new Date(0) },
    { kind: "replaced", name: `${name}/x.ko`, size: 12 },
  ] as const;
  expect(pruneTable(rows, screen)).toMatchInlineSnapshot(`
    "REMOVED   NAME                                      SHA256        STORED AT                 SIZE
    artifact  my-module@1.2.3@6.1.0-37-cloud-amd64@6.1.140-1@x86_64@debian_12@555555555555  dddddddddddd  1970-01-01T00:00:00.000Z  5 kB
    replaced  my-module@1.2.3@6.1.0-37-cloud-amd64@6.1.140-1@x86_64@debian_12@555555555555/x.ko  -             -                         12 B"
  `);
});
