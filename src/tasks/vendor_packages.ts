import { z } from "zod";
import { manifestSchema } from "../config/manifest.ts";
import { type ArtifactKey, artifactName } from "../core/artifact.ts";
import type { Fact } from "../core/fact.ts";
import type { Input } from "../core/input.ts";
import { defineTask, type Plan, stop } from "../core/task.ts";
import { type FileState, fileState } from "../facts/files.ts";
import { artifactKey } from "./arguments.ts";
import { bringContents } from "./file_contents.ts";
import { folder } from "./file_folder.ts";
import { type OfferedPackage, offeredPackage } from "./offered_package.ts";
import { vendorPlace } from "./vendor_place.ts";

interface Placed {
  readonly path: string;
  readonly file: FileState;
  readonly offer: OfferedPackage;
}

const differs = ({ file, offer }: Placed): boolean => file.kind === "file" && offer.kind === "package" && file.sha256 !== offer.sha256;

function* bring({ path, file, offer }: Placed, key: ArtifactKey): Plan {
  if (offer.kind === "none") return stop("failed", `the store has no artifact ${artifactName(key)}`);
  if (offer.kind === "damaged") return stop("blocked", `the artifact ${artifactName(key)} may not be used: ${offer.problem}`);
  return yield* bringContents(path, file, offer, {});
}

/** Puts packages of artifacts where the vendor's server serves them from. What is there with other contents is replaced only by force, and refused before anything is written. */
export const vendorPackages = defineTask({
  name: "vendor_packages",
  summary: "Puts artifacts, as packages of the module's vendor, into the folders of the vendor's server.",
  args: z.strictObject({
    manifest: manifestSchema,
    keys: z.array(artifactKey).min(1),
    force: z.boolean().default(false).describe("replace packages of the same name with other contents"),
  }),
  facts: ({ manifest, keys }): Readonly<Record<string, Fact<FileState>>> =>
    Object.fromEntries(
      keys.flatMap((key) => {
        const place = vendorPlace(manifest, key);
        return [place.folder, place.path].map((path) => [path, fileState(path)]);
      }),
    ),
  inputs: ({ keys }): Readonly<Record<string, Input<OfferedPackage>>> =>
    Object.fromEntries(keys.map((key) => [artifactName(key), offeredPackage(key)])),
  *plan({ manifest, keys, force }, facts, inputs) {
    const placed = keys.map((key): Placed & { readonly key: ArtifactKey; readonly folder: string } => {
      const place = vendorPlace(manifest, key);
      return { key, ...place, file: facts[place.path] ?? { kind: "absent" }, offer: inputs[artifactName(key)] ?? { kind: "none" } };
    });
    const differing = placed.filter(differs).map(({ path }) => path);
    if (differing.length > 0 && !force) {
      return stop("blocked", `there with other contents: ${differing.join(", ")}; look at them, then replace them with force`);
    }
    for (const path of new Set(placed.map((one) => one.folder))) {
      const refusal = yield* folder({ path, mode: undefined, owner: undefined, group: undefined }, facts[path] ?? { kind: "absent" });
      if (refusal) return refusal;
    }
    for (const one of placed) {
      const refusal = yield* bring(one, one.key);
      if (refusal) return refusal;
    }
    return undefined;
  },
  result: ({ manifest, keys }) => ({ packages: keys.map((key) => vendorPlace(manifest, key).path) }),
});
