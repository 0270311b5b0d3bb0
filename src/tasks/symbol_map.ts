import { posix } from "node:path";
import { z } from "zod";
import { manifestSchema, systemMapPath } from "../config/manifest.ts";
import type { ArtifactKey } from "../core/artifact.ts";
import type { Host } from "../core/host.ts";
import type { Input } from "../core/input.ts";
import { change, type Step, unknown } from "../core/step.ts";
import { defineTask } from "../core/task.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { type FileState, fileState } from "../facts/files.ts";
import { evidenceCommands, kernelSources, type MapFile, usualMapPlaces } from "../facts/kernel_sources.ts";
import { artifactKey } from "./arguments.ts";
import { type KeptMap, keptEvidence, keptMap } from "./kept_evidence.ts";
import { fetchStep, turnOf } from "./kernel_evidence.ts";
import { sourcesOf } from "./proving.ts";
import { isStop, supportedDistribution } from "./supported.ts";

type Maps = Readonly<Record<`map ${string}`, Input<KeptMap | undefined>>>;
const mapsOf = (keys: readonly ArtifactKey[]): Maps => Object.fromEntries(keys.map((key) => [`map ${key.kernel}`, keptMap(key)]));

/** Puts what a script prints in place, if it is a symbol map. $1 where the map goes, $2 the script, then its arguments. */
const downloadScript = `
path=$1 print=$2
shift 2
fail() { printf 'kofleet: %s\\n' "$1" >&2; exit 1; }
work=$(mktemp -d /var/tmp/kofleet.XXXXXX) || exit
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work" && cd "$work" || exit
sh -c "$print" sh "$@" > "$path.kofleet" || { rm -f "$path.kofleet"; fail 'the package could not be had, or holds no symbol map'; }
grep -qE '^0*[1-9a-f][0-9a-f]* [A-Za-z] kfree$' "$path.kofleet" || { rm -f "$path.kofleet"; fail 'what the package holds is no symbol map'; }
chmod 644 "$path.kofleet" && mv -f "$path.kofleet" "$path"
`;

interface Job {
  readonly key: ArtifactKey;
  readonly path: string;
  readonly kept: KeptMap | undefined;
}

const effect = ({ key: { kernel }, path, kept }: Job) =>
  ({
    changes: [
      change(fileState(path), (): FileState | typeof unknown => unknown),
      change(kernelSources(kernel, path), (sources) =>
        kept === undefined ? unknown : { ...sources, map: { path, sha256: kept.sha256, isOwned: false } },
      ),
    ],
    undo: { restore: [path] },
  }) as const;

const folderStep = ({ path }: Job): Step => {
  const folder = posix.dirname(path);
  return { kind: "run", title: `make ${folder}`, argv: ["mkdir", "-p", "--", folder], changes: [], undo: { restore: [] } };
};

/** The one that is kept, or the distribution's, which is then kept: of what lies there later nobody could tell which build it is of. */
function* placeSteps(job: Job, distribution: Distribution, host: Host): Iterable<Step> {
  const { key, path, kept } = job;
  const { kernel, kernelPackage } = key;
  yield folderStep(job);
  if (kept !== undefined) {
    const title = `put the symbol map of ${kernel} in place`;
    yield { kind: "write", title, path, sha256: kept.sha256, mode: 0o644, ...effect(job) };
    return;
  }
  const { package: name, script, args } = distribution.symbolMapPackage(host, kernel, kernelPackage);
  const title = `take the symbol map of ${kernel} from the package ${name}`;
  // Packages with debugging information are large: one builder downloads it, the others are given what it brought.
  const turn = turnOf("map", key);
  yield { kind: "script", title, script: downloadScript, args: [path, script, ...args], detached: true, turn, ...effect(job) };
  yield fetchStep("map", key, { identity: "package", path, read: evidenceCommands.file(path), source: name }, host);
}

/** Whether the map that the source will find is the kernel's: one that came with a package, as the kernel did, or the one that is kept. */
function isThere({ key, path, kept }: Job, map: MapFile | undefined): boolean {
  if (map === undefined || (map.path !== path && !usualMapPlaces(key.kernel).includes(path))) return false;
  if (map.isOwned) return true;
  return map.path === path && (map.sha256 === kept?.sha256 || map.sha256 === kept?.sentSha256);
}

/** Has the real symbol map of kernels where a module's source looks for it: the host's own, the one that is kept, or the distribution's. */
export const symbolMap = defineTask({
  name: "symbol_map",
  summary:
    "Has the symbol map of kernels where the module's source looks for it; where no host told it, it is taken from the distribution's package.",
  args: z.strictObject({ manifest: manifestSchema, keys: z.array(artifactKey) }),
  facts: ({ manifest, keys }) => sourcesOf(manifest, keys),
  inputs: ({ keys }) => mapsOf(keys),
  feeds: ({ keys }) => keys.flatMap((key) => [keptEvidence(key), keptMap(key)]),
  *plan({ manifest, keys }, facts, inputs, host) {
    const distribution = supportedDistribution(host);
    if (isStop(distribution)) return distribution;
    for (const key of keys) {
      const job = { key, path: systemMapPath(manifest, key.kernel), kept: inputs[`map ${key.kernel}`] };
      if (!isThere(job, facts[`sources ${key.kernel}`]?.map)) yield* placeSteps(job, distribution, host);
    }
    return undefined;
  },
});
