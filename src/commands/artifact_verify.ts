import type { Manifest } from "../config/manifest.ts";
import { ConfigError } from "../core/error.ts";
import { type CheckedArtifact, checksText } from "../report/checks_text.ts";
import { checkArtifact } from "../store/artifact_checks.ts";
import type { StoredFiles } from "../store/stored_files.ts";
import { chooseArtifacts, contentsOf } from "./artifact_choice.ts";
import type { StoreOptions } from "./artifact_list.ts";
import { openManifest } from "./artifact_manifest.ts";
import { isOf, proofsFromEvidence } from "./artifact_proofs.ts";
import { openStores } from "./artifact_store.ts";
import type { Console } from "./console.ts";
import { screenOf } from "./screen.ts";

/** The options of `artifacts verify`. */
export interface VerifyOptions extends StoreOptions {
  /** What says of its module which symbols it must reach. */
  readonly manifest?: string;
}

/** `kofleet artifacts verify [WHAT…] [-m MANIFEST]`: files against their provenance, who signed that, and modules against what is kept of their kernels; exit code 2 where something is refused. */
export async function verifyArtifacts(words: readonly string[], options: VerifyOptions, console: Console): Promise<number> {
  const { artifacts: store, kernels } = await openStores(console);
  const { artifacts, damaged } = await contentsOf(store);
  const manifest = await openManifest(options.manifest, console);
  const chosen = chooseArtifacts(words, artifacts);
  if (manifest) checkMeant(manifest, chosen);
  const checked: CheckedArtifact[] = [];
  for (const files of chosen)
    checked.push({
      name: files.name,
      sha256: files.provenance.sha256,
      checks: [...(await checkArtifact(files, store)), ...(await proofsFromEvidence(files, manifest, kernels))],
    });
  if (words.length === 0)
    for (const { name, problem } of damaged)
      checked.push({ name, checks: [{ name: "provenance", verdict: "refused", evidence: problem }] });
  if (options.json) for (const one of checked) console.out.write(`${JSON.stringify(one)}\n`);
  else if (checked.length > 0) console.out.write(`${checksText(checked, screenOf(console.out, console, options))}\n`);
  else console.error.write(`no artifacts in ${store.folder}\n`);
  return checked.some(({ checks }) => checks.some(({ verdict }) => verdict === "refused")) ? 2 : 0;
}

/** A manifest that speaks of nothing that is verified was given by mistake. */
function checkMeant(manifest: Manifest, chosen: readonly StoredFiles[]): void {
  if (chosen.length === 0 || chosen.some(({ provenance }) => isOf(manifest, provenance))) return;
  throw new ConfigError(`it is of ${manifest.name} ${manifest.version}, and nothing of that is to be verified`, manifest.position);
}
