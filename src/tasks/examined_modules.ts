import { createHash } from "node:crypto";
import type { Control, Input } from "../core/input.ts";
import { type ModuleInfo, readModule } from "../kernel/module_info.ts";
import type { SignedModule } from "../kernel/proof_signature.ts";
import { unpackModule } from "../kernel/unpack.ts";

/** A module that was looked into; whether its signature is valid is known of the fleet's own. */
export type LookedInto = ModuleInfo & SignedModule;

/** Modules of a run by the sha256 of their bytes, uncompressed: no module is parsed twice. Those that are being looked into, and those that were. */
interface Modules {
  readonly asked: Map<string, Promise<LookedInto>>;
  readonly examined: Map<string, LookedInto>;
}

const runs = new WeakMap<Control, Modules>();

function modulesOf(control: Control): Modules {
  const known = runs.get(control) ?? { asked: new Map(), examined: new Map() };
  runs.set(control, known);
  return known;
}

/** Has bytes seen, which whoever sees them does not keep. */
type Show = <T>(see: (bytes: Uint8Array) => T) => Promise<T>;

/** Looks into a module that is known by its digest; its bytes are asked for once in a run, however many ask at once. Throws a ProofError where it is none. */
export function examineOnce(control: Control, sha256: string, show: Show): Promise<LookedInto> {
  const { asked, examined } = modulesOf(control);
  const module = asked.get(sha256) ?? show((bytes) => lookInto(bytes, control));
  if (asked.has(sha256)) return module;
  asked.set(sha256, module);
  module.then(
    (found) => examined.set(sha256, found),
    // What could not be read now may be readable for the next who asks.
    () => asked.delete(sha256),
  );
  return module;
}

function lookInto(bytes: Uint8Array, { certificate }: Control): LookedInto {
  const module = readModule(bytes);
  if (certificate?.hasSigned === undefined || module.signature?.keyId !== certificate.serial) return module;
  return { ...module, isSignatureValid: certificate.hasSigned(bytes) };
}

/** Looks into what a host sent, compressed or not. Throws a ProofError where it is no module. */
export async function examine(control: Control, sent: Uint8Array): Promise<LookedInto> {
  const bytes = await unpackModule(sent);
  return examineOnce(control, createHash("sha256").update(bytes).digest("hex"), async (see) => see(bytes));
}

/** All that was looked into so far, by sha256. */
export const examinedModules: Input<ReadonlyMap<string, LookedInto>> = {
  name: "examinedModules",
  read: async (control) => new Map(modulesOf(control).examined),
};
