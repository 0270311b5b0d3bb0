import { posix } from "node:path";
import type { ArtifactKey } from "../core/artifact.ts";
import type { Host } from "../core/host.ts";
import { type Change, change, type Step } from "../core/step.ts";
import type { Distribution } from "../distributions/distribution.ts";
import type { Machine } from "../facts/machine.ts";
import { type ModuleState, moduleState } from "../facts/module.ts";
import { type ModuleFile, placeOf } from "../facts/module_file.ts";
import { moduleIndex } from "../facts/module_index.ts";
import { moduleLoading } from "../facts/module_loading.ts";
import { type Compression, compressCommand, moduleFileName } from "../kernel/compression.ts";
import type { SoundArtifact } from "./offered_artifact.ts";

/** Where an artifact goes, and what lies in its way. */
export interface Destination {
  readonly key: ArtifactKey;
  readonly folder: string;
  /** Below the kernel's folder. */
  readonly place: string;
  readonly compression: Compression;
}

/** The folder where a distribution has modules of others installed, below the kernel's. */
export const installPlace = (distribution: Distribution, host: Host, kernel: string): string =>
  posix.relative(`${host.moduleFolder}/${kernel}`, distribution.moduleInstallFolder(host, kernel));

/** Where a host wants an artifact, in the compression of that kernel's own modules. */
export function destinationOf(key: ArtifactKey, known: Machine, distribution: Distribution, host: Host): Destination {
  const folder = distribution.moduleInstallFolder(host, key.kernel);
  const kernel = known.kernels.find(({ release }) => release === key.kernel);
  const compression = kernel?.compression ?? known.compression.used;
  const place = posix.join(installPlace(distribution, host, key.kernel), moduleFileName(key.module, compression));
  return { key, folder, place, compression };
}

const pathOf = ({ folder, place }: Destination): string => posix.join(folder, posix.basename(place));

/** The module's files of one kernel. */
export const filesOf = ({ files }: ModuleState, kernel: string): readonly ModuleFile[] => files.filter((file) => file.kernel === kernel);

/** Copies of the same folder: another compression, say. depmod would take either. */
export const rivalsOf = (state: ModuleState, { key, place }: Destination): readonly ModuleFile[] =>
  filesOf(state, key.kernel).filter((file) => posix.dirname(placeOf(file)) === posix.dirname(place) && placeOf(file) !== place);

function placed({ key, place }: Destination, { module }: SoundArtifact): ModuleFile {
  const { version, vermagic, srcversion, buildId, sha256 } = module;
  return {
    kernel: key.kernel,
    path: `/lib/modules/${key.kernel}/${place}`,
    target: undefined,
    version,
    vermagic,
    srcversion,
    buildId,
    sha256,
  };
}

function placedChanges(destination: Destination, offer: SoundArtifact, host: Host): readonly Change[] {
  const { key, place } = destination;
  const file = placed(destination, offer);
  const changes = [
    change(moduleState(key.module), (state) => ({
      ...state,
      files: [...state.files.filter((one) => one.kernel !== key.kernel || placeOf(one) !== place), file],
    })),
    change(moduleIndex(key.module, key.kernel), (index) => ({ ...index, isFresh: false })),
  ];
  if (key.kernel !== host.kernel) return changes;
  const reloaded = change(moduleLoading(key.module), (loading) =>
    loading.target.kind === "file" && loading.target.path === file.path
      ? { ...loading, target: { ...loading.target, srcversion: file.srcversion } }
      : loading,
  );
  return [...changes, reloaded];
}

// A .ko that lies anywhere below /lib/modules is found by depmod: what is not done yet has another name.
const placeScript = `
set -e
cp -- "$1" "$2.kofleet"
chmod 644 "$2.kofleet"
sync -- "$2.kofleet" 2>/dev/null || sync
mv -f -- "$2.kofleet" "$2"
rm -f -- "$1"
! command -v restorecon >/dev/null || restorecon -- "$2"
`;

/** The steps that put a proved artifact at its destination, compressed on the host where its modules are. */
export function* placeSteps(destination: Destination, offer: SoundArtifact, host: Host): Generator<Step, undefined, undefined> {
  const { key, folder, compression } = destination;
  const path = pathOf(destination);
  const effect = { changes: placedChanges(destination, offer, host), undo: { restore: [path] } } as const;
  const title = `put ${key.module} ${key.version} in place for ${key.kernel}`;
  const { sha256 } = offer.module;
  const staging = `/var/lib/kofleet/staged/${key.kernel}`;
  const nothing = { changes: [], undo: { restore: [] } } as const;
  const folders = compression === "none" ? [folder] : [folder, staging];
  yield { kind: "run", title: `make ${folder}`, argv: ["mkdir", "-p", "--", ...folders], ...nothing };
  if (compression === "none") {
    yield { kind: "write", title, path, sha256, mode: 0o644, ...effect };
    return undefined;
  }
  const staged = posix.join(staging, moduleFileName(key.module, "none"));
  yield { kind: "write", path: staged, sha256, mode: 0o600, ...nothing };
  yield { kind: "run", argv: [...compressCommand(compression), staged], ...nothing };
  yield { kind: "script", title, script: placeScript, args: [`${staged}.${compression}`, path], ...effect };
  return undefined;
}

/** Removes a copy that would compete with the artifact. */
export const removeRival = (rival: ModuleFile, module: string): Step => ({
  kind: "remove",
  path: rival.path,
  changes: [change(moduleState(module), (state) => ({ ...state, files: state.files.filter(({ path }) => path !== rival.path) }))],
  undo: { restore: [rival.path] },
});
