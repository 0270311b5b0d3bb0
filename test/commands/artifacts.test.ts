import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test, vi } from "vitest";
import { exportArtifact } from "../../src/commands/artifact_export.ts";
import { importArtifacts } from "../../src/commands/artifact_import.ts";
import { listArtifacts } from "../../src/commands/artifact_list.ts";
import { pruneArtifacts } from "../../src/commands/artifact_prune.ts";
import { publishArtifacts } from "../../src/commands/artifact_publish.ts";
import { showArtifact } from "../../src/commands/artifact_show.ts";
import { verifyArtifacts } from "../../src/commands/artifact_verify.ts";
import { artifactName, type Origin, type Provenance } from "../../src/core/artifact.ts";
import { kernelKeyOf } from "../../src/core/kernel_evidence.ts";
import { writeTar } from "../../src/core/tar_writer.ts";
import { openArtifactStore } from "../../src/store/artifacts.ts";
import { openKernelStore } from "../../src/store/kernel_store.ts";
import { packFiles } from "../../src/store/package_archive.ts";
import type { Signing } from "../../src/store/provenance_signature.ts";
import { exampleModinfo, writeModule } from "../kernel/elf_writer.ts";
import { startServer } from "../remote/ssh_server.ts";
import { kernel, log, module, partsOf, provenance, sha256 } from "../store/package_fixture.ts";
import { signer, unsigned } from "../store/signing_fixture.ts";
import { type TestConsole, testConsole } from "./console_fixture.ts";

const color = { color: true };
const short = provenance.sha256.slice(0, 12);
const name = artifactName(provenance);
const unowned = writeModule({}, [...exampleModinfo, "author=another build"]);

const consoleOf = (...answers: readonly string[]): TestConsole => testConsole(answers, { PATH: process.env.PATH ?? "" });
const storeOf = ({ folder }: TestConsole, signing: Signing = unsigned) =>
  openArtifactStore(join(folder, ".local/share/kofleet/artifacts"), signing);

/** A console whose store has the example, with something of its provenance changed. */
async function stocked(more: Partial<Provenance> = {}, signing?: Signing, ...answers: readonly string[]): Promise<TestConsole> {
  const console = consoleOf(...answers);
  const { provenance: given } = partsOf(more);
  await storeOf(console, signing).add(given, module, log.toString());
  return console;
}

const homeOf = (console: TestConsole): string => join(storeOf(console).folder, name);

test("list shows a row for each artifact, and says so where there is none", async () => {
  const console = await stocked();
  expect(await listArtifacts(color, console)).toBe(0);
  expect(console.printed().replace(short, "SHA256SHA256")).toMatchInlineSnapshot(`
    "SHA256        MODULE     VERSION  KERNEL                PACKAGE    DISTRIBUTION  ARCH    BUILT AT           BUILDER  SIGNED  SIZE
    SHA256SHA256  my-module  1.2.3    6.1.0-37-cloud-amd64  6.1.140-1  debian 12     x86_64  2026-11-22T20:15Z  build1   no      2 kB
    "
  `);
  const empty = consoleOf();
  await listArtifacts(color, empty);
  expect(empty.told()).toContain("no artifacts in");
});

test("list --json has all of the provenance; a damaged folder is told, and hides nothing", async () => {
  const console = await stocked();
  mkdirSync(join(storeOf(console).folder, "broken"));
  writeFileSync(join(storeOf(console).folder, "broken", "provenance.json"), "{");
  expect(await listArtifacts({ ...color, json: true }, console)).toBe(0);
  expect(JSON.parse(console.printed())).toEqual({ name, provenance, signature: { kind: "unsigned" } });
  expect(console.told()).toMatch(/broken\/provenance.json is not a provenance/);
});

test("show tells provenance, module, and where its log is", async () => {
  const console = await stocked();
  expect(await showArtifact(short, color, console)).toBe(0);
  const text = console
    .printed()
    .replaceAll(console.folder, "HOME")
    .replaceAll(/[0-9a-f]{64}/g, "DIGEST")
    .replaceAll(/(stored at +).*/g, "$1NOW");
  expect(text).toMatchInlineSnapshot(`
    "distribution              debian 12
    kernel                    6.1.0-37-cloud-amd64
    kernel package            6.1.140-1
    architecture              x86_64
    module                    my-module
    version                   1.2.3
    source                    DIGEST
    sha256                    DIGEST
    size                      1608
    vermagic                  6.1.0-37-cloud-amd64 SMP preempt mod_unload modversions
    srcversion                533BB7E5866E52F63B9ACCB
    log                       DIGEST
    origin                    built
    built builder             build1
    built compiler            gcc 12
    built at                  2026-11-22T20:15:30.000Z
    built run                 20261122-201530-4f3a
    signed                    no
    module build id           0123456789abcdef0123456789abcdef01234567
    module license            GPL
    module depends            none
    module signature          none
    module crcs               3
    module undefined symbols  2
    module kfree distances    0
    module hidden distances   none
    file                      HOME/.local/share/kofleet/artifacts/my-module@1.2.3@6.1.0-37-cloud-amd64@6.1.140-1@x86_64@debian_12@555555555555/DIGEST.ko
    build log                 HOME/.local/share/kofleet/artifacts/my-module@1.2.3@6.1.0-37-cloud-amd64@6.1.140-1@x86_64@debian_12@555555555555/DIGEST.log
    stored at                 NOW
    "
  `);
  const json = await stocked();
  await showArtifact("my-module", { ...color, json: true }, json);
  expect(JSON.parse(json.printed())).toMatchObject({ name, provenance, module: { crcs: 3 }, log: expect.stringContaining(sha256(log)) });
});

test("an unknown word, and one that means several, is answered with what there is", async () => {
  const console = await stocked();
  await storeOf(console).add(partsOf({ kernelPackage: "6.1.147-1" }).provenance, module);
  await expect(showArtifact("my-modul", color, console)).rejects.toThrow('no artifact is called "my-modul" (did you mean "my-module"?)');
  await expect(showArtifact("my-module", color, console)).rejects.toThrow(/means 2 artifacts.*\n {2}.*6\.1\.140-1.*\n {2}.*6\.1\.147-1/);
});

test("verify has a line for each check, and exit code 2 for what is refused", async () => {
  const console = await stocked();
  expect(await verifyArtifacts([], color, console)).toBe(0);
  expect(console.printed().replaceAll(/[0-9a-f]{64}/g, "DIGEST")).toMatchInlineSnapshot(`
    "my-module@1.2.3@6.1.0-37-cloud-amd64@6.1.140-1@x86_64@debian_12@555555555555
      holds    sha256      "DIGEST"
      holds    machine     "x86_64"
      holds    name        "my_module"
      holds    vermagic    "6.1.0-37-cloud-amd64 SMP preempt mod_unload modversions "
      holds    kernel      "6.1.0-37-cloud-amd64"
      holds    version     "1.2.3"
      holds    srcversion  "533BB7E5866E52F63B9ACCB"
      holds    log         "DIGEST"
      unknown  signed      its provenance is not signed
      unknown  crcs        it wants 3 CRCs, but the host's are not known: none of its hosts was asked yet
      unknown  offsets     it reaches no symbol by its distance from kfree, and whether it must is not known: give -m MANIFEST, that of my-module 1.2.3
    "
  `);
  writeFileSync(join(homeOf(console), `${provenance.sha256}.ko`), module.subarray(0, 100));
  writeFileSync(join(homeOf(console), `${sha256(log)}.log`), "other");
  expect(await verifyArtifacts([name], { ...color, json: true }, console)).toBe(2);
  const { checks } = JSON.parse(console.printed().trimEnd().split("\n").at(-1) ?? "") as { checks: { name: string; verdict: string }[] };
  expect(checks.filter(({ verdict }) => verdict === "refused").map((check) => check.name)).toEqual(["module", "log"]);
});

const needy = "needs: [system_map]\n";
const at = "2026-11-22T20:15:30.000Z";
const brought: Origin = { kind: "imported", by: "ada", from: "x.tar.gz", file: "f".repeat(64), at };
const seen: Origin = { kind: "built", builder: "build1", symbolMap: "a".repeat(64), at, run: "r" };

test.each<[what: string, origin: Origin, manifest: string | undefined, code: number, line: RegExp]>([
  [
    "knows not whether an imported module needs a map",
    brought,
    undefined,
    0,
    /unknown +offsets .*give -m MANIFEST, that of my-module 1\.2\.3$/m,
  ],
  [
    "refuses an imported one that reaches nothing, where its manifest needs a map",
    brought,
    needy,
    2,
    /refused +offsets +it was built without a/,
  ],
  ["takes an imported one whose manifest needs none", brought, "", 0, /holds +offsets +it reaches no symbol/],
  ["refuses a build against a map that reaches nothing", seen, undefined, 2, /refused +offsets +it was built without a symbol map/],
  ["takes the manifest's word before that of a build", seen, "", 0, /holds +offsets +it reaches no symbol/],
])("verify %s", async (_, origin, manifest, code, line) => {
  const console = await stocked({ origin });
  withVendor(console);
  if (manifest !== undefined) writeFileSync(manifestOf(console), `${readFileSync(manifestOf(console), "utf8")}${manifest}`);
  expect(await verifyArtifacts([], { ...color, ...(manifest !== undefined && { manifest: manifestOf(console) }) }, console)).toBe(code);
  expect(console.printed()).toMatch(line);
});

test("verify proves by a manifest only what is of its module and version, and says so where nothing is", async () => {
  const console = await stocked();
  withVendor(console);
  const options = { ...color, manifest: manifestOf(console) };
  const other = writeModule(
    {},
    exampleModinfo.map((pair) => pair.replace("1.2.3", "1.2.4")),
    { versions: { module_layout: 1 } },
  );
  await storeOf(console).add(partsOf({ version: "1.2.4" }, other).provenance, other);
  expect(await verifyArtifacts([], options, console)).toBe(0);
  expect(console.printed()).toMatch(/holds +offsets[^@]*@1\.2\.4@[^@]*.*unknown +offsets .*that of my-module 1\.2\.4/s);
  await expect(verifyArtifacts(["my-module@1.2.4"], options, console)).rejects.toThrow(
    "m.yaml:1:1: it is of my-module 1.2.3, and nothing of",
  );
});

const symvers = "0x00000001\tmodule_layout\n0x00000002\tkfree\n0x00000003\t_printk\n";

test.each<[what: string, text: string, code: number, line: RegExp]>([
  ["agrees with", symvers, 0, /holds +crcs +all 3 CRCs are those of Module\.symvers/],
  ["differs from", symvers.replace("2\tkfree", "9\tkfree"), 2, /refused +crcs +CRCs that differ from Module\.symvers, 1 of 3: kfree is/],
  ["is not covered by", "0x00000001\tmodule_layout\n", 0, /unknown +crcs +CRCs that Module\.symvers does not cover, 2 of 3/],
])("verify proves a module that %s what is kept of its kernel", async (_, text, code, line) => {
  const console = await stocked();
  const kernels = openKernelStore(join(console.folder, ".local/share/kofleet/kernels"), () => new Date(0));
  const origin = { key: kernelKeyOf(provenance), identity: "package", part: "crcs", source: "Module.symvers", host: "web1" } as const;
  await kernels.add(origin, gzipSync(text));
  expect(await verifyArtifacts([], color, console)).toBe(code);
  expect(console.printed()).toMatch(line);
});

test("verify knows who signed, and refuses the unsigned where the settings do", async () => {
  const ada = signer("ada@fleet");
  const console = await stocked({}, { ...unsigned, key: ada.key });
  console.write("kofleet.yaml", `allowed_signers: ${ada.allowedSigners}\nrequire_signed: true\n`);
  expect(await verifyArtifacts([], color, console)).toBe(0);
  expect(console.printed()).toMatch(/holds +signed +by ada@fleet/);
  const other = await stocked();
  other.write("kofleet.yaml", "require_signed: true\n");
  expect(await verifyArtifacts([], color, other)).toBe(2);
  expect(other.printed()).toMatch(/refused +signed +its provenance is not signed/);
});

test("verify takes a signature for unknown until somebody says who may sign, and refuses a stranger's", async () => {
  const [ada, eve] = [signer("ada@fleet"), signer("eve@fleet")];
  const console = await stocked({}, { ...unsigned, key: ada.key });
  expect(await verifyArtifacts([], color, console)).toBe(0);
  expect(console.printed()).toMatch(/unknown +signed +signed, but allowed_signers does not say by whom/);
  await showArtifact(short, color, console);
  expect(console.printed()).toMatch(/^signed +unknown: signed, but/m);
  console.write("kofleet.yaml", "require_signed: true\n");
  expect(await verifyArtifacts([], color, console)).toBe(2);
  console.write("kofleet.yaml", `allowed_signers: ${eve.allowedSigners}\n`);
  expect(await verifyArtifacts([], color, console)).toBe(2);
  expect(console.printed()).toMatch(/refused +signed +no signer that/);
});

test("verify tells what is missing, and what is damaged", async () => {
  const console = await stocked();
  rmSync(join(homeOf(console), `${sha256(log)}.log`));
  expect(await verifyArtifacts([], color, console)).toBe(0);
  expect(console.printed()).toMatch(/unknown +log +the build's log is not in the store/);
  rmSync(join(homeOf(console), `${provenance.sha256}.ko`));
  expect(await verifyArtifacts([], color, console)).toBe(2);
  expect(console.printed()).toMatch(/refused +module +.* is missing/);
  writeFileSync(join(homeOf(console), "provenance.json"), "{");
  expect(await verifyArtifacts([], color, console)).toBe(2);
  expect(console.printed()).toMatch(/refused +provenance +.* is not a provenance/);
  const empty = consoleOf();
  expect(await verifyArtifacts([], color, empty)).toBe(0);
});

test("what is exported is imported elsewhere as it was, signed as it was; twice changes nothing", async () => {
  const ada = signer("ada@fleet");
  const from = await stocked({}, { ...unsigned, key: ada.key });
  const to = consoleOf();
  to.write("kofleet.yaml", `allowed_signers: ${ada.allowedSigners}\n`);
  expect(await exportArtifact(short, to.folder, color, from)).toBe(0);
  expect(await importArtifacts([`${name}.tar.gz`], color, to)).toBe(0);
  expect(await importArtifacts([`${name}.tar.gz`], color, to)).toBe(0);
  expect(to.printed()).toBe(
    `${name}.tar.gz: imported: ${short} ${name} (signed: by ada@fleet)\n${name}.tar.gz: already there: ${short} ${name} (signed: by ada@fleet)\n`,
  );
  expect(readdirSync(homeOf(to)).sort()).toEqual(readdirSync(homeOf(from)).sort());
});

test("an export never overwrites a file unless it is forced", async () => {
  const console = await stocked();
  const file = console.write("x.tar.gz", "mine");
  await expect(exportArtifact(short, "x.tar.gz", color, console)).rejects.toThrow(`${file} is there already: --force replaces it`);
  expect(readFileSync(file, "utf8")).toBe("mine");
  expect(await exportArtifact(short, "x.tar.gz", { ...color, force: true, json: true }, console)).toBe(0);
  expect(JSON.parse(console.printed())).toEqual({ name, path: file });
  await expect(exportArtifact(short, "no/such/folder", color, console)).rejects.toThrow("cannot write");
});

test("a damaged artifact is not exported", async () => {
  const console = await stocked();
  writeFileSync(join(homeOf(console), `${provenance.sha256}.ko`), "hello");
  await expect(exportArtifact(short, "x.tar.gz", color, console)).rejects.toThrow("it is not an ELF file");
  expect(existsSync(join(console.folder, "x.tar.gz"))).toBe(false);
});

test("another build for a key replaces the first only by force", async () => {
  const console = await stocked();
  const other = consoleOf();
  await storeOf(other).add(partsOf({}, unowned).provenance, unowned);
  await exportArtifact(name, join(console.folder, "other.tar.gz"), color, other);
  expect(await importArtifacts(["other.tar.gz"], color, console)).toBe(2);
  expect(console.told()).toMatch(/the store has another build of it, .*--force replaces it/);
  expect(await importArtifacts(["other.tar.gz"], { ...color, force: true, json: true }, console)).toBe(0);
  expect(JSON.parse(console.printed())).toMatchObject({ from: "other.tar.gz", state: "replaced", signed: "no" });
});

test("of one build that comes twice the first counts, unless only the second is signed", async () => {
  const origin = { kind: "built", builder: "build2", at: provenance.origin.at, run: "r" } as const;
  const [console, plain] = [await stocked(), await stocked({ origin })];
  const [first, second] = [
    await stocked({}, { ...unsigned, key: signer("a").key }),
    await stocked({ origin }, { ...unsigned, key: signer("b").key }),
  ];
  for (const [file, from] of Object.entries({ plain, first, second })) await exportArtifact(name, join(console.folder, file), color, from);
  const stateOf = async (file: string): Promise<string | undefined> => {
    await importArtifacts([file], { ...color, json: true }, console);
    return /"state":"([^"]*)"/.exec(console.printed().trimEnd().split("\n").at(-1) ?? "")?.[1];
  };
  expect([await stateOf("plain"), await stateOf("second"), await stateOf("plain")]).toEqual(["already there", "replaced", "already there"]);
  expect(await importArtifacts(["first"], color, console)).toBe(2);
  expect(console.told()).toContain("the store has it with another provenance, signed too");
});

test("a vendor's package without provenance is recorded as what it is", async () => {
  const console = consoleOf();
  const bytes = packFiles([{ path: "my-module.ko", bytes: module }]);
  writeFileSync(join(console.folder, "x.tar.gz"), bytes);
  expect(await importArtifacts(["x.tar.gz", "absent"], color, console)).toBe(1);
  expect(console.told()).toMatch(/x.tar.gz: it does not say where its module comes from: give --distribution.*\nabsent: cannot read it/);
  const given = { distribution: "debian 12", kernelPackage: "6.1.140-1", source: "unknown" };
  expect(await importArtifacts(["x.tar.gz"], { ...color, ...given }, console)).toBe(0);
  const [stored] = await storeOf(console).list();
  expect(stored?.provenance).toMatchObject({
    ...given,
    kernel,
    origin: { kind: "imported", by: "tester", from: "x.tar.gz", file: sha256(bytes) },
  });
});

test("what can't be a package is refused, and the others are imported", async () => {
  const console = await stocked();
  await exportArtifact(short, "good.tar.gz", color, console);
  console.write("bad.tar.gz", "hello");
  expect(await importArtifacts(["bad.tar.gz", "good.tar.gz"], color, console)).toBe(2);
  expect(console.told()).toContain("bad.tar.gz: it is no package");
  expect(console.printed()).toContain("good.tar.gz: already there");
  expect(await importArtifacts(["."], color, console)).toBe(1);
  await expect(importArtifacts([], color, console)).rejects.toThrow("nothing to import");
  await expect(importArtifacts(["x"], { ...color, fromHost: "all" }, console)).rejects.toThrow("either files, or --from-host");
});

/** An inventory of this machine, and a manifest whose vendor uses folders of ours. */
function withVendor(console: TestConsole): void {
  console.write(
    "inventory.yaml",
    "all: { hosts: { vendor: { connection: local, become: false }, away: { host: 127.0.0.1, port: 1, become: false } } }",
  );
  console.folders("source", "results");
  console.write("source/dkms.conf", 'PACKAGE_NAME="my-module"\n');
  console.write(
    "m.yaml",
    `name: my-module
version: "1.2.3"
description: An example
source: { folder: source }
vendor:
  package: "{{name}}-{{kernel}}-{{version}}.tar.gz"
  results: ${console.folder}/results
  server: ${console.folder}/server/{{distribution}}/{{major}}/
`,
  );
}
const manifestOf = (console: TestConsole): string => join(console.folder, "m.yaml");

test("of a package with several modules the manifest's is imported, under the name that the manifest gives it", async () => {
  const console = consoleOf();
  withVendor(console);
  const other = writeModule({}, ["name=other", ...exampleModinfo.filter((pair) => !pair.startsWith("name="))]);
  const files = [
    { path: "my_module.ko", bytes: module },
    { path: "other.ko", bytes: other },
  ];
  writeFileSync(join(console.folder, "x.tar"), writeTar(files));
  const given = { ...color, distribution: "debian 12", kernelPackage: "6.1.140-1", source: "unknown" };
  expect(await importArtifacts(["x.tar"], given, console)).toBe(2);
  expect(console.told()).toContain('my_module.ko is "my_module", other.ko is "other"; -m MANIFEST says which');
  expect(await importArtifacts(["x.tar"], { ...given, manifest: manifestOf(console) }, console)).toBe(0);
  expect(await storeOf(console).list()).toMatchObject([{ provenance: { module: "my-module", sha256: provenance.sha256 } }]);
});

test("publish puts packages into the vendor's folders, and says what was there; what differs is replaced only by force", async () => {
  const console = await stocked();
  withVendor(console);
  const options = { ...color, manifest: manifestOf(console) };
  const file = `my-module-${kernel}-1.2.3.tar.gz`;
  const path = join(console.folder, "server/debian/12", file);
  expect(await publishArtifacts("vendor", [], { ...options, check: true }, console)).toBe(0);
  expect(console.told()).toContain(`vendor: ${file} would be published\n`);
  expect(existsSync(path)).toBe(false);
  expect(await publishArtifacts("vendor", [], options, console)).toBe(0);
  expect(console.told()).toContain(`vendor: ${file} published\n`);
  expect(await publishArtifacts("vendor", [], options, console)).toBe(0);
  expect(console.told()).toContain(`vendor: ${file} already there\n`);
  await exportArtifact(short, "same.tar.gz", { ...color, vendor: true }, console);
  expect(readFileSync(path)).toEqual(readFileSync(join(console.folder, "same.tar.gz")));
  writeFileSync(path, "the vendor's own");
  expect(await publishArtifacts("vendor", [], options, console)).toBe(2);
  expect(console.printed()).toContain(`there with other contents: ${path}`);
  expect(readFileSync(path, "utf8")).toBe("the vendor's own");
  expect(await publishArtifacts("vendor", [], { ...options, force: true }, console)).toBe(0);
  expect(readFileSync(path)).toEqual(readFileSync(join(console.folder, "same.tar.gz")));
});

test("publish refuses what would have one name, and what is not there", async () => {
  const console = await stocked();
  withVendor(console);
  const options = { ...color, manifest: manifestOf(console) };
  await storeOf(console).add(partsOf({ kernelPackage: "6.1.147-1" }).provenance, module);
  await expect(publishArtifacts("vendor", [], options, console)).rejects.toThrow("several artifacts would be");
  expect(await publishArtifacts("vendor", [name], options, console)).toBe(0);
  console.write("m.yaml", readFileSync(manifestOf(console), "utf8").replace("1.2.3", "9"));
  await expect(publishArtifacts("vendor", [], options, console)).rejects.toThrow("no artifact of my-module 9 to publish");
});

test("an import from a host takes what the vendor's installer left there, with what the host says of its kernels", async () => {
  const console = consoleOf();
  withVendor(console);
  const results = join(console.folder, "results");
  const files = [
    { path: "my_module.ko", bytes: module },
    { path: "other.ko", bytes: writeModule({}, ["name=other", "vermagic=1"]) },
  ];
  writeFileSync(join(results, `my-module-${kernel}-1.2.3.tar.gz`), packFiles(files));
  writeFileSync(join(results, "my-module-6.2-1.2.3.tar.gz"), "hello");
  writeFileSync(join(results, "other-6.2-1.2.3.tar.gz"), "hello");
  writeFileSync(join(results, "my-module-6.2-1.2.2.tar.gz"), "hello");
  const options = { ...color, manifest: manifestOf(console), fromHost: "vendor" };
  expect(await importArtifacts([], options, console)).toBe(2);
  expect(console.told()).toContain(`the kernel ${kernel} is not installed there`);
  expect(console.told()).toContain("my-module-6.2-1.2.3.tar.gz: it is no package");
  expect(console.told()).not.toContain("other-6.2");
  expect(console.told()).toContain(
    `vendor:${results}/my-module-6.2-1.2.2.tar.gz: left: it is of another version of my-module, the manifest is of 1.2.3\n`,
  );
  expect(await importArtifacts([], { ...options, kernelPackage: "6.1.140-1", distribution: "debian 12" }, console)).toBe(2);
  const [stored] = await storeOf(console).list();
  expect(stored?.provenance).toMatchObject({
    kernelPackage: "6.1.140-1",
    distribution: "debian 12",
    source: "unknown",
    origin: { kind: "imported", from: `vendor:${results}/my-module-${kernel}-1.2.3.tar.gz` },
  });
  expect(await importArtifacts([], { ...options, fromHost: "away" }, console)).toBe(4);
  await expect(importArtifacts([], { ...color, fromHost: "vendor" }, console)).rejects.toThrow("--from-host needs -m MANIFEST");
});

test("an import from a host that says less of a package than it sends takes no more than a package may have", async () => {
  const console = consoleOf();
  withVendor(console);
  const path = join(console.folder, "results", `my-module-${kernel}-1.2.3.tar.gz`);
  writeFileSync(path, "");
  truncateSync(path, 2 ** 27 + 1);
  console.folders("programs");
  console.write("programs/stat", "#!/bin/sh\necho 10\n");
  chmodSync(join(console.folder, "programs", "stat"), 0o755);
  vi.stubEnv("PATH", `${join(console.folder, "programs")}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await importArtifacts([], { ...color, manifest: manifestOf(console), fromHost: "vendor" }, console)).toBe(2);
  expect(console.told()).toContain("vendor: failed: ");
  expect(console.told()).toContain(`${path} is too large: the limit is 134217728 bytes`);
});

test("an import from a host over SSH brings every byte", async () => {
  const server = await startServer();
  onTestFinished(() => server.close());
  const console = consoleOf();
  withVendor(console);
  console.write(
    "inventory.yaml",
    `all: { hosts: { web1: { host: 127.0.0.1, port: ${server.port}, user: admin, password: right, host_key_policy: "off", ssh_config: none, become: false } } }`,
  );
  writeFileSync(join(console.folder, "results", `my-module-${kernel}-1.2.3.tar.gz`), packFiles([{ path: "my-module.ko", bytes: module }]));
  const options = { ...color, manifest: manifestOf(console), fromHost: "web1", kernelPackage: "6.1.140-1" };
  expect(await importArtifacts([], options, console)).toBe(0);
  expect(await storeOf(console).list()).toMatchObject([{ provenance: { sha256: provenance.sha256 } }]);
});

/** Lets an artifact look as if it had come into the store long ago. */
const age = (console: TestConsole, days: number): void => {
  const moment = Date.now() / 1000 - days * 86_400;
  for (const file of readdirSync(homeOf(console))) utimesSync(join(homeOf(console), file), moment, moment);
};

test("prune shows what is older, asks, and removes it", async () => {
  const console = await stocked({}, unsigned, "n", "y");
  age(console, 100);
  expect(await pruneArtifacts([], { ...color, olderThan: 101 }, console)).toBe(0);
  expect(console.told()).toContain("nothing to remove");
  expect(await pruneArtifacts([], { ...color, olderThan: 90 }, console)).toBe(1);
  expect(console.printed()).toContain(name);
  expect(await storeOf(console).list()).toHaveLength(1);
  expect(await pruneArtifacts([], { ...color, olderThan: 90 }, console)).toBe(0);
  expect(console.told()).toContain("1 of 1 removed");
  expect(await storeOf(console).list()).toEqual([]);
});

test("prune alone removes what was replaced, and no artifact", async () => {
  const console = await stocked();
  age(console, 2);
  await storeOf(console).add(partsOf({}, unowned).provenance, unowned, log.toString());
  age(console, 2);
  expect(await pruneArtifacts([], { ...color, yes: true, json: true }, console)).toBe(0);
  const rows = console
    .printed()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(rows).toEqual([{ kind: "replaced", name: `${name}/${provenance.sha256}.ko`, size: module.length }]);
  expect(await storeOf(console).list()).toMatchObject([{ provenance: { sha256: sha256(unowned) } }]);
});

test("prune removes what a crash left before there was a provenance", async () => {
  const console = await stocked();
  age(console, 2);
  rmSync(join(homeOf(console), "provenance.json"));
  expect(await pruneArtifacts([], { ...color, yes: true }, console)).toBe(0);
  expect(console.told()).toContain("2 of 2 removed");
  expect(readdirSync(storeOf(console).folder)).toEqual([]);
});

test("prune keeps what hosts need, and removes nothing where one can't be asked", async () => {
  const console = await stocked();
  withVendor(console);
  expect(await pruneArtifacts([], { ...color, keepRunning: "all", yes: true }, console)).toBe(4);
  expect(console.told()).toContain("What these hosts need is not known, so nothing is removed");
  expect(await pruneArtifacts([], { ...color, keepRunning: "vendor", yes: true }, console)).toBe(0);
  expect(console.told()).toContain("1 of 1 removed");
});
