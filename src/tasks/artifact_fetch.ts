import { z } from "zod";
import { manifestSchema } from "../config/manifest.ts";
import { type ArtifactKey, artifactName, type Provenance } from "../core/artifact.ts";
import type { Host } from "../core/host.ts";
import type { Input } from "../core/input.ts";
import { changeInput, type Step, unknown } from "../core/step.ts";
import { defineTask, stop } from "../core/task.ts";
import { type BuiltModule, buildOf, builtModules, type DkmsBuild, dkmsBuilds } from "../facts/dkms.ts";
import { hostTree, privateTree } from "../facts/dkms_script.ts";
import { type Machine, machine } from "../facts/machine.ts";
import { compressionOf } from "../kernel/compression.ts";
import { artifactKey } from "./arguments.ts";
import { offeredArtifact, storedDigest } from "./offered_artifact.ts";

/** The run's id, for provenance. */
const runId: Input<string> = { name: "runId", read: async ({ run }) => run };

type StoredDigests = Readonly<Record<`stored ${string}`, Input<string | undefined>>>;
const storedDigests = (keys: readonly ArtifactKey[]): StoredDigests =>
  Object.fromEntries(keys.map((key) => [`stored ${artifactName(key)}`, storedDigest(key)]));

/** The file of the build that fits a key. */
function builtFor(key: ArtifactKey, builds: readonly DkmsBuild[], modules: readonly BuiltModule[]): BuiltModule | undefined {
  const build = buildOf(builds, key.kernel, key.source);
  const tree = build?.tree === "private" ? privateTree : hostTree;
  return build && modules.find(({ kernel, path }) => kernel === key.kernel && path.startsWith(`${tree}/`));
}

function provenanceOf(key: ArtifactKey, built: BuiltModule, { compiler, dkms }: Machine, host: Host, run: string): Provenance {
  const { sha256, size, vermagic, srcversion, builtAt } = built;
  return {
    ...key,
    sha256,
    size,
    vermagic,
    srcversion,
    builder: host.name,
    compiler: compiler ?? "unknown",
    dkms: dkms ?? "unknown",
    builtAt,
    run,
  };
}

/** Unpacks $1 to $2: the control machine can't read every compression. */
const unpackScript = `
set -e
mkdir -p "\${2%/*}"
case $1 in
  *.xz) xz -dc "$1" > "$2" ;;
  *.zst) zstd -dcq < "$1" > "$2" ;;
  *.gz) gzip -dc "$1" > "$2" ;;
esac
`;

function* fetchSteps(key: ArtifactKey, { path, log, sha256 }: BuiltModule, provenance: Provenance): Generator<Step, undefined, undefined> {
  const nothingOnHost = { changes: [], undo: { restore: [] } } as const;
  const plain = compressionOf(path) === "none" ? path : `/var/lib/kofleet/unpacked/${key.kernel}/${key.module}.ko`;
  if (plain !== path) yield { kind: "script", title: `unpack ${path}`, script: unpackScript, args: [path, plain], ...nothingOnHost };
  yield {
    kind: "fetch",
    title: `fetch ${key.module} ${key.version} for ${key.kernel}`,
    path: plain,
    log,
    provenance,
    ...nothingOnHost,
    changes: [changeInput(storedDigest(key), () => sha256), changeInput(offeredArtifact(key), () => unknown)],
  };
  if (plain !== path) yield { kind: "remove", path: plain, ...nothingOnHost };
  return undefined;
}

/** Brings built modules into the artifact store, with where they come from. */
export const artifactFetch = defineTask({
  name: "artifact_fetch",
  summary: "Brings modules that a host has built into the artifact store, with their provenance.",
  args: z.strictObject({
    manifest: manifestSchema,
    keys: z.array(artifactKey).describe("what is fetched: the keys of the hosts that it is for, since a builder may not have their kernel"),
  }),
  facts: ({ manifest: { name, version } }) => ({ machine, builds: dkmsBuilds(name, version), modules: builtModules(name, version) }),
  inputs: ({ keys }): StoredDigests & { readonly run: Input<string> } => ({ run: runId, ...storedDigests(keys) }),
  feeds: ({ keys }) => keys.flatMap((key) => [storedDigest(key), offeredArtifact(key)]),
  *plan({ keys }, facts, inputs, host) {
    for (const key of keys) {
      const built = builtFor(key, facts.builds, facts.modules);
      if (built === undefined) {
        return stop(
          "failed",
          `${host.name} has no build of ${key.module} ${key.version} for ${key.kernel}: the task dkms_build comes before`,
        );
      }
      if (inputs[`stored ${artifactName(key)}`] === built.sha256) continue;
      yield* fetchSteps(key, built, provenanceOf(key, built, facts.machine, host, inputs.run));
    }
    return undefined;
  },
});
