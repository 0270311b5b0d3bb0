import { z } from "zod";
import { FactError, messageOf } from "../core/error.ts";
import type { ModuleInfo } from "./module_info.ts";

const machines = ["x86_64", "aarch64", "ppc64le", "ppc64", "s390x", "riscv64", "loongarch64"] as const;

// Names of symbols and keys are free: entries keep them out of the prototype's reach.
const mapOf = <V>(value: z.ZodType<V>) =>
  z.array(z.tuple([z.string(), value])).transform((entries): ReadonlyMap<string, V> => new Map(entries));

const schema = z.strictObject({
  machine: z.enum(machines),
  size: z.int().nonnegative(),
  name: z.string(),
  version: z.string().exactOptional(),
  vermagic: z.string(),
  srcversion: z.string().exactOptional(),
  buildId: z.string().exactOptional(),
  modinfo: mapOf(z.array(z.string())),
  versions: mapOf(z.int().nonnegative()),
  undefinedSymbols: z.array(z.string()),
  signature: z.strictObject({ signer: z.string().exactOptional(), keyId: z.string(), digest: z.string() }).exactOptional(),
  offsets: z.strictObject({ distances: z.array(z.number()), isPartial: z.boolean() }),
}) satisfies z.ZodType<ModuleInfo>;

/** What was read of a module, as JSON: to be kept under its sha256, so that no module is parsed twice. */
export const formatModuleInfo = (info: ModuleInfo): string =>
  `${JSON.stringify({ ...info, modinfo: [...info.modinfo], versions: [...info.versions] })}\n`;

/** Reads what `formatModuleInfo` wrote. Throws a FactError where it is something else, as what another version of kofleet kept may be. */
export function parseModuleInfo(text: string): ModuleInfo {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new FactError(`the kept summary of a module is damaged or of another version: ${messageOf(cause)}`, { cause });
  }
}
