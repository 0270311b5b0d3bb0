import type { Manifest } from "../../src/config/manifest.ts";
import type { Provenance } from "../../src/core/artifact.ts";
import type { InstalledKernel, Machine } from "../../src/facts/machine.ts";
import type { ModuleState } from "../../src/facts/module.ts";
import type { Marks, Surveyed } from "../../src/rollout/survey.ts";

export const manifest: Manifest = {
  name: "example",
  version: "1.0.0",
  description: "An example.",
  source: { kind: "folder", path: "/src/example", rules: [] } as unknown as Manifest["source"],
  supported: [],
  packages: {},
  needs: [],
  systemMap: "/usr/lib/debug/boot/System.map-{{kernel}}",
  reaches: [],
  build: "each",
  initramfs: true,
  atBoot: true,
  bootFiles: {},
  position: { file: "example.yaml", line: 1, column: 1 },
  file: "example.yaml",
  directory: "/src",
};

export const source = "5".repeat(64);
export const kernelA = "6.1.0-50-cloud-amd64";
export const kernelB = "6.1.0-49-cloud-amd64";
const gibibyte = 2 ** 30;

export const kernel = (release: string, rest: Partial<InstalledKernel> = {}): InstalledKernel => ({
  release,
  package: `linux-image-${release}`,
  packageVersion: `${release}.1`,
  hasHeaders: false,
  vermagic: `${release} SMP preempt mod_unload modversions `,
  initramfsBytes: 10_000_000,
  ...rest,
});

export interface HostSketch {
  readonly running?: string;
  readonly next?: string | undefined;
  readonly compiler?: boolean;
  readonly marks?: Partial<Marks>;
  readonly machine?: Partial<Machine>;
  readonly module?: Partial<ModuleState>;
  readonly distribution?: string;
  readonly version?: string;
  readonly rest?: Partial<Surveyed>;
}

/** A Debian host as a survey finds it: without a toolchain and without the module, unless sketched otherwise. */
export function surveyed(name: string, sketch: HostSketch = {}): Surveyed {
  const running = sketch.running ?? kernelA;
  const next = "next" in sketch ? sketch.next : running;
  const releases = [...new Set([running, next ?? running])];
  const machine: Machine = {
    running,
    next,
    kernels: releases.map((release) => kernel(release)),
    headers: [],
    kernelCompilers: Object.fromEntries(releases.map((release) => [release, "gcc-12 (Debian 12.2.0-14) 12.2.0"])),
    compiler: sketch.compiler ? "gcc (Debian 12.2.0-14) 12.2.0" : undefined,
    versionedCompilers: sketch.compiler ? ["gcc-12"] : [],
    make: sketch.compiler ? "GNU Make 4.3" : undefined,
    dkms: undefined,
    packageManager: "apt",
    freeBytes: { boot: gibibyte, modules: gibibyte, dkms: gibibyte },
    initramfsTool: "update-initramfs",
    compression: { used: "none", supported: ["none", "xz"] },
    secureBoot: false,
    signatureEnforced: false,
    container: undefined,
    bootId: "11111111-2222-3333-4444-555555555555",
    vermagic: `${running} SMP preempt mod_unload modversions `,
    ...sketch.machine,
  };
  return {
    name,
    trouble: { taint: [], lines: [], damage: [], isReadable: true },
    marks: { canary: false, ...sketch.marks },
    host: {
      name,
      distribution: sketch.distribution ?? "debian",
      distributionVersion: sketch.version ?? "12",
      distributionTitle: "Debian GNU/Linux 12 (bookworm)",
      family: "debian",
      kernel: running,
      architecture: "x86_64",
      bootId: machine.bootId,
      moduleFolder: "/usr/lib/modules",
      hostname: name,
    },
    machine,
    module: { files: [], loaded: undefined, atBoot: false, ...sketch.module },
    index: { listed: undefined, isFresh: true },
    dkms: [],
    initramfs: "absent",
    isListed: false,
    enrolled: { keys: { missing: "it has no /proc/keys" }, names: new Map(), pending: { known: new Set() } },
    ...sketch.rest,
  };
}

export const srcversion = "ABCDEF0123456789ABCDEF0";

/** An artifact in the store for a kernel. */
export const stored = (release: string, distribution = "debian 12"): Provenance => ({
  distribution,
  kernel: release,
  kernelPackage: `${release}.1`,
  architecture: "x86_64",
  module: manifest.name,
  version: manifest.version,
  source,
  sha256: "a".repeat(64),
  size: 1000,
  vermagic: `${release} SMP preempt mod_unload modversions `,
  srcversion,
  origin: { kind: "built", builder: "builder", at: "2026-11-22T00:00:00.000Z", run: "20261122-000000-0000" },
});

/** A host on which nothing is left to do. */
export const done = (name: string, sketch: HostSketch = {}): Surveyed => {
  const running = sketch.running ?? kernelA;
  return surveyed(name, {
    ...sketch,
    module: {
      files: [
        {
          kernel: running,
          path: `/lib/modules/${running}/updates/dkms/example.ko`,
          target: undefined,
          version: "1.0.0",
          vermagic: `${running} SMP preempt mod_unload modversions `,
          srcversion,
          buildId: "b".repeat(40),
          sha256: "a".repeat(64),
        },
      ],
      loaded: { version: "1.0.0", srcversion, buildId: "b".repeat(40), users: 0, holders: [] },
      atBoot: true,
      ...sketch.module,
    },
    rest: {
      index: { listed: "updates/dkms/example.ko", isFresh: true },
      initramfs: { srcversion, buildId: "b".repeat(40), sha256: "a".repeat(64) },
      isListed: true,
      ...sketch.rest,
    },
  });
};
