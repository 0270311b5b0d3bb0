import { describe, expect, test } from "vitest";
import type { KernelIdentity } from "../../src/core/kernel_evidence.ts";
import { evidenceFor, type KernelEvidence, speakingOf } from "../../src/kernel/kernel_evidence.ts";
import type { SymbolCrcs } from "../../src/kernel/symbol_crcs.ts";
import { symbolMapOf } from "../../src/kernel/symbol_map.ts";

const [one, other]: readonly KernelIdentity[] = ["build-id:aa11", "build-id:bb22"];
const [image, otherImage]: readonly KernelIdentity[] = [`vmlinuz:${"1".repeat(64)}`, `vmlinuz:${"2".repeat(64)}`];

test.each<[what: string, own: KernelIdentity | undefined, taken: KernelIdentity, speaks: boolean]>([
  ["of the running build", one, one!, true],
  ["of another running build", one, other!, false],
  ["of an image, of a kernel that runs", one, image!, true],
  ["of a kernel that ran, of an image", image, one!, true],
  ["of the same image", image, image!, true],
  ["of another image", image, otherImage!, false],
  ["of a package, of a kernel that runs", one, "package", true],
  ["of a package, of an image", image, "package", true],
  ["of a package, of headers without a kernel", "package", "package", true],
  ["of a kernel that ran, of headers without a kernel", "package", one!, true],
  ["of a kernel that ran, where the host can't tell", undefined, one!, true],
  ["of an image, where the host can't tell", undefined, image!, true],
  ["of a package, where the host can't tell", undefined, "package", true],
])("evidence %s", (_, own, taken, speaks) => {
  expect(speakingOf(own, [{ identity: taken }])).toEqual(speaks ? [{ identity: taken }] : []);
});

test("the very build speaks first, the others in their order", () => {
  const held = (["package", image, one, other] as KernelIdentity[]).map((identity) => ({ identity }));
  expect(speakingOf(one, held).map(({ identity }) => identity)).toEqual([one, "package", image]);
  expect(speakingOf(undefined, held)).toEqual(held);
});

const crcs = (source: string, size: number): SymbolCrcs => ({
  source,
  crcs: new Map(Array.from({ length: size }, (_, index) => [`symbol_${index}`, index])),
});
const mapWith = (name: string) => symbolMapOf([{ name, distance: 0 }]);
const modules = crcs("the kernel's own modules", 2);
const headers = crcs("Module.symvers", 3);

describe("of what is kept of a kernel", () => {
  test.each<[what: string, held: readonly KernelEvidence[], source: string]>([
    [
      "the source that covers most symbols",
      [
        { identity: one!, crcs: modules },
        { identity: "package", crcs: headers },
      ],
      headers.source,
    ],
    [
      "that source in whatever order",
      [
        { identity: "package", crcs: headers },
        { identity: one!, crcs: modules },
      ],
      headers.source,
    ],
    [
      "that source even of another kind",
      [
        { identity: one!, crcs: modules },
        { identity: image!, crcs: headers },
      ],
      headers.source,
    ],
    [
      "no source of another build, however large",
      [
        { identity: one!, crcs: modules },
        { identity: other!, crcs: headers },
      ],
      modules.source,
    ],
    [
      "the kernel's own of two that are equal",
      [
        { identity: "package", crcs: crcs("a", 2) },
        { identity: one!, crcs: modules },
      ],
      modules.source,
    ],
  ])("%s speaks for the CRCs", (_, held, source) => {
    expect(evidenceFor(one, held).crcs).toMatchObject({ known: { source } });
  });

  test.each<[what: string, held: readonly KernelEvidence[], name: string]>([
    [
      "its very build's",
      [
        { identity: "package", map: mapWith("package") },
        { identity: one!, map: mapWith("own") },
      ],
      "own",
    ],
    [
      "another kind's, where its own build has none",
      [
        { identity: one!, crcs: headers },
        { identity: image!, map: mapWith("image") },
      ],
      "image",
    ],
    [
      "no other build's",
      [
        { identity: other!, map: mapWith("other") },
        { identity: image!, map: mapWith("image") },
      ],
      "image",
    ],
  ])("the map is %s", (_, held, name) => {
    expect(evidenceFor(one, held).map).toEqual({ known: mapWith(name) });
  });

  test.each<[what: string, held: readonly KernelEvidence[]]>([
    ["nothing is kept", []],
    ["only another build is known", [{ identity: other!, crcs: headers, map: mapWith("other") }]],
    ["what is kept has neither part", [{ identity: one! }]],
  ])("both parts are missing where %s, with the reason that was given", (_, held) => {
    const missing = { crcs: "no headers", map: "hidden" };
    expect(evidenceFor(one, held, missing)).toEqual({ crcs: { missing: "no headers" }, map: { missing: "hidden" } });
    expect(evidenceFor(one, held).crcs).toEqual({ missing: "none of its hosts was asked yet" });
  });

  test("one part does not make up for the other", () => {
    expect(evidenceFor(one, [{ identity: one!, crcs: headers }])).toMatchObject({
      crcs: { known: headers },
      map: { missing: expect.any(String) },
    });
    expect(evidenceFor(one, [{ identity: one!, map: mapWith("own") }])).toMatchObject({ crcs: { missing: expect.any(String) } });
  });
});
