import type { Manifest } from "../../src/config/manifest.ts";
import { type ArtifactKey, artifactName, type Provenance } from "../../src/core/artifact.ts";
import type { Host } from "../../src/core/host.ts";
import { kernelKeyName } from "../../src/core/kernel_evidence.ts";
import type { EnrolledKeys } from "../../src/facts/enrolled_keys.ts";
import type { KernelSources } from "../../src/facts/kernel_sources.ts";
import type { Machine } from "../../src/facts/machine.ts";
import type { LoadedModule, ModuleState } from "../../src/facts/module.ts";
import type { ModuleFile } from "../../src/facts/module_file.ts";
import type { KernelEvidence } from "../../src/kernel/kernel_evidence.ts";
import type { SymbolCrcs } from "../../src/kernel/symbol_crcs.ts";
import { symbolMapOf } from "../../src/kernel/symbol_map.ts";
import type { OfferedArtifact, SoundArtifact } from "../../src/tasks/offered_artifact.ts";

export const running = "6.1.0-37-amd64";
export const next = "6.1.0-40-amd64";
export const source = "a".repeat(64);
export const digest = "d".repeat(64);
export const vermagic = `${running} SMP preempt mod_unload modversions `;

export const redhatHost: Host = {
  name: "db1",
  distribution: "rocky",
  distributionVersion: "9.4",
  distributionTitle: "Rocky Linux 9.4",
  family: "redhat",
  kernel: "5.14.0-427.el9_4.x86_64",
  architecture: "x86_64",
  bootId: "0d1b7b5e-52b2-4f0c-9d0c-0f3f3a9c6a12",
  moduleFolder: "/usr/lib/modules",
  hostname: "db1",
};

export const suseHost: Host = { ...redhatHost, name: "sles1", distribution: "sles", distributionTitle: "SLES 15", family: "suse" };

export const manifest: Manifest = {
  name: "hello",
  version: "1.0",
  description: "says hello",
  source: { kind: "folder", path: "/srv/hello", files: [] },
  supported: [],
  packages: {},
  needs: [],
  systemMap: "/usr/lib/debug/boot/System.map-{{kernel}}",
  reaches: [],
  build: "each",
  initramfs: true,
  atBoot: true,
  bootFiles: {},
  position: { file: "hello.yaml", line: 1, column: 1 },
  file: "/srv/hello.yaml",
  directory: "/srv",
};

const kernel = (release: string) => ({
  release,
  package: `linux-image-${release}`,
  packageVersion: "6.1.140-1",
  hasHeaders: true,
  vermagic: `${release} SMP preempt mod_unload modversions `,
  initramfsBytes: 40 * 2 ** 20,
});

export const machine: Machine = {
  running,
  next: running,
  kernels: [kernel(running), kernel(next)],
  headers: [running, next],
  kernelCompilers: { [running]: "gcc-12 (Debian 12.2.0-14) 12.2.0", [next]: "gcc-12 (Debian 12.2.0-14) 12.2.0" },
  compiler: "gcc (Debian 12.2.0-14) 12.2.0",
  versionedCompilers: ["gcc-12"],
  make: "GNU Make 4.3",
  dkms: "dkms-3.0.10",
  packageManager: "apt",
  freeBytes: { boot: 2 ** 30, modules: 2 ** 30, dkms: 2 ** 30 },
  initramfsTool: "update-initramfs",
  compression: { used: "none", supported: ["none", "xz", "zst"] },
  secureBoot: false,
  signatureEnforced: false,
  container: undefined,
  bootId: "0d1b7b5e-52b2-4f0c-9d0c-0f3f3a9c6a11",
  vermagic,
};

export const enrolled: EnrolledKeys = {
  keys: { missing: "it has no /proc/keys" },
  names: new Map(),
  pending: { known: new Set() },
};

export const buildId = "3a99ee0d1f2c7b";

/** What the running kernel's host has to tell of it. */
export const sources: KernelSources = {
  identity: `build-id:${buildId}`,
  headersVersion: "6.1.140-1",
  symvers: `/lib/modules/${running}/build/Module.symvers`,
  hasModules: true,
  map: undefined,
  kallsyms: "readable",
};

export const nothing: ModuleState = { files: [], loaded: undefined, atBoot: false };

export const file: ModuleFile = {
  kernel: running,
  path: `/lib/modules/${running}/updates/dkms/hello.ko`,
  target: undefined,
  version: "1.0",
  vermagic,
  srcversion: "A0D31575CE19FC63519E610",
  buildId: "dd8f3c74100c8be1819deb05e9dcfdb8bf29186b",
  sha256: digest,
};

export const loaded: LoadedModule = {
  version: "1.0",
  srcversion: file.srcversion,
  buildId: file.buildId,
  users: 0,
  holders: [],
};

export const key: ArtifactKey = {
  distribution: "debian 12",
  kernel: running,
  kernelPackage: "6.1.140-1",
  architecture: "x86_64",
  module: "hello",
  version: "1.0",
  source,
};

export const provenance: Provenance = {
  ...key,
  sha256: digest,
  size: 5160,
  vermagic,
  srcversion: "A0D31575CE19FC63519E610",
  origin: {
    kind: "built",
    builder: "web1",
    compiler: "gcc (Debian 12.2.0-14) 12.2.0",
    kernelCompiler: "gcc-12 (Debian 12.2.0-14) 12.2.0",
    make: "GNU Make 4.3",
    dkms: "dkms-3.0.10",
    at: "2026-11-22T20:25:35Z",
    run: "run-1",
  },
};

/** What the headers of the running kernel tell of it. */
export const crcs: SymbolCrcs = {
  source: "Module.symvers",
  crcs: new Map([
    ["module_layout", 0x1f],
    ["kfree", 2],
  ]),
};

/** The running kernel's symbol map, in three symbols. */
export const map = symbolMapOf([
  { name: "_text", distance: -0x2f0000 },
  { name: "kfree", distance: 0 },
  { name: "hidden_one", distance: 0x40 },
]);

export const artifact: SoundArtifact = {
  kind: "sound",
  provenance,
  module: {
    machine: "x86_64",
    size: 5160,
    name: "hello",
    version: "1.0",
    vermagic,
    srcversion: "A0D31575CE19FC63519E610",
    buildId: "dd8f3c74100c8be1819deb05e9dcfdb8bf29186b",
    modinfo: new Map(),
    versions: crcs.crcs,
    undefinedSymbols: ["kfree"],
    offsets: { distances: [], isPartial: false },
    sha256: digest,
  },
};

/** Facts and inputs as tasks that prove read them. */
export const sourcesFor = (more: Partial<KernelSources> = {}, kernel = running): Readonly<Record<`sources ${string}`, KernelSources>> => ({
  [`sources ${kernel}`]: { ...sources, ...more },
});
export const keptFor = (
  kept: readonly KernelEvidence[] = [{ identity: "package", crcs }],
  of: ArtifactKey = key,
): Readonly<Record<`kept ${string}`, readonly KernelEvidence[]>> => ({ [`kept ${kernelKeyName(of)}`]: kept });
export const offerFor = (
  offered: OfferedArtifact = artifact,
  of: ArtifactKey = key,
): Readonly<Record<`offer ${string}`, OfferedArtifact>> => ({ [`offer ${artifactName(of)}`]: offered });
