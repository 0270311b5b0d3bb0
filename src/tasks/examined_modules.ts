import { createHash } from "node:crypto";
import type { Control, Input } from "../core/input.ts";
import { type ModuleInfo, readModule } from "../kernel/module_info.ts";
import type { SignedModule } from "../kernel/proof_signature.ts";
import { unpackModule } from "../kernel/unpack.ts";

/** Modules that were looked into during a run, by the sha256 of their bytes, uncompressed: no module is parsed twice. */
const examined = new WeakMap<Control, Map<string, LookedInto>>();

/** A module that was looked into; whether its signature is valid is known of the fleet's own. */
export type LookedInto = ModuleInfo & SignedModule;

function modulesOf(control: Control): Map<string, LookedInto> {
  const known = examined.get(control) ?? new Map<string, LookedInto>();
  examined.set(control, known);
  return known;
}

/** Looks into a module that is known by its digest; its bytes are asked for once in a run. Throws a ProofError where it is none. */
export async function examineOnce(control: Control, sha256: string, bytes: () => Promise<Uint8Array>): Promise<LookedInto> {
  const known = modulesOf(control);
  const module = known.get(sha256) ?? lookInto(await bytes(), control);
  known.set(sha256, module);
  return module;
}

function lookInto(bytes: Uint8Array, { certificate }: Control): LookedInto {
  const module = readModule(bytes);
  if (certificate?.hasSigned === undefined || module.signature?.keyId !== certificate.serial) return module;
  return { ...module, isSignatureValid: certificate.hasSigned(bytes) };
}

/** Looks into what a host sent, compressed or not. Throws a ProofError where it is no module. */
export async function examine(control: Control, sent: Uint8Array): Promise<void> {
  const bytes = await unpackModule(sent);
  await examineOnce(control, createHash("sha256").update(bytes).digest("hex"), async () => bytes);
}

/** All that was looked into so far, by sha256. */
export const examinedModules: Input<ReadonlyMap<string, LookedInto>> = {
  name: "examinedModules",
  read: async (control) => new Map(modulesOf(control)),
};
