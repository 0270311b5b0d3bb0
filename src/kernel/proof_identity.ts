import type { ModuleInfo } from "./module_info.ts";
import { isSameModule, kernelName } from "./module_name.ts";
import type { Proof } from "./proof.ts";

/** What an artifact must be to fit. */
export interface ExpectedModule {
  /** As its provenance has it. */
  readonly sha256: string;
  readonly module: string;
  /** What `uname -m` prints on the host. */
  readonly architecture: string;
  /** Of the host's own modules for that kernel; undefined where none could be read. */
  readonly vermagic: string | undefined;
}

function prove(name: Proof["name"], found: string, expected: string | undefined, holds = found === expected): Proof {
  if (expected === undefined) return { name, verdict: "unknown", evidence: `it is "${found}"; the host's own could not be read` };
  if (holds) return { name, verdict: "holds", evidence: `"${found}"` };
  return { name, verdict: "refused", evidence: `it is "${found}", but must be "${expected}"` };
}

/** Compares an artifact with what it must be: one proof each for sha256, machine, name and vermagic, equal to the letter but for dashes in the name. */
export const proveIdentity = (artifact: ModuleInfo & { readonly sha256: string }, expected: ExpectedModule): readonly Proof[] => [
  prove("sha256", artifact.sha256, expected.sha256),
  prove("machine", artifact.machine, expected.architecture),
  prove("name", artifact.name, kernelName(expected.module), isSameModule(artifact.name, expected.module)),
  prove("vermagic", artifact.vermagic, expected.vermagic),
];
