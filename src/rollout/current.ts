import type { Manifest } from "../config/manifest.ts";
import type { ArtifactKey, Provenance } from "../core/artifact.ts";
import { artifactName } from "../core/artifact.ts";
import type { FleetCertificate } from "../core/input.ts";
import { type ModuleFile, placeOf } from "../facts/module_file.ts";
import { isOtherBuild } from "../kernel/other_build.ts";
import type { JudgedProof } from "../kernel/proofs.ts";
import { buildsForItself, keyFor, type Surveyed, servedKernels } from "./survey.ts";

/** What decides whether a host is done. */
export interface Wanted {
  readonly manifest: Manifest;
  /** sha256 of the laid-out source. */
  readonly source: string;
  /** What the store holds, by artifactName. */
  readonly stored: ReadonlyMap<string, Provenance>;
  /** Of the key that signs the fleet's modules; undefined: none does. */
  readonly certificate: FleetCertificate | undefined;
  /** Proofs of what the store holds for a key, against one host; none where it holds nothing. */
  prove(surveyed: Surveyed, key: ArtifactKey): readonly JudgedProof[];
}

/** The keys of all kernels that a host must be served for. */
export const keysOf = (surveyed: Surveyed, { manifest, source }: Wanted): readonly ArtifactKey[] =>
  servedKernels(surveyed).map((kernel) => keyFor(surveyed, kernel, { module: manifest.name, version: manifest.version, source }));

/**
 * What a host still lacks, in the words of `plan`; undefined: nothing.
 * The next kernel's initramfs is not looked into here, so a host with another next kernel is never current: its tasks look.
 */
export function lacks(surveyed: Surveyed, wanted: Wanted): string | undefined {
  const { module, index, machine, initramfs, isListed } = surveyed;
  if (machine.next === undefined) return "which kernel boots next is not conclusive";
  if (machine.next !== machine.running) return `${machine.next} boots next`;
  const [key] = keysOf(surveyed, wanted);
  const artifact = key && wanted.stored.get(artifactName(key));
  if (artifact === undefined) return `no artifact is known for ${machine.running}`;
  const { name, version } = wanted.manifest;
  const files = module.files.filter((candidate) => candidate.kernel === machine.running && isOfSource(candidate, artifact));
  if (files.length === 0) return `${machine.running} has no ${name} ${version} of this source on disk`;
  const isBuilder = buildsForItself(surveyed, wanted.manifest.build, wanted.certificate);
  if (isBuilder && !isInDkms(surveyed, wanted.manifest)) return "it is not in its DKMS";
  // What hosts build for themselves is of the same source, but no two builds need be the same to the byte.
  const builds = isBuilder ? files : files.filter(({ sha256 }) => sha256 === artifact.sha256);
  if (builds.length === 0) return `${machine.running} has another build of ${name} ${version} on disk than the store`;
  const file = builds.find((build) => placeOf(build) === index.listed);
  if (file === undefined || !index.isFresh) return "modprobe does not know it, or takes another file";
  if (builds.some(({ sha256 }) => sha256 !== file.sha256)) return "several builds of it are on disk, of which modprobe takes one";
  if (module.loaded === undefined) return "it is not loaded";
  if (module.loaded.srcversion !== file.srcversion || isOtherBuild(module.loaded, file)) return "another build of it is loaded";
  if (wanted.manifest.atBoot && !module.atBoot) return "it is not loaded at boot";
  if (!wanted.manifest.initramfs) return undefined;
  if (!isListed) return "its initramfs is not told to embed it";
  if (typeof initramfs === "string") return "it is not in the initramfs";
  return initramfs.srcversion !== file.srcversion || isOtherBuild(initramfs, file) ? "another build of it is in the initramfs" : undefined;
}

const isOfSource = (file: ModuleFile, artifact: Provenance): boolean =>
  file.srcversion === artifact.srcversion && file.vermagic === artifact.vermagic && file.version === artifact.version;

const isInDkms = ({ dkms, machine }: Surveyed, { version }: Manifest): boolean =>
  dkms.some((entry) => entry.state === "installed" && entry.version === version && entry.kernel === machine.running);
