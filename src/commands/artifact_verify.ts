import { type CheckedArtifact, checksText } from "../report/checks_text.ts";
import { checkArtifact } from "../store/artifact_checks.ts";
import { chooseArtifacts, contentsOf } from "./artifact_choice.ts";
import type { StoreOptions } from "./artifact_list.ts";
import { proofsFromEvidence } from "./artifact_proofs.ts";
import { openStores } from "./artifact_store.ts";
import type { Console } from "./console.ts";
import { screenOf } from "./screen.ts";

/** `kofleet artifacts verify [WHAT…]`: files against their provenance, who signed that, and modules against what is kept of their kernels; exit code 2 where something is refused. */
export async function verifyArtifacts(words: readonly string[], options: StoreOptions, console: Console): Promise<number> {
  const { artifacts: store, kernels } = await openStores(console);
  const { artifacts, damaged } = await contentsOf(store);
  const checked: CheckedArtifact[] = [];
  for (const files of chooseArtifacts(words, artifacts))
    checked.push({
      name: files.name,
      sha256: files.provenance.sha256,
      checks: [...(await checkArtifact(files, store)), ...(await proofsFromEvidence(files, kernels))],
    });
  if (words.length === 0)
    for (const { name, problem } of damaged)
      checked.push({ name, checks: [{ name: "provenance", verdict: "refused", evidence: problem }] });
  if (options.json) for (const one of checked) console.out.write(`${JSON.stringify(one)}\n`);
  else if (checked.length > 0) console.out.write(`${checksText(checked, screenOf(console.out, console, options))}\n`);
  else console.error.write(`no artifacts in ${store.folder}\n`);
  return checked.some(({ checks }) => checks.some(({ verdict }) => verdict === "refused")) ? 2 : 0;
}
