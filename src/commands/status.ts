import type { Manifest } from "../config/manifest.ts";
import type { Host } from "../core/host.ts";
import type { FleetCertificate } from "../core/input.ts";
import type { Verdict } from "../core/outcome.ts";
import { type EnrolledKeys, enrolledKeys } from "../facts/enrolled_keys.ts";
import { type InitramfsModule, initramfsListed, initramfsModule } from "../facts/initramfs.ts";
import { type KernelTrouble, kernelTrouble } from "../facts/kernel_trouble.ts";
import { type Machine, machine } from "../facts/machine.ts";
import { type ModuleState, moduleDkms, moduleState } from "../facts/module.ts";
import type { DkmsEntry } from "../kernel/dkms.ts";
import { proofsTable } from "../report/proofs_table.ts";
import { renderTable } from "../report/render_table.ts";
import { type StatusRow, statusTable } from "../report/status_table.ts";
import { marksOf, whyLeftOut } from "../rollout/survey.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import { exitCodeOf } from "./facts.ts";
import { type Fleet, openFleet } from "./fleet.ts";
import { askingContext } from "./run_session.ts";
import { screenOf } from "./screen.ts";
import { type OnDisk, proveOnDisk } from "./status_proofs.ts";
import { type Asked, type SurveySession, surveyHosts } from "./survey.ts";

/** The options of `status`. */
export interface StatusOptions extends CommonOptions {
  readonly manifest?: string;
}

/** `kofleet status [-m MANIFEST] [PATTERN]`: a row per host. */
export async function status(pattern: string, options: StatusOptions, console: Console): Promise<number> {
  const fleet = await openFleet(options, console);
  const manifest =
    options.manifest === undefined
      ? undefined
      : await (await import("../config/manifest.ts")).loadManifest(options.manifest, fleet.secrets);
  const names = fleet.select(pattern);
  const context = askingContext(names, fleet, console);
  const asked = await surveyHosts(names, context, (session) => (manifest ? askModule(session, manifest) : askMachine(session)));
  const { certificate } = context.control;
  const rows = asked.map((one) => rowOf(one, manifest, fleet, certificate));
  const proofs = manifest && options.verbose ? await proveOnDisk(manifest, asked.flatMap(onDiskOf), context.control) : [];
  if (options.json) {
    const proofsOf = (host: string) => proofs.filter((one) => one.host === host).map(({ host: _, ...rest }) => rest);
    for (const [index, row] of rows.entries())
      console.out.write(
        `${JSON.stringify({ ...row, ...(options.verbose && { proofs: proofsOf(row.host) }), facts: asked[index] }, plain)}\n`,
      );
  } else {
    const screen = screenOf(console.out, console, options);
    const tables = [statusTable(rows, screen), ...(proofs.length > 0 ? [renderTable(proofsTable(proofs, screen, true), screen)] : [])];
    console.out.write(`${tables.join("\n\n")}\n`);
  }
  return rows.some(({ verdict }) => verdict === "failed" || verdict === "blocked") ? 2 : exitCodeOf(asked);
}

/** For JSON.stringify, which makes nothing of sets and maps. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Set) return [...value];
  return value instanceof Map ? Object.fromEntries(value) : value;
}

/** What one host told; the module's part only where a manifest was given. */
interface Seen {
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

async function askMachine({ host, facts }: SurveySession): Promise<Seen> {
  return { title: `${host.distribution} ${host.distributionVersion}`, ...(await facts({ machine })) };
}

async function askModule({ host, facts }: SurveySession, { name }: Manifest): Promise<Seen> {
  const known = await facts({
    machine,
    module: moduleState(name),
    dkms: moduleDkms(name),
    initramfs: initramfsModule(name, host.kernel),
    isListed: initramfsListed(name),
    enrolled: enrolledKeys,
    trouble: kernelTrouble(name),
  });
  return { host, title: `${host.distribution} ${host.distributionVersion}`, ...known };
}

/** What lies on a host for its running kernel, to be proved. */
function onDiskOf(one: Asked<Seen>): readonly OnDisk[] {
  if ("verdict" in one) return [];
  const { host, machine: known, module, enrolled } = one.answer;
  if (host === undefined || module === undefined || enrolled === undefined) return [];
  return [{ host, machine: known, enrolled, kernel: known.running, sha256: fileFor(module, known.running)?.sha256 }];
}

/** Whether a host's kernel wants modules signed, and trusts the fleet's key; null: it loads any. */
function signaturesOf({ machine: known, enrolled }: Seen, certificate: FleetCertificate | undefined): string | null {
  if (!known.signatureEnforced) return null;
  if (certificate === undefined) return "enforced";
  if (enrolled === undefined || "missing" in enrolled.keys) return "enforced, keys unknown";
  const isEnrolled = enrolled.keys.known.has(certificate.subjectKeyId ?? certificate.serial);
  return isEnrolled ? "enforced, key enrolled" : "enforced, key not enrolled";
}

function rowOf(one: Asked<Seen>, manifest: Manifest | undefined, fleet: Fleet, certificate: FleetCertificate | undefined): StatusRow {
  const host = one.name;
  const leftOut = whyLeftOut(marksOf(fleet.host(host).vars));
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
    inInitramfs: typeof initramfs === "object" ? (initramfs.srcversion === found?.srcversion ? true : "stale") : false,
    atBoot: module.atBoot,
    signatures: signaturesOf(one.answer, certificate),
    verdict,
    ...(reason !== undefined && { reason }),
  };
}

/** The file that modprobe takes: the first that depmod's search order names is the one in updates, then extra. */
const fileFor = ({ files }: ModuleState, release: string) => files.find(({ kernel }) => kernel === release);

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
  return module.loaded.srcversion === fileFor(module, known.running)?.srcversion ? [] : ["another build is loaded than lies on disk"];
}

function wrongInInitramfs({ initramfs, module, machine: known }: Seen): string[] {
  if (initramfs === "no-image") return ["no initramfs"];
  if (initramfs === "absent" || initramfs === undefined) return ["not in the initramfs"];
  return initramfs.srcversion === (module && fileFor(module, known.running))?.srcversion ? [] : ["another build is in the initramfs"];
}

/** What the kernel has against the module since it booted; that it refused one before does not count where one is loaded. */
function wrongInLog({ trouble, module }: Seen): string[] {
  const [first] = (module?.loaded ? trouble?.damage : trouble?.lines) ?? [];
  return first === undefined ? [] : [`the kernel log tells of trouble with it: ${first}`];
}
