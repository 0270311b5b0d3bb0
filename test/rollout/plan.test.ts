import fc from "fast-check";
import { expect, test } from "vitest";
import { artifactName, type Provenance } from "../../src/core/artifact.ts";
import type { FleetCertificate } from "../../src/core/input.ts";
import { type ProofName, proofNames } from "../../src/core/proof_names.ts";
import type { LoadedModule, ModuleFile } from "../../src/facts/module.ts";
import type { JudgedProof } from "../../src/kernel/proofs.ts";
import type { Wanted } from "../../src/rollout/current.ts";
import { type PlanOptions, planRollout, type RolloutPlan } from "../../src/rollout/plan.ts";
import { planView } from "../../src/rollout/plan_view.ts";
import { isCapable, type Surveyed } from "../../src/rollout/survey.ts";
import { done, type HostSketch, kernel, kernelA, kernelB, manifest, source, srcversion, stored, surveyed } from "./fleet_fixture.ts";

const options: PlanOptions = { allowUnsupported: false, autoCanary: false, waves: ["10%"] };
type Rest = Partial<PlanOptions & Pick<Wanted, "certificate" | "prove"> & { manifest: object }>;
const plan = (fleet: readonly Surveyed[], store: readonly Provenance[] = [], { manifest: more, certificate, prove, ...rest }: Rest = {}) =>
  planRollout(
    fleet,
    {
      manifest: { ...manifest, ...more },
      source,
      stored: new Map(store.map((one) => [artifactName(one), one])),
      certificate,
      prove: prove ?? (() => []),
    },
    { ...options, ...rest },
  );
const routes = ({ hosts }: RolloutPlan) =>
  Object.fromEntries(
    hosts.map(({ name, route }) => [name, route.kind === "copy" ? `copy from ${route.builders.join("+") || "store"}` : route.kind]),
  );
const reasonOf = (host: Surveyed, rest: Rest = {}) => plan([host], [], rest).hosts[0]?.reason;
const builder = (rest: HostSketch = {}) => surveyed("builder", { marks: { builder: true }, ...rest });

const [onDisk] = done("a").module.files as [ModuleFile];
const loaded = done("a").module.loaded as LoadedModule;

test("one builder serves hosts of its own kernel and of a kernel it does not run", () => {
  const result = plan([builder(), surveyed("plain1"), surveyed("plain2"), surveyed("other", { running: kernelB })]);
  expect(routes(result)).toEqual({
    builder: "build",
    plain1: "copy from builder",
    plain2: "copy from builder",
    other: "copy from builder",
  });
  const [first] = result.hosts;
  expect(first?.builds.map(({ kernel }) => kernel)).toEqual([kernelA, kernelB]);
  expect(first?.fetches).toEqual(first?.builds);
  expect(first?.packages).toEqual(["dkms", "gcc", "make", `linux-headers-${kernelA}`, `linux-headers-${kernelB}`]);
  expect(first?.compilers).toEqual(["gcc-12"]);
});

test("a builder is given the compiler of every kernel that it builds for and whose version it has not", () => {
  const gcc13 = { kernelCompilers: { [kernelB]: "gcc-13 (Debian 13.2.0-1) 13.2.0" } };
  const fleet = [surveyed("builder", { compiler: true }), surveyed("other", { running: kernelB, machine: gcc13 })];
  const [builder] = plan(fleet).hosts;
  expect(builder?.packages).toEqual(["dkms", `linux-headers-${kernelA}`, `linux-headers-${kernelB}`]);
  expect(builder?.compilers).toEqual(["gcc-13"]);
  const given = surveyed("builder", { compiler: true, machine: { versionedCompilers: ["gcc-12", "gcc-13"] } });
  expect(plan([given, ...fleet.slice(1)]).hosts[0]?.compilers).toEqual([]);
});

test("nothing is to be done where all is as it should be", () => {
  const installed = {
    dkms: [{ module: "example", version: "1.0.0", kernel: kernelA, architecture: "x86_64", state: "installed" as const }],
  };
  const result = plan([done("builder", { marks: { builder: true }, rest: installed }), done("plain")], [stored(kernelA)]);
  expect(routes(result)).toEqual({ builder: "current", plain: "current" });
  expect(result.waves).toEqual([]);
  expect(result.hosts.flatMap(({ builds, fetches, packages }) => [...builds, ...fetches, ...packages])).toEqual([]);
});

test("an artifact of the store is used before anything is built", () => {
  expect(routes(plan([surveyed("plain")], [stored(kernelA)]))).toEqual({ plain: "copy from store" });
});

test("a host that built for itself has a build of its own", () => {
  const installed = [{ module: "example", version: "1.0.0", kernel: kernelA, architecture: "x86_64", state: "installed" as const }];
  const own = { module: { files: [{ ...onDisk, sha256: "e".repeat(64) }] }, rest: { dkms: installed } };
  const planned = (sketch: HostSketch) => routes(plan([done("builder", { marks: { builder: true }, ...sketch })], [stored(kernelA)]));
  expect(planned(own)).toEqual({ builder: "current" });
  const rival = { ...onDisk, path: onDisk.path.replace("/dkms", ""), sha256: "d".repeat(64) };
  expect(planned({ ...own, module: { files: [...own.module.files, rival] } })).toEqual({ builder: "build" });
});

test("an artifact for another build of the same kernel release does not fit", () => {
  expect(routes(plan([surveyed("plain")], [{ ...stored(kernelA), kernelPackage: "another" }]))).toEqual({ plain: "blocked" });
});

test("of hosts with one kernel only the first brings its build into the store", () => {
  const result = plan([surveyed("a", { compiler: true }), surveyed("b", { compiler: true })]);
  expect(routes(result)).toEqual({ a: "build", b: "build" });
  expect(result.hosts.map(({ fetches }) => fetches.length)).toEqual([1, 0]);
});

test("build: once makes one build serve the hosts that could build, too", () => {
  const result = plan([surveyed("a", { compiler: true }), surveyed("b", { compiler: true })], [], { manifest: { build: "once" } });
  expect(routes(result)).toEqual({ a: "copy from a", b: "copy from a" });
  expect(result.hosts.map(({ builds }) => builds.length)).toEqual([1, 0]);
});

test("builder: false always wins, also over a compiler", () => {
  expect(routes(plan([surveyed("a", { compiler: true, marks: { builder: false } })]))).toEqual({ a: "blocked" });
});

test("a host is served for the running and for the next kernel", () => {
  const result = plan([builder(), surveyed("plain", { running: kernelB, next: kernelA })]);
  expect(result.hosts[1]?.keys.map(({ kernel }) => kernel)).toEqual([kernelB, kernelA]);
});

test.each<[string, HostSketch]>([
  ["no file", { module: { files: [] } }],
  ["not loaded", { module: { loaded: undefined } }],
  ["another source's build loaded", { module: { loaded: { ...loaded, srcversion: "OTHER", buildId: undefined } } }],
  ["another build of the source loaded", { module: { loaded: { ...loaded, buildId: "c".repeat(40) } } }],
  ["another build of the source on disk", { module: { files: [{ ...onDisk, sha256: "e".repeat(64) }] } }],
  ["modprobe takes another file", { rest: { index: { listed: "updates/example.ko", isFresh: true } } }],
  ["modprobe's index is older than the file", { rest: { index: { listed: "updates/dkms/example.ko", isFresh: false } } }],
  ["not at boot", { module: { atBoot: false } }],
  ["not in the initramfs", { rest: { initramfs: "absent" } }],
  ["another build in the initramfs", { rest: { initramfs: { srcversion: "OTHER", buildId: undefined, sha256: undefined } } }],
  ["another build of the source in the initramfs", { rest: { initramfs: { srcversion, buildId: "c".repeat(40), sha256: undefined } } }],
  ["another kernel boots next", { next: kernelB }],
  ["the next kernel is not conclusive", { next: undefined }],
])("is not current: %s", (_, sketch) => {
  expect(routes(plan([done("a", sketch)], [stored(kernelA), stored(kernelB)]))).toEqual({ a: "copy from store" });
});

const harmed = { taint: ["D"], lines: ["BUG: x"], damage: ["BUG: x"], isReadable: true };

test.each<[string, Surveyed, string]>([
  ["a container", surveyed("a", { machine: { container: "lxc" } }), "it is a container (lxc)"],
  [
    "a full /boot",
    surveyed("a", { machine: { freeBytes: { boot: 1000, modules: 1e9, dkms: 1e9 } } }),
    "/boot has 0 MiB free, a new initramfs needs 28 MiB",
  ],
  ["no builder", surveyed("a"), `no builder for debian 12 ${kernelA} x86_64: set "builder: true" on one such host, or import an artifact`],
  [
    "signatures enforced",
    surveyed("a", { machine: { signatureEnforced: true } }),
    "loads signed modules only, and the fleet signs none: set",
  ],
  [
    "a kernel whose package was replaced since it was started",
    surveyed("a", { machine: { kernels: [{ ...kernel(kernelA), startedVersion: "6.1.1-1" }] } }),
    `its kernel ${kernelA} was started as version 6.1.1-1, and ${kernel(kernelA).packageVersion} lies on its disk since: reboot it`,
  ],
  [
    "a host that the module did harm, though all is done there",
    done("a", { rest: { trouble: harmed } }),
    "its kernel log tells of trouble with example since it was loaded: BUG: x",
  ],
  ["a kernel that is not on disk", surveyed("a", { machine: { kernels: [] } }), "is not installed on its disk"],
])("blocks %s, with the way out", (_, host, reason) => {
  expect(plan([host]).hosts[0]?.route.kind).toBe("blocked");
  expect(reasonOf(host)).toContain(reason);
});

test("does not hold against another version what the one that is loaded did", () => {
  const old = done("a", { rest: { trouble: harmed } });
  const host = {
    ...old,
    module: { ...old.module, loaded: old.module.loaded && { ...old.module.loaded, version: "0.9.0", srcversion: "OLD" } },
  };
  expect(routes(plan([host], [stored(kernelA)]))).toEqual({ a: "copy from store" });
});

test("blocks what the manifest does not support, unless that is overridden", () => {
  const supported = [{ distribution: "debian", versions: ["12"], kernels: ">=5.15 <=6.0" }];
  expect(reasonOf(builder(), { manifest: { supported } })).toContain(`supports kernels >=5.15 <=6.0 on debian 12, not ${kernelA}`);
  const allowed = plan([builder(), done("leftOut", { marks: { exempt: "test" } })], [], {
    manifest: { supported },
    allowUnsupported: true,
  });
  expect(routes(allowed)).toEqual({ builder: "build", leftOut: "skipped" });
  const unsupported = `example supports kernels >=5.15 <=6.0 on debian 12, not ${kernelA}`;
  expect(planView(allowed, manifest).hosts.map(({ overridden }) => overridden)).toEqual([unsupported, undefined]);
  const fits = { manifest: { supported: [{ distribution: "debian", versions: [], kernels: "*" }] }, allowUnsupported: true };
  expect(plan([builder()], [], fits).hosts.map(({ overridden }) => overridden)).toEqual([undefined]);
  expect(reasonOf(builder({ version: "13" }), { manifest: { supported } })).toContain("does not support debian 13");
});

const certificate: FleetCertificate = { name: "the fleet's key", serial: "0a", subjectKeyId: "bb", hasSigned: () => true };
const enforcing = (keys: Surveyed["enrolled"]["keys"], rest: HostSketch = {}) =>
  surveyed("a", {
    machine: { signatureEnforced: true },
    ...rest,
    rest: { enrolled: { keys, names: new Map(), pending: { known: new Set() } } },
  });

test.each<[what: string, host: Surveyed, route: string, reason: string]>([
  ["trusts the fleet's key", enforcing({ known: new Set(["bb"]) }), "copy from store", ""],
  ["does not", enforcing({ known: new Set(["0a", "cc"]) }), "blocked", `does not trust the key "the fleet's key": bring the certificate`],
  ["does not tell", enforcing({ missing: "it has no /proc/keys" }), "blocked", "which keys it trusts can't be told: it has no /proc/keys"],
])("of a kernel that loads signed modules only: one that %s", (_, host, route, reason) => {
  const result = plan([host], [stored(kernelA)], { certificate });
  expect(routes(result)).toEqual({ a: route });
  expect(result.hosts[0]?.reason).toContain(reason);
});

test("where others sign what is in the store, its proofs decide", () => {
  const host = enforcing({ known: new Set(["bb"]) });
  expect(routes(plan([host], [stored(kernelA)]))).toEqual({ a: "copy from store" });
  expect(routes(plan([host], [stored(kernelA)], { prove: () => proofsBut("signature", "refused") }))).toEqual({ a: "blocked" });
});

test("a builder whose kernel loads signed modules only is given what was signed here", () => {
  const host = enforcing({ known: new Set(["bb"]) }, { compiler: true });
  expect(routes(plan([host], [], { certificate }))).toEqual({ a: "copy from a" });
});

test("where builders hold the key, one whose kernel loads signed modules only builds for itself", () => {
  const host = enforcing({ known: new Set(["bb"]) }, { compiler: true });
  expect(routes(plan([host], [], { certificate: { name: "k", serial: "0a", subjectKeyId: "bb", isOnBuilders: true } }))).toEqual({
    a: "build",
  });
});

test("builds also what is built against a symbol map", () => {
  expect(routes(plan([builder(), surveyed("plain")], [], { manifest: { needs: ["system_map"] } }))).toEqual({
    builder: "build",
    plain: "copy from builder",
  });
});

/** Proofs that all hold, but for one. */
const proofsBut = (name: ProofName, verdict: JudgedProof["verdict"], rest: Partial<JudgedProof> = {}): readonly JudgedProof[] =>
  proofNames.map((each) =>
    each === name ? { name, verdict, evidence: `${name}!`, ...rest } : { name: each, verdict: "holds", evidence: "" },
  );
const installed = {
  dkms: [{ module: "example", version: "1.0.0", kernel: kernelA, architecture: "x86_64", state: "installed" as const }],
};
const name = artifactName(stored(kernelA));

test.each<[what: string, host: Surveyed, proofs: readonly JudgedProof[], route: string]>([
  ["a copy of what holds", surveyed("a"), proofsBut("crcs", "holds"), "copy from store"],
  ["no copy of what is refused", surveyed("a"), proofsBut("crcs", "refused"), "blocked"],
  ["a copy of what is refused and allowed", surveyed("a"), proofsBut("crcs", "refused", { allowed: true }), "copy from store"],
  ["a copy of what is not known yet", surveyed("a"), proofsBut("offsets", "unknown"), "copy from store"],
  ["a build of its own instead of what is refused", surveyed("a", { compiler: true }), proofsBut("crcs", "refused"), "build"],
  ["a host where all is done", done("a"), proofsBut("crcs", "holds"), "current"],
  ["a host where all is done but what is there is refused", done("a"), proofsBut("offsets", "refused"), "blocked"],
  [
    "a builder where all is done, which needs nothing of what is refused",
    done("a", { compiler: true, rest: installed }),
    proofsBut("offsets", "refused"),
    "current",
  ],
])("of what the store has: %s", (_, host, proofs, route) => {
  const result = plan([host], [stored(kernelA)], { prove: () => proofs });
  expect(routes(result)).toEqual({ a: route });
  expect(result.hosts[0]?.proofs).toEqual([{ artifact: name, proofs }]);
  expect(planView(result, manifest).proofs).toEqual([{ host: "a", artifact: name, proofs }]);
});

test("says what is refused, and how to have it built again", () => {
  expect(plan([surveyed("a")], [stored(kernelA)], { prove: () => proofsBut("crcs", "refused") }).hosts[0]?.reason).toBe(
    `the artifact ${name} does not fit: crcs refused: crcs!; "kofleet artifacts prune ${name}" has it built again`,
  );
});

test("proves for each host, and for each kernel that it is served for", () => {
  const asked: string[] = [];
  const prove: Wanted["prove"] = (host, { kernel }) => {
    asked.push(`${host.name} ${kernel}`);
    return host.name === "a" && kernel === kernelB ? proofsBut("vermagic", "refused") : [];
  };
  const fleet = [surveyed("a", { running: kernelA, next: kernelB }), surveyed("b")];
  const result = plan(fleet, [stored(kernelA), stored(kernelB)], { prove });
  expect(asked).toEqual([`a ${kernelA}`, `a ${kernelB}`, `b ${kernelA}`]);
  expect(routes(result)).toEqual({ a: "blocked", b: "copy from store" });
  expect(result.hosts.map(({ proofs }) => proofs.map(({ artifact }) => artifact))).toEqual([[artifactName(stored(kernelB))], []]);
});

test("proves nothing for a host that is left out", () => {
  const prove = () => {
    throw new Error("it was asked");
  };
  expect(routes(plan([surveyed("a", { marks: { exempt: "is sold" } })], [stored(kernelA)], { prove }))).toEqual({ a: "skipped" });
});

test("an exempt host is skipped with its reason, and builds for nobody", () => {
  const result = plan([builder({ marks: { builder: true, exempt: "is sold" } }), surveyed("plain")]);
  expect(routes(result)).toEqual({ builder: "skipped", plain: "blocked" });
  expect(result.hosts[0]?.reason).toBe("is sold");
});

test("who only builds serves the others and gets nothing, whatever it runs", () => {
  const only = (rest: HostSketch = {}) => surveyed("only", { marks: { builder: "only" }, machine: { container: "lxc" }, ...rest });
  const result = plan([only(), surveyed("plain"), surveyed("other", { running: kernelB })]);
  expect(routes(result)).toEqual({ only: "skipped", plain: "copy from only", other: "copy from only" });
  const [first] = result.hosts;
  expect(first?.reason).toBe("it only builds, for others");
  expect(first?.builds.map(({ kernel }) => kernel)).toEqual([kernelA, kernelB]);
  expect(first?.fetches).toEqual(first?.builds);
  expect(result.waves.flat()).toEqual(["plain", "other"]);
  expect(routes(plan([only({ marks: { builder: "only", exempt: "is sold" } }), surveyed("plain")]))).toEqual({
    only: "skipped",
    plain: "blocked",
  });
});

const sketches = fc.record({
  running: fc.constantFrom(kernelA, kernelB),
  version: fc.constantFrom("11", "12"),
  compiler: fc.boolean(),
  isDone: fc.boolean(),
  builder: fc.constantFrom(true, false, "only" as const, undefined),
  canary: fc.boolean(),
  exempt: fc.constantFrom(undefined, undefined, "no"),
});
const fleets = fc.array(sketches, { maxLength: 12 }).map((all) =>
  all.map(({ isDone, builder: mark, canary, exempt, ...sketch }, index) => {
    const marks = { canary, ...(mark !== undefined && { builder: mark }), ...(exempt && { exempt }) };
    return (isDone ? done : surveyed)(`host${index}`, { ...sketch, marks });
  }),
);
const stores = fc.subarray([stored(kernelA), stored(kernelB), stored(kernelA, "debian 11"), stored(kernelB, "debian 11")]);

test("for any fleet: each host has one route, each copy a source, each acting host one wave, each fetch one builder", () => {
  fc.assert(
    fc.property(fleets, stores, fc.boolean(), (fleet, store, autoCanary) => {
      const result = plan(fleet, store, { autoCanary });
      const known = new Set(store.map(artifactName));
      const built = new Map(
        result.hosts.flatMap(({ name, builds }) => builds.map((key) => [`${name} ${artifactName(key)}`, key] as const)),
      );
      expect(result.hosts.map(({ name }) => name)).toEqual(fleet.map(({ name }) => name));
      for (const { name, route, keys, reason } of result.hosts) {
        expect(reason).not.toBe("");
        if (route.kind === "copy")
          for (const key of keys)
            expect(known.has(artifactName(key)) || route.builders.some((by) => built.has(`${by} ${artifactName(key)}`))).toBe(true);
        if (route.kind === "build") for (const key of keys) expect(built.has(`${name} ${artifactName(key)}`)).toBe(true);
      }
      for (const { name, builds } of result.hosts)
        if (builds.length > 0) expect(isCapable(fleet.find((host) => host.name === name)!)).toBe(true);
      const acting = result.hosts.filter(({ route }) => route.kind === "build" || route.kind === "copy").map(({ name }) => name);
      expect(result.waves.flat().toSorted()).toEqual(acting.toSorted());
      const fetched = result.hosts.flatMap(({ fetches }) => fetches.map(artifactName));
      expect(new Set(fetched).size).toBe(fetched.length);
      expect(plan(fleet, store, { autoCanary })).toEqual(result);
    }),
  );
});
