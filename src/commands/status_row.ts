import type { Manifest } from "../config/manifest.ts";
import type { Host } from "../core/host.ts";
import type { FleetCertificate } from "../core/input.ts";
import type { Verdict } from "../core/outcome.ts";
import type { EnrolledKeys } from "../facts/enrolled_keys.ts";
import type { InitramfsModule } from "../facts/initramfs.ts";
import type { KernelTrouble } from "../facts/kernel_trouble.ts";
import type { Machine } from "../facts/machine.ts";
import type { ModuleState } from "../facts/module.ts";
import type { DkmsEntry } from "../kernel/dkms.ts";
import { isOtherBuild } from "../kernel/other_build.ts";
import type { StatusRow } from "../report/status_table.ts";
import { type Marks, whyLeftOut } from "../rollout/survey.ts";
import type { Asked } from "./survey.ts";

/** What one host told; the module's part only where a manifest was given. */
export interface Seen {
  readonly title: string;
  readonly machine: Machine;
  readonly module?: ModuleState;
  readonly dkms?: readonly DkmsEntry[];
  readonly initramfs?: InitramfsModule;
  readonly isListed?: boolean;
  readonly host?: Host;
  readonly enrolled?: EnrolledKeys;
  readonly trouble?: KernelTrouble;
}

/** Whether a host's kernel wants modules signed, and trusts the fleet's key; null: it loads any. */
function signaturesOf({ machine: known, enrolled }: Seen, certificate: FleetCertificate | undefined): string | null {
  if (!known.signatureEnforced) return null;
  if (certificate === undefined) return "enforced";
  if (enrolled === undefined || "missing" in enrolled.keys) return "enforced, keys unknown";
  const isEnrolled = enrolled.keys.known.has(certificate.subjectKeyId ?? certificate.serial);
  return isEnrolled ? "enforced, key enrolled" : "enforced, key not enrolled";
}

/** What is known beside what a host told. */
export interface Beside {
  /** undefined: no module was asked for. */
  readonly manifest: Manifest | undefined;
  readonly marks: Marks;
  readonly certificate: FleetCertificate | undefined;
}

/** What `status` shows of a host. */
export function rowOf(one: Asked<Seen>, { manifest, marks, certificate }: Beside): StatusRow {
  const host = one.name;
  const leftOut = whyLeftOut(marks);
  if ("verdict" in one)
    return leftOut === undefined ? { host, verdict: one.verdict, reason: one.reason } : { host, verdict: "skipped", reason: leftOut };
  const { title: os, machine: known, module, dkms = [], initramfs } = one.answer;
  const base = { host, os, kernel: known.running, nextKernel: known.next };
  if (!manifest || !module) return { ...base, verdict: "ok" };
  const found = fileFor(module, known.running);
  const { verdict, reason } = leftOut === undefined ? judge(one.answer, manifest) : { verdict: "skipped" as const, reason: leftOut };
  return {
    ...base,
    dkms: dkms.find(({ kernel, version }) => version === manifest.version && (kernel ?? known.running) === known.running)?.state ?? null,
    onDisk: found?.version ?? null,
    loaded: module.loaded?.version ?? (module.loaded ? undefined : null),
    inInitramfs: typeof initramfs === "object" && (found === undefined || isOtherBuild(initramfs, found) ? "stale" : true),
    atBoot: module.atBoot,
    signatures: signaturesOf(one.answer, certificate),
    verdict,
    ...(reason !== undefined && { reason }),
  };
}

/** The file that modprobe takes: the first that depmod's search order names is the one in updates, then extra. */
export const fileFor = ({ files }: ModuleState, release: string) => files.find(({ kernel }) => kernel === release);

interface Judgement {
  readonly verdict: Verdict;
  readonly reason?: string;
}

/** Whether the host is as a rollout would leave it; all that is wrong is named. */
function judge(seen: Seen, manifest: Manifest): Judgement {
  const { machine: known, module } = seen;
  if (known.container !== undefined) return { verdict: "blocked", reason: `a container (${known.container}) has no kernel of its own` };
  const wrong = [
    ...[...new Set([known.running, known.next ?? known.running])].flatMap((release) => wrongOnDisk(seen, release, manifest)),
    ...wrongInKernel(seen),
    ...(manifest.atBoot && !module?.atBoot ? ["not loaded at boot"] : []),
    ...(manifest.initramfs ? wrongInInitramfs(seen) : []),
    ...wrongInLog(seen),
  ];
  if (wrong.length > 0) return { verdict: "failed", reason: wrong.join("; ") };
  return known.next === undefined ? { verdict: "ok", reason: "which kernel boots next is not conclusive" } : { verdict: "ok" };
}

function wrongOnDisk({ module }: Seen, release: string, { version }: Manifest): string[] {
  const found = module && fileFor(module, release);
  if (!found) return [`no file for ${release}`];
  if (found.version !== version) return [`${found.version ?? "no version"} on disk for ${release}, not ${version}`];
  return [];
}

function wrongInKernel({ module, machine: known }: Seen): string[] {
  if (!module?.loaded) return ["not loaded"];
  const found = fileFor(module, known.running);
  return found && isOtherBuild(module.loaded, found) ? ["another build is loaded than lies on disk"] : [];
}

function wrongInInitramfs({ initramfs, module, machine: known }: Seen): string[] {
  if (initramfs === "no-image") return ["no initramfs"];
  if (initramfs === "absent" || initramfs === undefined) return ["not in the initramfs"];
  const found = module && fileFor(module, known.running);
  return found && isOtherBuild(initramfs, found) ? ["another build is in the initramfs"] : [];
}

/** What the kernel has against the module since it booted; that it refused one before does not count where one is loaded. */
function wrongInLog({ trouble, module }: Seen): string[] {
  const [first] = (module?.loaded ? trouble?.damage : trouble?.lines) ?? [];
  return first === undefined ? [] : [`the kernel log tells of trouble with it: ${first}`];
}
