import type { Manifest } from "../config/manifest.ts";
import type { Provenance } from "../core/artifact.ts";
import type { FleetCertificate } from "../core/input.ts";
import { kernelKeyName } from "../core/kernel_evidence.ts";
import type { SeenSignatures } from "../report/status_table.ts";
import { enforcement } from "../rollout/support.ts";
import { distributionName, servedKernels } from "../rollout/survey.ts";
import type { SeenHost } from "./status_files.ts";

/** What is known of a host's signatures, and what is not, with the reason; null: it has no kernel of its own. */
export interface ToldSignatures {
  readonly signatures: SeenSignatures | null;
  readonly unknown: readonly string[];
}

/** Whether a host's kernel wants modules signed, and what becomes of the fleet's key there. */
export function signaturesOf({ machine, enrolled }: SeenHost, certificate: FleetCertificate | undefined): ToldSignatures {
  if (machine.container !== undefined) return { signatures: null, unknown: [] };
  const told = (key: SeenSignatures["key"], ...unknown: readonly string[]): ToldSignatures => ({
    signatures: { isEnforced: machine.signatureEnforced, key },
    unknown,
  });
  if (certificate === undefined) return told(null);
  const { keys, pending } = enrolled;
  const id = certificate.subjectKeyId ?? certificate.serial;
  if ("missing" in keys) return told("unknown", `whether the fleet's key is enrolled: ${keys.missing}`);
  if (keys.known.has(id)) return told("enrolled");
  if ("missing" in pending) return told("not enrolled", `whether an import of the fleet's key is pending: ${pending.missing}`);
  return told(pending.known.has(id) ? "import pending" : "not enrolled");
}

/** Why a rollout would leave the host blocked for its signatures: as the plan, it lets the proofs decide where nobody signs here and the store has all. */
export function signatureObstacle(
  seen: SeenHost,
  manifest: Manifest,
  certificate: FleetCertificate | undefined,
  stored: readonly Provenance[],
): string | undefined {
  return certificate === undefined && isStored(seen, manifest, stored) ? undefined : enforcement(seen, certificate);
}

/** Whether the store has the module for all kernels of a host; of which source it was built is not looked at. */
const isStored = ({ host, machine }: SeenHost, { name, version }: Manifest, stored: readonly Provenance[]): boolean =>
  servedKernels({ machine }).every(({ release, packageVersion = "" }) => {
    const kernel = {
      distribution: distributionName(host),
      kernel: release,
      kernelPackage: packageVersion,
      architecture: host.architecture,
    };
    return stored.some((one) => one.module === name && one.version === version && kernelKeyName(one) === kernelKeyName(kernel));
  });
