import { expect, test } from "vitest";
import type { SeenHost, SeenModule } from "../../src/commands/status_files.ts";
import { type Beside, rowOf } from "../../src/commands/status_row.ts";
import type { EnrolledKeys } from "../../src/facts/enrolled_keys.ts";
import type { ModuleFile } from "../../src/facts/module_file.ts";
import type { ModuleLoading } from "../../src/facts/module_loading.ts";
import { done, type HostSketch, kernelA, kernelB, manifest, srcversion, stored } from "../rollout/fleet_fixture.ts";

/** What a host tells on which nothing is left to do, unless sketched otherwise; modprobe takes the first file there is. */
function seen(sketch: HostSketch = {}, more: Partial<SeenModule> = {}): SeenModule {
  const { name: _, marks: __, ...told } = done("web1", sketch);
  const [file] = told.module.files;
  return {
    ...told,
    loading: file === undefined ? notFound : takes(file.path.replace("/usr", "")),
    nextIndex: undefined,
    bootFiles: {},
    removingHooks: [],
    ...more,
  };
}

const takes = (path: string): ModuleLoading => ({ target: { kind: "file", path, srcversion: undefined }, denial: undefined });
const notFound: ModuleLoading = { target: { kind: "missing" }, denial: undefined };

const marks = { canary: false };
const row = (answer: SeenHost | SeenModule, beside: Partial<Beside> = {}) =>
  rowOf({ name: "web1", answer }, { manifest, marks, certificate: undefined, stored: [], unproved: [], ...beside });
const judged = (answer: SeenModule) => {
  const { verdict, reason } = row(answer);
  return { verdict, reason };
};

test("a host on which nothing is left to do", () => {
  expect(row(seen())).toMatchObject({ onDisk: "1.0.0", loaded: "1.0.0", inInitramfs: true, atBoot: true, verdict: "ok" });
});

test.each<[what: string, sketch: HostSketch, reason: string]>([
  ["no file", { module: { files: [] } }, `no file for ${kernelA}`],
  ["no file for the next kernel", { next: kernelB }, `no file for ${kernelB}`],
  ["not loaded", { module: { loaded: undefined } }, "not loaded"],
  ["not loaded at boot", { module: { atBoot: false } }, "not loaded at boot"],
  ["no initramfs", { rest: { initramfs: "no-image" } }, "no initramfs"],
  ["not in the initramfs", { rest: { initramfs: "absent" } }, "not in the initramfs"],
  ["in an initramfs that will be made without it", { rest: { isListed: false } }, "the initramfs is not told to embed it"],
  [
    "a kernel that took harm",
    { rest: { trouble: { taint: ["D"], lines: ["BUG: x"], damage: ["BUG: x"], isReadable: true } } },
    "the kernel log tells of trouble with it: BUG: x",
  ],
])("what is wrong is named: %s", (_, sketch, reason) => {
  const { verdict, reason: told } = judged(seen(sketch));
  expect([verdict, told?.split("; ")]).toEqual(["failed", expect.arrayContaining([reason])]);
});

const otherBuild = { version: "1.0.0", srcversion, buildId: "c".repeat(40), users: 0, holders: [] };
const stripped = { srcversion, buildId: "b".repeat(40), sha256: "e".repeat(64) };
const otherSource = { ...otherBuild, srcversion: "OTHER", buildId: "b".repeat(40) };

test.each<[what: string, sketch: HostSketch, inInitramfs: boolean | "stale", reason: string | undefined]>([
  ["another build of the source is loaded", { module: { loaded: otherBuild } }, true, "another build is loaded than lies on disk"],
  ["a build of another source is loaded", { module: { loaded: otherSource } }, true, "another build is loaded than lies on disk"],
  ["what is loaded tells no build id", { module: { loaded: { ...otherBuild, buildId: undefined } } }, true, undefined],
  [
    "another build of the source is in the initramfs",
    { rest: { initramfs: { ...otherBuild, sha256: undefined } } },
    "stale",
    "another build is in the initramfs",
  ],
  [
    "a build of another source is in the initramfs",
    { rest: { initramfs: { ...otherSource, sha256: undefined } } },
    "stale",
    "another build is in the initramfs",
  ],
  // As dracut strips it.
  ["the same build is in the initramfs, in other bytes", { rest: { initramfs: stripped } }, true, undefined],
])("compares builds where %s", (_, sketch, inInitramfs, reason) => {
  expect(row(seen(sketch))).toMatchObject({ inInitramfs, verdict: reason === undefined ? "ok" : "failed" });
  expect(judged(seen(sketch)).reason).toBe(reason);
});

test("says what the module's own parts lack in an initramfs, and which hook works against it", () => {
  const lacking = seen({}, { bootFiles: { [kernelA]: { lacking: [] }, [kernelB]: { lacking: ["/usr/bin/dbdctl"] } } });
  expect(judged(lacking)).toEqual({ verdict: "failed", reason: `/usr/bin/dbdctl is not in the initramfs of ${kernelB}` });
  const unlisted = seen({}, { bootFiles: { [kernelA]: { lacking: [], problem: "nothing can list it" } } });
  expect(row(unlisted)).toMatchObject({ verdict: "ok", unknown: ["what else the initramfs holds: nothing can list it"] });
  const hook = "/etc/kernel/postinst.d/50-dattobd";
  const removed = { verdict: "ok", reason: `${hook} takes it out of dkms whenever a kernel is installed` };
  expect(judged(seen({}, { removingHooks: [hook] }))).toEqual(removed);
});

test("all that is wrong is named", () => {
  expect(judged(seen({ module: { loaded: undefined, atBoot: false } })).reason).toBe("not loaded; not loaded at boot");
});

test.each([
  ["a container", seen({ machine: { container: "lxc" } }), { verdict: "blocked", reason: "a container (lxc) has no kernel of its own" }],
  ["an inconclusive boot loader", seen({ next: undefined }), { verdict: "ok", reason: "which kernel boots next is not conclusive" }],
])("judges %s", (_, answer, judgement) => expect(judged(answer)).toEqual(judgement));

test("a host that is left out is skipped, also where it did not answer", () => {
  const beside = { manifest, marks: { canary: false, exempt: "a laptop" }, certificate: undefined, stored: [], unproved: [] };
  expect(rowOf({ name: "web1", answer: seen({ module: { loaded: undefined } }) }, beside)).toMatchObject({
    verdict: "skipped",
    reason: "a laptop",
  });
  expect(rowOf({ name: "web1", verdict: "unreachable", reason: "x" }, beside)).toEqual({
    host: "web1",
    verdict: "skipped",
    reason: "a laptop",
  });
});

const files = (...places: readonly string[]): ModuleFile[] =>
  places.map((place) => ({ ...done("web1").module.files[0]!, path: `/usr/lib/modules/${kernelA}/${place}` }));
const [dkms, extra] = [`/lib/modules/${kernelA}/updates/dkms/example.ko`, `/lib/modules/${kernelA}/extra/example.ko`];

test.each<[what: string, loading: ModuleLoading, row: object]>([
  [
    "the first",
    takes(dkms),
    {
      onDisk: "1.0.0",
      verdict: "ok",
      reason: `duplicates for ${kernelA}: modprobe takes /usr${dkms}, not /usr${extra}`,
      duplicates: [{ kernel: kernelA, taken: `/usr${dkms}`, others: [`/usr${extra}`] }],
    },
  ],
  [
    "the last, which is of another version",
    takes(extra),
    {
      onDisk: "0.9.0",
      verdict: "failed",
      reason: `0.9.0 on disk for ${kernelA}, not 1.0.0; another build is loaded than lies on disk; another build is in the initramfs; duplicates for ${kernelA}: modprobe takes /usr${extra}, not /usr${dkms}`,
      duplicates: [{ kernel: kernelA, taken: `/usr${extra}`, others: [`/usr${dkms}`] }],
    },
  ],
  [
    "none",
    notFound,
    {
      onDisk: undefined,
      verdict: "failed",
      reason: `depmod's index has no file for ${kernelA}; duplicates for ${kernelA}: /usr${dkms}, /usr${extra}`,
      duplicates: [{ kernel: kernelA, others: [`/usr${dkms}`, `/usr${extra}`] }],
    },
  ],
  [
    "none, as its host is told to",
    { ...notFound, denial: "install example /bin/true" },
    { onDisk: undefined, verdict: "ok", reason: `duplicates for ${kernelA}: /usr${dkms}, /usr${extra}` },
  ],
])("of several files it shows the one that modprobe takes, and names the others: %s", (_, loading, expected) => {
  const [first, last] = files("updates/dkms/example.ko", "extra/example.ko");
  const both = [first!, { ...last!, version: "0.9.0", buildId: "c".repeat(40) }];
  expect(row(seen({ module: { files: both } }, { loading }))).toMatchObject(expected);
});

test("a file that depmod has not indexed is shown, and is not what it should be", () => {
  expect(row(seen({}, { loading: notFound }))).toMatchObject({
    onDisk: "1.0.0",
    verdict: "failed",
    reason: `depmod's index has no file for ${kernelA}`,
  });
});

test.each<[listed: string | undefined, reason: string]>([
  [
    "extra/example.ko",
    `duplicates for ${kernelB}: modprobe takes /lib/modules/${kernelB}/extra/example.ko, not /lib/modules/${kernelB}/updates/example.ko`,
  ],
  [
    undefined,
    `depmod's index has no file for ${kernelB}; duplicates for ${kernelB}: /lib/modules/${kernelB}/updates/example.ko, /lib/modules/${kernelB}/extra/example.ko`,
  ],
])("for the kernel that boots next its index decides: %s", (listed, reason) => {
  const [own] = files("updates/dkms/example.ko");
  const ofNext = ["updates", "extra"].map((folder) => ({ ...own!, kernel: kernelB, path: `/lib/modules/${kernelB}/${folder}/example.ko` }));
  const host = seen({ next: kernelB, module: { files: [own!, ...ofNext] } }, { nextIndex: { listed, isFresh: true } });
  expect(judged(host).reason).toBe(reason);
});

test("files for other kernels are no duplicates", () => {
  const [own] = files("updates/dkms/example.ko");
  const older = { ...own!, kernel: kernelB, path: `/lib/modules/${kernelB}/updates/dkms/example.ko` };
  expect(row(seen({ module: { files: [older, own!] } }, { loading: takes(dkms) }))).toMatchObject({ verdict: "ok", duplicates: [] });
});

const certificate = { name: "Our fleet's key", serial: "01ff", subjectKeyId: "a0b1" };
const keys = (known: readonly string[], pending: EnrolledKeys["pending"] = { known: new Set() }): EnrolledKeys => ({
  keys: { known: new Set(known) },
  names: new Map(),
  pending,
});
const hidden: EnrolledKeys = { ...keys([]), keys: { missing: "it has no /proc/keys" } };
const noVariables = { missing: "its EFI variables are not mounted" };
const enforcing = { machine: { signatureEnforced: true } };
const free = { machine: { signatureEnforced: false } };

test.each<[what: string, sketch: HostSketch, enrolled: EnrolledKeys, signatures: object, unknown: readonly string[]]>([
  ["trusted, and wanted", enforcing, keys(["a0b1"]), { isEnforced: true, key: "enrolled" }, []],
  ["trusted, and not wanted", free, keys(["a0b1"]), { isEnforced: false, key: "enrolled" }, []],
  ["not trusted", free, keys(["a0b2"]), { isEnforced: false, key: "not enrolled" }, []],
  ["about to be trusted", free, keys([], { known: new Set(["a0b1"]) }), { isEnforced: false, key: "import pending" }, []],
  [
    "not trusted, with another one about to be",
    free,
    keys([], { known: new Set(["a0b2"]) }),
    { isEnforced: false, key: "not enrolled" },
    [],
  ],
  ["unknown", free, hidden, { isEnforced: false, key: "unknown" }, ["whether the fleet's key is enrolled: it has no /proc/keys"]],
  [
    "not trusted, and perhaps about to be",
    free,
    keys([], noVariables),
    { isEnforced: false, key: "not enrolled" },
    ["whether an import of the fleet's key is pending: its EFI variables are not mounted"],
  ],
])("tells of every host what becomes of the fleet's key: %s", (_, sketch, enrolled, signatures, unknown) => {
  const known = { signatures, unknown };
  expect(row(seen(sketch, { enrolled }), { certificate })).toMatchObject(known);
  const { host, machine } = seen(sketch);
  expect(row({ host, machine, enrolled }, { certificate, manifest: undefined })).toMatchObject({ ...known, verdict: "ok" });
});

test("where the fleet has no key, only what the kernel wants is told", () => {
  expect(row(seen(enforcing, { enrolled: hidden }))).toMatchObject({ signatures: { isEnforced: true, key: null }, unknown: [] });
  expect(row(seen({}, { enrolled: hidden }))).toMatchObject({ signatures: { isEnforced: false, key: null }, unknown: [] });
});

test("a container has no kernel of its own that could want signatures", () => {
  expect(row(seen({ machine: { container: "lxc" } }), { certificate })).toMatchObject({ signatures: null, unknown: [] });
});

test.each<[what: string, enrolled: EnrolledKeys, beside: Partial<Beside>, verdict: string, reason: string | undefined]>([
  ["the key is trusted", keys(["a0b1"]), { certificate }, "ok", undefined],
  [
    "the key is not trusted",
    keys([]),
    { certificate },
    "blocked",
    `its kernel loads signed modules only, and does not trust the key "Our fleet's key": bring`,
  ],
  [
    "nobody can tell",
    hidden,
    { certificate },
    "blocked",
    "its kernel loads signed modules only, and which keys it trusts can't be told: it has no /proc/keys",
  ],
  ["the fleet signs nothing", keys([]), {}, "blocked", "its kernel loads signed modules only, and the fleet signs none: set"],
  ["others signed what the store has", keys([]), { stored: [stored(kernelA)] }, "ok", undefined],
  [
    "others signed what the store has for another kernel",
    keys([]),
    { stored: [stored(kernelB)] },
    "blocked",
    "its kernel loads signed modules only",
  ],
  ["others signed another version", keys([]), { stored: [{ ...stored(kernelA), version: "0.9.0" }] }, "blocked", "its kernel loads"],
])("judges a kernel that loads signed modules only as the plan does: %s", (_, enrolled, beside, verdict, reason) => {
  const found = row(seen(enforcing, { enrolled }), beside);
  expect([found.verdict, found.reason?.slice(0, reason?.length)]).toEqual([verdict, reason]);
});

test("of a blocked host, what is wrong is named too", () => {
  const { verdict, reason } = row(seen({ ...enforcing, module: { loaded: undefined } }, { enrolled: keys([]) }), { certificate });
  expect([verdict, reason?.split("; ").at(-1)]).toEqual(["blocked", "not loaded"]);
});

test("a kernel log that can't be read is no kernel log without trouble", () => {
  const trouble = { taint: [], lines: [], damage: [], isReadable: false };
  expect(row(seen({ rest: { trouble } }))).toMatchObject({
    verdict: "ok",
    unknown: ["whether the kernel log tells of trouble with it: dmesg does not show it"],
  });
  expect(row(seen({ machine: { container: "lxc" }, rest: { trouble } }))).toMatchObject({ unknown: [] });
});

test("of a host's files, those that are not proved are named", () => {
  const unproved = [
    { host: "web1", unknown: "x: y" },
    { host: "web2", unknown: "z: y" },
  ];
  expect(row(seen(), { unproved })).toMatchObject({ verdict: "ok", unknown: ["x: y"] });
});
