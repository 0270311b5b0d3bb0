import type { Manifest } from "../config/manifest.ts";
import type { FleetCertificate } from "../core/input.ts";
import { unsupportedReason } from "../distributions/find.ts";
import { satisfiesKernel } from "../kernel/release.ts";
import type { Wanted } from "./current.ts";
import { distributionName, type Surveyed, servedKernels } from "./survey.ts";

/** Free space that a new initramfs needs in /boot: beside the old one, with room to grow. */
const imageGrowth = 1.3;
const imageMargin = 16 * 2 ** 20;

/** Why the module can't be brought onto a host at all; undefined: it can. The first reason that applies, with the way out. */
export function obstacle(
  surveyed: Surveyed,
  { manifest, certificate, isStored }: Pick<Wanted, "manifest" | "certificate"> & { readonly isStored: boolean },
  allowUnsupported: boolean,
): string | undefined {
  const { host, machine } = surveyed;
  if (machine.container !== undefined) {
    return `it is a container (${machine.container}) and shares its host's kernel: in the inventory, set kofleet_exempt: REASON to leave it out, or builder: only to have it build for others`;
  }
  return (
    unsupportedReason(host) ??
    missingKernel(surveyed) ??
    replacedKernel(surveyed) ??
    (allowUnsupported ? undefined : overridable(unsupported(surveyed, manifest))) ??
    damage(surveyed, manifest) ??
    // Where everything is in the store, whoever signed it, the proofs of its signatures decide.
    (certificate === undefined && isStored ? undefined : enforcement(surveyed, certificate))
  );
}

function missingKernel(surveyed: Surveyed): string | undefined {
  const kernels = servedKernels(surveyed);
  const wanted = [...new Set([surveyed.machine.running, surveyed.machine.next ?? surveyed.machine.running])];
  const missing = wanted.filter((release) => !kernels.some((kernel) => kernel.release === release));
  if (missing.length > 0)
    return `kernel ${missing.join(", ")} is not installed on its disk: reinstall the kernel's package, or reboot into an installed one`;
  const unowned = kernels.find(({ packageVersion }) => packageVersion === undefined);
  return unowned && `no package owns kernel ${unowned.release}, and it is not running, so nothing tells its builds apart: boot it first`;
}

/** Neither what runs nor what boots next can be served while both go by one name: artifacts are kept for what is on disk. */
function replacedKernel({ machine }: Surveyed): string | undefined {
  const kernel = machine.kernels.find(({ release }) => release === machine.running);
  const started = kernel?.startedVersion;
  if (started === undefined || kernel?.packageVersion === undefined || started === kernel.packageVersion) return undefined;
  return `its kernel ${machine.running} was started as version ${started}, and ${kernel.packageVersion} lies on its disk since: reboot it`;
}

/** What was loaded once and did harm is not taken for done by a later run. */
function damage({ module, trouble }: Surveyed, { name, version }: Manifest): string | undefined {
  const [first] = trouble.damage;
  if (first === undefined || module.loaded === undefined || module.loaded.version !== version) return undefined;
  return `its kernel log tells of trouble with ${name} since it was loaded: ${first}: look at it with dmesg; after a reboot it is judged anew`;
}

const overridable = (reason: string | undefined): string | undefined => reason && `${reason}: --allow-unsupported overrides`;

/** Which of a host's kernels the module's vendor does not support, by the manifest's table; undefined: it supports them, or there is no table. */
export function unsupported(surveyed: Surveyed, { name, supported }: Manifest): string | undefined {
  if (supported.length === 0) return undefined;
  const { host } = surveyed;
  const rows = supported.filter(
    ({ distribution, versions }) =>
      distribution === host.distribution &&
      (versions.length === 0 || versions.some((version) => isVersion(host.distributionVersion, version))),
  );
  if (rows.length === 0) return `${name} does not support ${distributionName(host)}`;
  const outside = servedKernels(surveyed).find(({ release }) => !rows.some(({ kernels }) => satisfiesKernel(release, kernels)));
  return (
    outside &&
    `${name} supports kernels ${rows.map(({ kernels }) => kernels).join(" or ")} on ${distributionName(host)}, not ${outside.release}`
  );
}

/** "9" covers 9.4; "22.04" is only itself. */
const isVersion = (actual: string, wanted: string): boolean => actual === wanted || actual.startsWith(`${wanted}.`);

/** Why a kernel that loads signed modules only would refuse the fleet's; undefined: it would not. */
export function enforcement(
  { machine, enrolled }: Pick<Surveyed, "machine" | "enrolled">,
  certificate: FleetCertificate | undefined,
): string | undefined {
  if (!machine.signatureEnforced) return undefined;
  const enforces = "its kernel loads signed modules only";
  if (certificate === undefined) {
    return `${enforces}, and the fleet signs none: set module_signing_key and module_signing_certificate in kofleet.yaml, or disable Secure Boot`;
  }
  if ("missing" in enrolled.keys) return `${enforces}, and which keys it trusts can't be told: ${enrolled.keys.missing}`;
  if (enrolled.keys.known.has(certificate.subjectKeyId ?? certificate.serial)) return undefined;
  return `${enforces}, and does not trust the key "${certificate.name}": bring the certificate with playbooks/enrol-key.yaml, then at its console run "mokutil --import ${certificateOnHost}" and "reboot", and confirm there`;
}

/** Where playbooks/enrol-key.yaml puts the certificate. */
const certificateOnHost = "/var/lib/kofleet/module_signing.der";

/** Why the images of a host can't be made anew; undefined: they can. */
export function lacksBootSpace(surveyed: Surveyed): string | undefined {
  const largest = Math.max(0, ...servedKernels(surveyed).map(({ initramfsBytes }) => initramfsBytes ?? 0));
  const needed = Math.ceil(largest * imageGrowth + imageMargin);
  const free = surveyed.machine.freeBytes.boot;
  if (free >= needed) return undefined;
  return `/boot has ${mebibytes(free)} MiB free, a new initramfs needs ${mebibytes(needed)} MiB: remove kernels that are no longer used`;
}

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
