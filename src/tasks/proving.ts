import { z } from "zod";
import { isMapNeeded, type Manifest, systemMapPath } from "../config/manifest.ts";
import { type ArtifactKey, artifactName } from "../core/artifact.ts";
import type { Fact } from "../core/fact.ts";
import type { Host } from "../core/host.ts";
import type { FleetCertificate, Input } from "../core/input.ts";
import { kernelKeyName } from "../core/kernel_evidence.ts";
import { waivable } from "../core/proof_names.ts";
import { type Stop, stop } from "../core/task.ts";
import type { EnrolledKeys } from "../facts/enrolled_keys.ts";
import { type KernelSources, kernelSources } from "../facts/kernel_sources.ts";
import type { Machine } from "../facts/machine.ts";
import { evidenceFor, type KernelEvidence, type Missing } from "../kernel/kernel_evidence.ts";
import type { ExpectedOffsets } from "../kernel/proof_offsets.ts";
import type { KnownCertificate } from "../kernel/proof_signature.ts";
import {
  type Allowance,
  describeProofs,
  type Examined,
  type Ground,
  type JudgedProof,
  judgeProofs,
  objectionsIn,
  proveModule,
} from "../kernel/proofs.ts";
import type { ReadableEvidence } from "./kept_evidence.ts";

/** Arguments of tasks that prove: what the user decided to do without. */
export const allowanceArgs = {
  allow_unknown: z.boolean().default(false).describe("let pass what can't be known of a host; the journal records it"),
  allow_unproved: z.array(z.enum(waivable)).default([]).describe("proofs that need not hold; the journal records it"),
};

/** The arguments as an allowance. */
export const allowanceOf = (args: { readonly allow_unknown: boolean; readonly allow_unproved: Allowance["unproved"] }): Allowance => ({
  unknown: args.allow_unknown,
  unproved: args.allow_unproved,
});

/** What a host tells of its kernels, by `sources` and the release. */
export type SourcesOf = Readonly<Record<`sources ${string}`, Fact<KernelSources>>>;
export const sourcesOf = (manifest: Pick<Manifest, "systemMap">, keys: readonly Pick<ArtifactKey, "kernel">[]): SourcesOf =>
  Object.fromEntries(keys.map(({ kernel }) => [`sources ${kernel}`, kernelSources(kernel, systemMapPath(manifest, kernel))]));

/** What is known of one kernel of a host when an artifact is proved for it. */
export interface Knowledge {
  readonly machine: Machine;
  readonly host: Host;
  readonly sources: KernelSources;
  readonly kept: readonly KernelEvidence[];
  /** Why nothing is kept that can be read. */
  readonly missing?: Missing;
  readonly enrolled: EnrolledKeys;
  readonly certificate: KnownCertificate | undefined;
}

/** The fleet's certificate, as far as proofs and people need it. */
export const fleetCertificate: Input<FleetCertificate | undefined> = {
  name: "fleetCertificate",
  read: async ({ certificate }) => certificate,
};

const known = (certificate: FleetCertificate | undefined): KnownCertificate | undefined =>
  certificate && { serial: certificate.serial, subjectKeyId: certificate.subjectKeyId };

/** The facts and inputs of tasks that prove, as their plans read them. */
export interface ProvingFacts {
  readonly machine: Machine;
  readonly enrolled: EnrolledKeys;
  readonly [source: `sources ${string}`]: KernelSources;
}
export interface ProvingInputs {
  readonly certificate: FleetCertificate | undefined;
  readonly [kept: `kept ${string}`]: readonly KernelEvidence[];
}

/** What is known of the kernel that an artifact's key names. */
export const knowledgeOf = (key: ArtifactKey, facts: ProvingFacts, inputs: ProvingInputs, host: Host): Knowledge => ({
  machine: facts.machine,
  host,
  sources: facts[`sources ${key.kernel}`] ?? nothingToTell,
  kept: inputs[`kept ${kernelKeyName(key)}`] ?? [],
  enrolled: facts.enrolled,
  certificate: known(inputs.certificate),
});

/** What a survey knows of a host. */
export interface SurveyedHost {
  readonly host: Host;
  readonly machine: Machine;
  readonly enrolled: EnrolledKeys;
}

/** What is known of a kernel whose host was not asked for more than a survey asks. */
export function surveyedKnowledge(
  key: ArtifactKey,
  { host, machine, enrolled }: SurveyedHost,
  evidence: ReadableEvidence,
  certificate: FleetCertificate | undefined,
): Knowledge {
  const buildId = machine.kernels.find(({ release }) => release === key.kernel)?.buildId;
  const sources = { ...nothingToTell, identity: buildId === undefined ? undefined : (`build-id:${buildId}` as const) };
  return { machine, host, sources, ...evidence, enrolled, certificate: known(certificate) };
}

const nothingToTell: KernelSources = {
  identity: undefined,
  headersVersion: undefined,
  symvers: undefined,
  hasModules: false,
  map: undefined,
  kallsyms: "absent",
};

const hidden = "kernel.kptr_restrict=2 hides the addresses in /proc/kallsyms, and the host has no symbol map: set it to 1 for the rollout";

/** Why a host's kernel could not be asked. */
const missingOf = ({ kallsyms }: KernelSources) => ({
  crcs: "neither its headers nor its own modules were found",
  map: kallsyms === "hidden" ? hidden : "no host runs that kernel, and no symbol map of it was found",
});

/** What a manifest says of the symbols that its module reaches by distance. */
export const expectedOffsets = (manifest: Manifest): ExpectedOffsets => ({
  isMapNeeded: isMapNeeded(manifest),
  symbols: manifest.reaches,
});

/** What an artifact for one kernel of a host is compared with. */
export function groundOf(key: ArtifactKey, sha256: string, manifest: Manifest, knowledge: Knowledge): Ground {
  const { machine, host, sources, kept, missing, enrolled, certificate } = knowledge;
  const kernel = machine.kernels.find(({ release }) => release === key.kernel);
  return {
    expected: { sha256, module: key.module, architecture: host.architecture, vermagic: kernel?.vermagic },
    ...evidenceFor(sources.identity, kept, missing ?? missingOf(sources)),
    signatures: {
      known: { isEnforced: machine.signatureEnforced, enrolledKeys: enrolled.keys, certificates: certificate ? [certificate] : [] },
    },
    offsets: expectedOffsets(manifest),
  };
}

/** Proofs of a module for one kernel of a host, and the refusal that comes of them. */
export interface Proved {
  readonly proofs: readonly JudgedProof[];
  readonly refusal: Stop | undefined;
}

const overrides = "\n--allow-unknown and --allow-unproved NAME override that, and are recorded";

/** Proves a module for one kernel of a host; `what` is how people are told of it. */
export function prove(what: string, module: Examined, ground: Ground, allowance: Allowance, host: Host): Proved {
  const proofs = judgeProofs(proveModule(module, ground), allowance);
  const objections = objectionsIn(proofs);
  if (objections.length === 0) return { proofs, refusal: undefined };
  const hint = objections.every(({ name }) => waivable.some((one) => one === name)) ? overrides : "";
  return { proofs, refusal: stop("blocked", `${what} does not fit ${host.name}: ${describeProofs(objections)}${hint}`, { proofs }) };
}

/** Refuses an artifact whose kernel the host does not have, in that version of its package. */
export function kernelObjection(key: ArtifactKey, known: Machine, host: Host): Stop | undefined {
  const kernel = known.kernels.find(({ release }) => release === key.kernel);
  if (kernel === undefined) return stop("failed", `kernel ${key.kernel} is not installed on ${host.name}`);
  if (kernel.packageVersion === key.kernelPackage) return undefined;
  const reason = `kernel package: it is for "${key.kernelPackage}", but must be for "${kernel.packageVersion ?? "unknown"}"`;
  return stop("blocked", `the artifact ${artifactName(key)} does not fit ${host.name}: ${reason}`);
}
