import { createHash } from "node:crypto";
import type { Provenance } from "../../src/core/artifact.ts";
import { formatProvenance } from "../../src/store/provenance.ts";
import type { ArtifactParts } from "../../src/store/put_artifact.ts";
import { exampleModinfo, writeModule } from "../kernel/elf_writer.ts";

export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/** A module that says of itself what the ELF writer's example says. */
export const module = writeModule({}, exampleModinfo, { versions: { module_layout: 1, kfree: 2, _printk: 3 } });
export const log = Buffer.from("make: done\n");
export const kernel = "6.1.0-37-cloud-amd64";

export const provenance: Provenance = {
  distribution: "debian 12",
  kernel,
  kernelPackage: "6.1.140-1",
  architecture: "x86_64",
  module: "my-module",
  version: "1.2.3",
  source: "5".repeat(64),
  sha256: sha256(module),
  size: module.length,
  vermagic: `${kernel} SMP preempt mod_unload modversions `,
  srcversion: "533BB7E5866E52F63B9ACCB",
  log: sha256(log),
  origin: { kind: "built", builder: "build1", compiler: "gcc 12", at: "2026-11-22T20:15:30.000Z", run: "20261122-201530-4f3a" },
};

/** All of an artifact, with something of its provenance changed. */
export function partsOf(more: Partial<Provenance> = {}, bytes: Uint8Array = module): ArtifactParts {
  const changed = { ...provenance, sha256: sha256(bytes), size: bytes.length, ...more };
  return { provenance: changed, text: formatProvenance(changed), module: bytes, log };
}
