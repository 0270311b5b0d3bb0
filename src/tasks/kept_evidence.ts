import { ProofError } from "../core/error.ts";
import type { Control, Input } from "../core/input.ts";

import { type HeldEvidence, type HeldPart, type KernelKey, kernelKeyName, kernelKeyOf } from "../core/kernel_evidence.ts";
import type { KernelEvidence, Missing } from "../kernel/kernel_evidence.ts";
import { parseSymvers, type SymbolCrcs } from "../kernel/symbol_crcs.ts";
import { parseSymbolMap, type SymbolMap } from "../kernel/symbol_map.ts";

/** Where evidence is kept; what was read of it lasts as long as this does. */
type Keeper = Pick<Control, "kernels">;

/** Keeps what was read of a text for the rest of the run, by its sha256. */
function readOnce<T>(read: (text: string) => T): (control: Keeper, sha256: string, text: () => Promise<string>) => Promise<T> {
  const runs = new WeakMap<Keeper, Map<string, Promise<T>>>();
  return (control, sha256, text) => {
    const known = runs.get(control) ?? new Map<string, Promise<T>>();
    runs.set(control, known);
    const value = known.get(sha256) ?? text().then(read);
    known.set(sha256, value);
    // What could not be read now may be readable for the next who asks.
    value.catch(() => known.delete(sha256));
    return value;
  };
}

const crcsOnce = readOnce<SymbolCrcs["crcs"]>(parseSymvers);
const mapOnce = readOnce<SymbolMap>(parseSymbolMap);

async function read(control: Keeper, { identity, crcs, map }: HeldEvidence): Promise<KernelEvidence> {
  return {
    identity,
    ...(crcs && { crcs: { source: crcs.source, crcs: await crcsOnce(control, crcs.sha256, crcs.text) } }),
    ...(map && { map: await mapOnce(control, map.sha256, map.text) }),
  };
}

/** All that is kept of the builds of a kernel, read. Each text is read once in a run. */
async function readEvidence(control: Keeper, key: KernelKey): Promise<readonly KernelEvidence[]> {
  const held = await control.kernels.find(kernelKeyOf(key));
  return Promise.all(held.map((one) => read(control, one)));
}

/** What is kept of the builds of a kernel, or nothing of it, and why. */
export interface ReadableEvidence {
  readonly kept: readonly KernelEvidence[];
  /** Absent: all of it could be read. */
  readonly missing?: Missing;
}

/** All that is kept of the builds of a kernel. What is damaged concerns the hosts of that kernel, and keeps nobody from looking at others. */
export async function readableEvidence(control: Keeper, key: KernelKey): Promise<ReadableEvidence> {
  try {
    return { kept: await readEvidence(control, key) };
  } catch (error) {
    if (error instanceof ProofError) return { kept: [], missing: { crcs: error.message, map: error.message } };
    throw error;
  }
}

/** The evidence that is kept of a kernel. */
export const keptEvidence = (key: KernelKey): Input<readonly KernelEvidence[]> => ({
  name: `keptEvidence ${kernelKeyName(key)}`,
  read: (control) => readEvidence(control, key),
});

/** Inputs for several kernels, by `kept` and the key's name. */
export type KeptEvidence = Readonly<Record<`kept ${string}`, Input<readonly KernelEvidence[]>>>;
export const keptEvidenceOf = (keys: readonly KernelKey[]): KeptEvidence =>
  Object.fromEntries(keys.map((key) => [`kept ${kernelKeyName(key)}`, keptEvidence(key)]));

/** A symbol map that is kept: its sha256, under which it is among the run's contents, and that of the file it was made from. */
export type KeptMap = Pick<HeldPart, "sha256" | "sentSha256">;

/** The symbol map of a kernel, for those who build for it; undefined: none is kept, or they contradict each other. */
export const keptMap = (key: KernelKey): Input<KeptMap | undefined> => ({
  name: `keptMap ${kernelKeyName(key)}`,
  async read({ kernels, contents }) {
    const held = (await kernels.find(kernelKeyOf(key))).filter(({ map }) => map !== undefined);
    const isOne = new Set(held.map(({ map }) => map?.sha256)).size === 1;
    const map = held.find(({ identity }) => isOne || identity === "package")?.map;
    return map && { sha256: await contents.add(Buffer.from(await map.text())), sentSha256: map.sentSha256 };
  },
});
