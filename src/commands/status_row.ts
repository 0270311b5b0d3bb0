import type { Manifest } from "../config/manifest.ts";
import type { Provenance } from "../core/artifact.ts";
import type { FleetCertificate } from "../core/input.ts";
import type { Verdict } from "../core/outcome.ts";
import { isOtherBuild } from "../kernel/other_build.ts";
import type { Duplicates, StatusRow } from "../report/status_table.ts";
import { distributionName, type Marks, whyLeftOut } from "../rollout/survey.ts";
import { duplicatesOf, filesFor, isUnindexed, releasesOf, type SeenHost, type SeenModule } from "./status_files.ts";
import type { Unproved } from "./status_proofs.ts";
import { signatureObstacle, signaturesOf } from "./status_signatures.ts";
import type { Asked } from "./survey.ts";

/** What is known beside what a host told. */
export interface Beside {
  /** undefined: no module was asked for. */
  readonly manifest: Manifest | undefined;
  readonly marks: Marks;
  readonly certificate: FleetCertificate | undefined;
  /** What the store has of the module; it counts where a kernel loads signed modules only, and the fleet signs none. */
  readonly stored: readonly Provenance[];
  /** Files on hosts that were to be proved, and are not. */
  readonly unproved: readonly Unproved[];
}

/** What `status` shows of a host. */
export function rowOf(one: Asked<SeenHost | SeenModule>, beside: Beside): StatusRow {
  const host = one.name;
  const leftOut = whyLeftOut(beside.marks);
  if ("verdict" in one)
    return leftOut === undefined ? { host, verdict: one.verdict, reason: one.reason } : { host, verdict: "skipped", reason: leftOut };
  const { machine, host: profile } = one.answer;
  const { manifest, certificate } = beside;
  const base = { host, os: distributionName(profile), kernel: machine.running, nextKernel: machine.next };
  const { signatures, unknown } = signaturesOf(one.answer, certificate);
  if (!manifest || !("module" in one.answer)) return { ...base, signatures, verdict: "ok", unknown };
  const judgement = leftOut === undefined ? judge(one.answer, manifest, beside) : { verdict: "skipped" as const, reason: leftOut };
  const unproved = beside.unproved.filter((file) => file.host === host).map((file) => file.unknown);
  const allUnknown = [...unknown, ...unknownOfLog(one.answer), ...unknownOfBoot(one.answer), ...unproved];
  return { ...base, ...moduleOf(one.answer, manifest), signatures, ...judgement, unknown: allUnknown };
}

/** A kernel log that can't be read tells of no trouble, whatever happened. */
const unknownOfLog = ({ trouble, machine }: SeenModule): string[] =>
  trouble.isReadable || machine.container !== undefined ? [] : ["whether the kernel log tells of trouble with it: dmesg does not show it"];

const unknownOfBoot = ({ bootFiles }: SeenModule): string[] =>
  Object.values(bootFiles).flatMap(({ problem }) => (problem === undefined ? [] : [`what else the initramfs holds: ${problem}`]));

/** What a host has of the module. */
function moduleOf(seen: SeenModule, { version }: Manifest) {
  const { module, dkms, initramfs, machine } = seen;
  const { all, found } = filesFor(seen, machine.running);
  return {
    dkms: dkms.find((one) => one.version === version && (one.kernel ?? machine.running) === machine.running)?.state ?? null,
    onDisk: found?.version ?? (all.length > 0 ? undefined : null),
    duplicates: duplicatesOf(seen),
    loaded: module.loaded?.version ?? (module.loaded ? undefined : null),
    inInitramfs: typeof initramfs === "object" && (found === undefined || isOtherBuild(initramfs, found) ? ("stale" as const) : true),
    atBoot: module.atBoot,
  };
}

interface Judgement {
  readonly verdict: Verdict;
  readonly reason?: string;
}

/** Whether the host is as a rollout would leave it; all that is wrong is named, and what is only worth a look. */
function judge(seen: SeenModule, manifest: Manifest, { certificate, stored }: Beside): Judgement {
  const { machine: known, module } = seen;
  if (known.container !== undefined) return { verdict: "blocked", reason: `a container (${known.container}) has no kernel of its own` };
  const refused = signatureObstacle(seen, manifest, certificate, stored);
  const wrong = [
    ...releasesOf(seen).flatMap((release) => wrongOnDisk(seen, release, manifest)),
    ...wrongInKernel(seen),
    ...(manifest.atBoot && !module.atBoot ? ["not loaded at boot"] : []),
    ...(manifest.initramfs ? wrongInInitramfs(seen) : []),
    ...Object.entries(seen.bootFiles).flatMap(([release, { lacking }]) =>
      lacking.map((path) => `${path} is not in the initramfs of ${release}`),
    ),
    ...wrongInLog(seen),
  ];
  const odd = [
    ...(known.next === undefined ? ["which kernel boots next is not conclusive"] : []),
    ...duplicatesOf(seen).map(describe),
    ...seen.removingHooks.map((path) => `${path} takes it out of dkms whenever a kernel is installed`),
  ];
  const reasons = [...(refused === undefined ? [] : [refused]), ...wrong, ...odd];
  const verdict = refused !== undefined ? "blocked" : wrong.length > 0 ? "failed" : "ok";
  return { verdict, ...(reasons.length > 0 && { reason: reasons.join("; ") }) };
}

const describe = ({ kernel, taken, others }: Duplicates): string =>
  `duplicates for ${kernel}: ${taken === undefined ? "" : `modprobe takes ${taken}, not `}${others.join(", ")}`;

function wrongOnDisk(seen: SeenModule, release: string, { version }: Manifest): string[] {
  const { all, found } = filesFor(seen, release);
  if (all.length === 0) return [`no file for ${release}`];
  return [
    ...(isUnindexed(seen, release) ? [`depmod's index has no file for ${release}`] : []),
    ...(found && found.version !== version ? [`${found.version ?? "no version"} on disk for ${release}, not ${version}`] : []),
  ];
}

function wrongInKernel(seen: SeenModule): string[] {
  const { loaded } = seen.module;
  if (!loaded) return ["not loaded"];
  const { found } = filesFor(seen, seen.machine.running);
  return found && isOtherBuild(loaded, found) ? ["another build is loaded than lies on disk"] : [];
}

function wrongInInitramfs(seen: SeenModule): string[] {
  const { initramfs } = seen;
  if (initramfs === "no-image") return ["no initramfs"];
  if (!seen.isListed) return ["the initramfs is not told to embed it"];
  if (initramfs === "absent") return ["not in the initramfs"];
  const { found } = filesFor(seen, seen.machine.running);
  return found && isOtherBuild(initramfs, found) ? ["another build is in the initramfs"] : [];
}

/** What the kernel has against the module since it booted; that it refused one before does not count where one is loaded. */
function wrongInLog({ trouble, module }: SeenModule): string[] {
  const [first] = module.loaded ? trouble.damage : trouble.lines;
  return first === undefined ? [] : [`the kernel log tells of trouble with it: ${first}`];
}
