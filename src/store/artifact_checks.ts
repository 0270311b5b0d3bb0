import { readFile } from "node:fs/promises";
import type { SignatureState } from "../core/input.ts";
import { ifAbsent } from "./absent.ts";
import type { LocalStore } from "./artifacts.ts";
import { digestOfFile } from "./digest.ts";
import { type Check, checkModule } from "./module_checks.ts";
import type { StoredFiles } from "./stored_files.ts";

/** Looks at all of one artifact in the store: module, log and signature against its provenance. */
export async function checkArtifact(files: StoredFiles, store: LocalStore): Promise<readonly Check[]> {
  const module = await readFile(files.path).catch(ifAbsent(undefined));
  const missing: Check = { name: "module", verdict: "refused", evidence: `${files.path} is missing` };
  return [
    ...(module === undefined ? [missing] : checkModule(files.provenance, module)),
    ...(await checkLog(files)),
    signed(await store.signatureOf(files), store.requiresSignature),
  ];
}

async function checkLog({ log, provenance }: StoredFiles): Promise<readonly Check[]> {
  if (provenance.log === undefined) return [];
  if (log === undefined) return [{ name: "log", verdict: "unknown", evidence: "the build's log is not in the store" }];
  const { sha256 } = await digestOfFile(log);
  if (sha256 === provenance.log) return [{ name: "log", verdict: "holds", evidence: `"${sha256}"` }];
  return [{ name: "log", verdict: "refused", evidence: `it is "${sha256}", but must be "${provenance.log}"` }];
}

/** The signature over the provenance; the module's own is for kernels to judge. */
function signed(state: SignatureState, isRequired: boolean): Check {
  const name = "signed";
  switch (state.kind) {
    case "holds":
      return { name, verdict: "holds", evidence: `by ${state.signer}` };
    case "unsigned":
      return { name, verdict: isRequired ? "refused" : "unknown", evidence: "its provenance is not signed" };
    case "unknown":
      return { name, verdict: isRequired ? "refused" : "unknown", evidence: state.problem };
    case "refused":
      return { name, verdict: "refused", evidence: state.problem };
    default:
      return state satisfies never;
  }
}
