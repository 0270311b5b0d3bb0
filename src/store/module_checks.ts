import type { Provenance } from "../core/artifact.ts";
import { ProofError } from "../core/error.ts";
import { type ModuleInfo, readModule } from "../kernel/module_info.ts";
import type { Proof } from "../kernel/proof.ts";
import { proveIdentity } from "../kernel/proof_identity.ts";
import { digestOf } from "./digest.ts";

/** One thing that was looked at, and what was found. */
export interface Check {
  readonly name: string;
  readonly verdict: Proof["verdict"];
  readonly evidence: string;
}

function compare(name: string, found: string | undefined, expected: string): Check {
  if (found === undefined) return { name, verdict: "unknown", evidence: `the module does not say; its provenance says "${expected}"` };
  if (found === expected) return { name, verdict: "holds", evidence: `"${found}"` };
  return { name, verdict: "refused", evidence: `the module says "${found}", but its provenance "${expected}"` };
}

const checkInfo = (info: ModuleInfo, digest: string, provenance: Provenance): readonly Check[] => [
  ...proveIdentity({ ...info, sha256: digest }, provenance),
  compare("kernel", info.vermagic.split(" ")[0], provenance.kernel),
  compare("version", info.version, provenance.version),
  compare("srcversion", info.srcversion ?? "", provenance.srcversion),
];

/** Compares what a module's own bytes say with what its provenance says of it. */
export function checkModule(provenance: Provenance, module: Uint8Array): readonly Check[] {
  try {
    return checkInfo(readModule(module), digestOf(module).sha256, provenance);
  } catch (error) {
    if (error instanceof ProofError) return [{ name: "module", verdict: "refused", evidence: error.message }];
    throw error;
  }
}

/** Throws a ProofError with all that is refused. */
export function refuseFailed(checks: readonly Check[]): void {
  const refused = checks.filter(({ verdict }) => verdict === "refused");
  if (refused.length > 0) throw new ProofError(refused.map(({ name, evidence }) => `${name}: ${evidence}`).join("; "));
}
