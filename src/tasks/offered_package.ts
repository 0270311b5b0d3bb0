import { type ArtifactKey, artifactName } from "../core/artifact.ts";
import type { Input } from "../core/input.ts";
import { packForVendor } from "../store/vendor_package.ts";
import { offeredArtifact } from "./offered_artifact.ts";

/** A vendor's package of what the store has for a key; its bytes are among the run's contents. */
export type OfferedPackage =
  | { readonly kind: "none" }
  | { readonly kind: "damaged"; readonly problem: string }
  | { readonly kind: "package"; readonly sha256: string; readonly size: number };

/** The artifact of a key, packed as its vendor packs modules; refused where the artifact itself would be. */
export const offeredPackage = (key: ArtifactKey): Input<OfferedPackage> => ({
  name: `offeredPackage ${artifactName(key)}`,
  async read(control) {
    const offer = await offeredArtifact(key).read(control);
    if (offer.kind !== "sound") return offer;
    const { provenance, module } = offer;
    const bytes = packForVendor({ provenance, module: await control.contents.open(module.sha256) });
    return { kind: "package", sha256: control.contents.add(bytes), size: bytes.length };
  },
});
