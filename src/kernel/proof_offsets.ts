import { baseSymbol } from "./base_offsets.ts";
import type { ModuleInfo } from "./module_info.ts";
import { type Evidence, firstOf, type Proof } from "./proof.ts";
import { nearbySymbol, type SymbolMap, symbolsAt } from "./symbol_map.ts";

/** What a manifest says of the symbols that its module reaches by their distance from the base symbol. */
export interface ExpectedOffsets {
  /** `needs: [system_map]`: it is built against a symbol map. */
  readonly isMapNeeded: boolean;
  /** Those that it must be seen to reach in every kernel that has them; the compiler may hide a symbol that shares its function with another. */
  readonly symbols: readonly string[];
}

/** The same, or why nobody can say it: how to have it said. */
export type Expectation = ExpectedOffsets | { readonly missing: string };

const verdict = (verdict: Proof["verdict"], evidence: string): Proof => ({ name: "offsets", verdict, evidence });

const formatDistance = (distance: number): string => `${baseSymbol}${distance < 0 ? "-" : "+"}0x${Math.abs(distance).toString(16)}`;

const reachesNone = `it reaches no symbol by its distance from ${baseSymbol}`;

function proveNone({ machine, offsets }: Compared, expected: Expectation): Proof {
  if ("missing" in expected) return verdict("unknown", `${reachesNone}, and whether it must is not known: ${expected.missing}`);
  if (!expected.isMapNeeded) return verdict("holds", reachesNone);
  if (offsets.isPartial) return verdict("unknown", unseen(machine));
  return verdict("refused", `it was built without a symbol map: ${reachesNone}`);
}

const unseen = (machine: string): string => `its ${machine} instructions compute addresses from ${baseSymbol}, which kofleet can't follow`;

type Compared = Pick<ModuleInfo, "machine" | "offsets">;

/** What is wrong with the place that a distance leads to, or undefined. */
const objection = (distance: number, map: SymbolMap): string | undefined =>
  symbolsAt(map, distance).length > 0 ? undefined : `${formatDistance(distance)} is ${nearbySymbol(map, distance)}`;

function proveReached(distances: readonly number[], expected: Expectation, map: SymbolMap): Proof {
  const reached = distances.map((distance) => symbolsAt(map, distance));
  const reaches = `it reaches ${firstOf(reached.map((names) => names.join(" or ")))}`;
  if ("missing" in expected) return verdict("unknown", `${reaches}, and whether it must reach more is not known: ${expected.missing}`);
  const all = new Set(reached.flat());
  const missed = expected.symbols.filter((name) => map.known.has(name) && !all.has(name));
  if (missed.length === 0) return verdict("holds", reaches);
  return verdict("refused", `it misses ${firstOf(missed)}: it meets ${firstOf([...all])} in the host's kernel`);
}

/**
 * Checks that a module which computes addresses of unexported symbols from that of the base symbol meets exactly symbols of a host's kernel,
 * and among them those that its manifest names. Without a manifest's word only wrong addresses can be told.
 */
export function proveOffsets(module: Compared, expected: Expectation, evidence: Evidence<SymbolMap>): Proof {
  const { distances, isPartial } = module.offsets;
  if (distances.length === 0) return proveNone(module, expected);
  const count = distances.length;
  if ("missing" in evidence) {
    return verdict("unknown", `it reaches symbols by distance (${count}), but the host's symbol map is not known: ${evidence.missing}`);
  }
  const wrong = distances.flatMap((distance) => objection(distance, evidence.known) ?? []);
  if (wrong.length > 0) {
    return verdict("refused", `addresses that are no symbols of the host's kernel, ${wrong.length} of ${count}: ${firstOf(wrong)}`);
  }
  if (isPartial && ("missing" in expected || expected.isMapNeeded)) return verdict("unknown", unseen(module.machine));
  return proveReached(distances, expected, evidence.known);
}
