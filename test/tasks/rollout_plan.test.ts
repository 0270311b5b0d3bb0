import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { artifactName } from "../../src/core/artifact.ts";
import type { Control } from "../../src/core/input.ts";
import { kernelKeyOf } from "../../src/core/kernel_evidence.ts";
import type { Decision, FleetMember, Values } from "../../src/core/task.ts";
import type { Machine } from "../../src/facts/machine.ts";
import type { KernelEvidence } from "../../src/kernel/kernel_evidence.ts";
import { openArtifactStore } from "../../src/store/artifacts.ts";
import { createContents } from "../../src/store/contents.ts";
import { openKernelStore } from "../../src/store/kernel_store.ts";
import { rolloutPlan } from "../../src/tasks/rollout_plan.ts";
import { exampleModinfo, writeModule } from "../kernel/elf_writer.ts";
import { unsigned } from "../store/signing_fixture.ts";
import { artifact, buildId, crcs, enrolled, key, machine, manifest, map, nothing, provenance, source, vermagic } from "./kernel_fixture.ts";
import { debianHost } from "./planning.ts";

type Inputs = Values<ReturnType<NonNullable<typeof rolloutPlan.inputs>>>;
type Member = FleetMember<ReturnType<typeof rolloutPlan.facts>>;

/** A host without a toolchain, unless it has one. */
const member = (more: Partial<Machine> = {}, vars: Readonly<Record<string, unknown>> = {}): Member => ({
  kind: "answered",
  host: debianHost,
  facts: {
    machine: { ...machine, compiler: undefined, make: undefined, ...more },
    module: nothing,
    index: { listed: undefined, isFresh: true },
    dkms: [],
    initramfs: "absent",
    isListed: false,
    enrolled,
    trouble: { taint: [], lines: [], damage: [], isReadable: true },
  },
  vars,
});
const name = artifactName(key);
const stored: Inputs["stored"] = {
  provenances: new Map([[name, provenance]]),
  offers: new Map([[name, artifact]]),
  kept: new Map([[name, { kept: [{ identity: "package", crcs }] }]]),
};
const noArtifacts: Inputs["stored"] = { provenances: new Map(), offers: new Map(), kept: new Map() };
const decide = (fleet: Readonly<Record<string, Member>>, args: object = {}, more: Partial<Inputs> = {}): Decision =>
  rolloutPlan.decide(rolloutPlan.args.parse({ manifest, ...args }), new Map(Object.entries(fleet)), {
    stored,
    source,
    certificate: undefined,
    ...more,
  });

test("tells each host's plays what is to be done", () => {
  const builder = member({ compiler: "gcc", make: "GNU Make 4.3" });
  const { vars } = decide({ a: member(), b: builder }, {}, { stored: noArtifacts });
  expect(Object.fromEntries(vars)).toEqual({
    a: {
      route: "copy",
      is_due: true,
      kernels: [key.kernel],
      artifacts: [key],
      builds: [],
      fetches: [],
      build_packages: [],
      kernel_compilers: [],
      needs_map: false,
    },
    b: {
      route: "build",
      is_due: true,
      kernels: [key.kernel],
      artifacts: [key],
      builds: [key],
      fetches: [key],
      build_packages: expect.any(Array),
      kernel_compilers: [],
      needs_map: false,
    },
  });
});

test("only who builds needs a symbol map in place, and only where the source does", () => {
  const fleet = { a: member(), b: member({ compiler: "gcc", make: "GNU Make 4.3" }) };
  const { vars } = decide(fleet, { manifest: { ...manifest, needs: ["system_map"] } }, { stored: noArtifacts });
  expect([...vars.values()].map(({ needs_map }) => needs_map)).toEqual([false, true]);
});

test("who is blocked or left out has nothing due", () => {
  const { vars, stops, skips } = decide({ a: member({ container: "lxc" }), b: member({}, { kofleet_exempt: "is sold" }) });
  expect([...vars.values()].map(({ is_due }) => is_due)).toEqual([false, false]);
  expect(stops.get("a")).toMatchObject({ verdict: "blocked", reason: expect.stringContaining("container") });
  expect([...skips]).toEqual([["b", "is sold"]]);
});

test("who only builds goes on to build, and is skipped where nothing is to be built", () => {
  const only = member({ container: "lxc" }, { builder: "only" });
  const due = decide({ a: only, b: member() }, { manifest }, { stored: noArtifacts });
  expect(due.vars.get("a")).toMatchObject({ route: "skipped", is_due: false, artifacts: [], builds: [key], fetches: [key] });
  expect([...due.skips]).toEqual([]);
  expect([...decide({ a: only }, { manifest }, { stored: noArtifacts }).skips]).toEqual([["a", "it only builds, for others"]]);
});

const withBuildId = { kernels: machine.kernels.map((kernel) => ({ ...kernel, buildId })) };
const otherCrcs = { source: "Module.symvers", crcs: new Map([...crcs.crcs, ["kfree", 0xbad]]) };
const missing = { ...artifact, module: { ...artifact.module, offsets: { distances: [0x48], isPartial: false } } };
const keeping = (...kept: readonly KernelEvidence[]) => ({ ...stored, kept: new Map([[name, { kept }]]) });

test.each<[what: string, more: Partial<Machine>, stored: Inputs["stored"], args: object, route: string, proof: object]>([
  ["what holds", {}, stored, {}, "copy", { name: "crcs", verdict: "holds" }],
  ["what nobody can tell yet", {}, keeping(), {}, "copy", { name: "crcs", verdict: "unknown" }],
  ["other CRCs", {}, keeping({ identity: "package", crcs: otherCrcs }), {}, "blocked", { name: "crcs", verdict: "refused" }],
  [
    "other CRCs, allowed",
    {},
    keeping({ identity: "package", crcs: otherCrcs }),
    { allow_unproved: ["crcs"] },
    "copy",
    { name: "crcs", verdict: "refused", allowed: true },
  ],
  ["the unknown, allowed", {}, keeping(), { allow_unknown: true }, "copy", { name: "crcs", verdict: "unknown", allowed: true }],
  [
    "other CRCs of another build of its kernel",
    withBuildId,
    keeping({ identity: "build-id:b0b0", crcs: otherCrcs }),
    {},
    "copy",
    { name: "crcs", verdict: "unknown" },
  ],
  [
    "other CRCs of its own build",
    withBuildId,
    keeping({ identity: `build-id:${buildId}`, crcs: otherCrcs }),
    {},
    "blocked",
    { name: "crcs", verdict: "refused" },
  ],
  [
    "distances that meet no symbol",
    {},
    { ...keeping({ identity: "package", crcs, map }), offers: new Map([[name, missing]]) },
    {},
    "blocked",
    { name: "offsets", verdict: "refused" },
  ],
])("proves what the store has against what the survey knows: %s", (_, more, stored, args, route, proof) => {
  const { vars, summary } = decide({ a: member(more) }, args, { stored });
  expect(vars.get("a")?.route).toBe(route);
  expect(summary).toMatchObject({
    proofs: [{ host: "a", artifact: name, proofs: expect.arrayContaining([expect.objectContaining(proof)]) }],
  });
});

test("says of the hosts of a kernel that what is kept of it is damaged", () => {
  const damaged: Inputs["stored"] = {
    ...stored,
    kept: new Map([[name, { kept: [], missing: { crcs: "kernels/x.json is damaged", map: "kernels/x.json is damaged" } }]]),
  };
  expect(decide({ a: member() }, {}, { stored: damaged }).summary).toMatchObject({
    proofs: [
      {
        host: "a",
        proofs: expect.arrayContaining([
          expect.objectContaining({ name: "vermagic", verdict: "holds" }),
          expect.objectContaining({ name: "crcs", verdict: "unknown", evidence: expect.stringContaining("kernels/x.json is damaged") }),
        ]),
      },
    ],
  });
});

test("refuses what may not be used, and proves nothing of what is not there", () => {
  const damaged: Inputs["stored"] = { ...stored, offers: new Map([[name, { kind: "damaged", problem: "truncated" }]]) };
  const { summary, stops } = decide({ a: member() }, {}, { stored: damaged });
  expect(summary).toMatchObject({ proofs: [{ host: "a", proofs: [{ name: "sha256", verdict: "refused", evidence: "truncated" }] }] });
  expect(stops.get("a")).toMatchObject({ verdict: "blocked", reason: expect.stringContaining("truncated") });
  expect(decide({ a: member() }, {}, { stored: noArtifacts }).summary).toMatchObject({ proofs: [] });
  const unreadable = { ...noArtifacts, offers: damaged.offers };
  expect(decide({ a: member() }, {}, { stored: unreadable }).stops.get("a")).toMatchObject({ verdict: "blocked" });
});

test("reads what the store has of the module, and what is kept of the kernels that it is for", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kofleet-plan-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const artifacts = openArtifactStore(join(folder, "artifacts"), unsigned);
  const kernels = openKernelStore(join(folder, "kernels"), () => new Date(0));
  const control: Control = { artifacts, kernels, contents: createContents(), run: "run-1", now: () => new Date(0) };
  const modinfo = [...exampleModinfo.filter((pair) => !/^(?:name|vermagic)=/.test(pair)), "name=hello", `vermagic=${vermagic}`];
  const bytes = writeModule({}, modinfo, { versions: { module_layout: 0x1f, kfree: 2 } });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await artifacts.add({ ...provenance, sha256, size: bytes.length }, bytes);
  await artifacts.add({ ...provenance, module: "other", sha256, size: bytes.length }, bytes);
  const { path } = await artifacts.add({ ...provenance, version: "2.0", sha256, size: bytes.length }, bytes);
  writeFileSync(join(dirname(path), "provenance.json"), "{");
  const origin = { key: kernelKeyOf(key), identity: "package", part: "crcs", source: "Module.symvers", host: "web1" } as const;
  await kernels.add(origin, gzipSync("0x0000001f\tmodule_layout\n0x00000002\tkfree\n"));

  const read = await rolloutPlan.inputs?.(rolloutPlan.args.parse({ manifest })).stored.read(control);
  expect(read).toMatchObject({
    provenances: new Map([[name, { sha256 }]]),
    offers: new Map<string, object>([
      [name, { kind: "sound", module: { name: "hello", sha256 } }],
      [artifactName({ ...key, version: "2.0" }), { kind: "damaged" }],
    ]),
    kept: new Map([[name, { kept: [{ identity: "package", crcs }] }]]),
  });
  expect(read && [...read.provenances.keys()]).toEqual([name]);
  expect(decide({ a: member() }, {}, read && { stored: read }).summary).toMatchObject({
    proofs: [{ artifact: name, proofs: expect.arrayContaining([expect.objectContaining({ name: "crcs", verdict: "holds" })]) }],
  });
});
