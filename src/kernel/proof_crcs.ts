import type { ModuleInfo } from "./module_info.ts";
import { type Evidence, firstOf, type Proof } from "./proof.ts";
import type { SymbolCrcs } from "./symbol_crcs.ts";

const hex = (crc: number): string => `0x${crc.toString(16).padStart(8, "0")}`;

const verdict = (verdict: Proof["verdict"], evidence: string): Proof => ({ name: "crcs", verdict, evidence });

const isVersioned = (vermagic: string): boolean => vermagic.split(" ").includes("modversions");

type Compared = Pick<ModuleInfo, "versions" | "undefinedSymbols" | "vermagic">;

function proveUnversioned({ vermagic }: Compared): Proof {
  return isVersioned(vermagic)
    ? verdict(
        "refused",
        "it carries no CRCs, though its vermagic says modversions: it was stripped of them, or built without Module.symvers",
      )
    : verdict("holds", "its kernel is built without modversions: there are no CRCs to compare");
}

/** Compares the symbol CRCs that a module was built against with those of a host's kernel. A symbol that the host's source does not cover is unknown. */
export function proveCrcs(module: Compared, evidence: Evidence<SymbolCrcs>): Proof {
  const { versions, undefinedSymbols } = module;
  if (versions.size === 0) return proveUnversioned(module);
  if ("missing" in evidence) return verdict("unknown", `it wants ${versions.size} CRCs; the host's are not known: ${evidence.missing}`);
  const { crcs, source } = evidence.known;
  const differing: string[] = [];
  const uncovered: string[] = [];
  for (const [symbol, crc] of versions) {
    const own = crcs.get(symbol);
    if (own === undefined) uncovered.push(symbol);
    else if (own !== crc) differing.push(`${symbol} is ${hex(crc)}, but must be ${hex(own)}`);
  }
  if (differing.length > 0)
    return verdict("refused", `${differing.length} of ${versions.size} CRCs differ from ${source}: ${firstOf(differing)}`);
  const without = undefinedSymbols.filter((symbol) => !versions.has(symbol) && crcs.has(symbol));
  if (without.length > 0) return verdict("refused", `it has no CRC for ${without.length} symbols that ${source} has: ${firstOf(without)}`);
  if (uncovered.length > 0)
    return verdict("unknown", `${source} does not cover ${uncovered.length} of ${versions.size} CRCs: ${firstOf(uncovered)}`);
  return verdict("holds", `all ${versions.size} CRCs are those of ${source}`);
}
