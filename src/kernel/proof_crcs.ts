import type { ModuleInfo } from "./module_info.ts";
import { type Evidence, firstOf, type Proof } from "./proof.ts";
import type { SymbolCrcs } from "./symbol_crcs.ts";

const hex = (crc: number): string => `0x${crc.toString(16).padStart(8, "0")}`;

const verdict = (verdict: Proof["verdict"], evidence: string): Proof => ({ name: "crcs", verdict, evidence });

const isVersioned = (vermagic: string): boolean => vermagic.split(" ").includes("modversions");

type Compared = Pick<ModuleInfo, "versions" | "undefinedSymbols" | "vermagic">;

function proveUnversioned({ vermagic }: Compared): Proof {
  if (!isVersioned(vermagic)) return verdict("holds", "its kernel is built without modversions: there are no CRCs to compare");
  return verdict(
    "refused",
    "it has no CRCs, though its vermagic says modversions: it was stripped of them, or built without Module.symvers",
  );
}

interface Comparison {
  readonly differing: readonly string[];
  /** Symbols whose CRC the kernel will look for in vain: it loads the module by force only. */
  readonly lacking: readonly string[];
  readonly uncovered: readonly string[];
}

function compare({ versions, undefinedSymbols }: Compared, crcs: SymbolCrcs["crcs"]): Comparison {
  const differing: string[] = [];
  const uncovered: string[] = [];
  for (const [symbol, crc] of versions) {
    const own = crcs.get(symbol);
    if (own === undefined) uncovered.push(symbol);
    else if (own !== crc && own !== 0) differing.push(`${symbol} is ${hex(crc)}, but must be ${hex(own)}`);
  }
  const lacking = undefinedSymbols.filter((symbol) => !versions.has(symbol) && (crcs.get(symbol) ?? 0) !== 0);
  return { differing, lacking, uncovered };
}

function judge({ differing, lacking, uncovered }: Comparison, total: number, source: string): Proof {
  if (differing.length > 0)
    return verdict("refused", `CRCs that differ from ${source}, ${differing.length} of ${total}: ${firstOf(differing)}`);
  if (lacking.length > 0) return verdict("refused", `it lacks CRCs that ${source} has, ${lacking.length}: ${firstOf(lacking)}`);
  if (uncovered.length === 0) return verdict("holds", `all ${total} CRCs are those of ${source}`);
  return verdict("unknown", `CRCs that ${source} does not cover, ${uncovered.length} of ${total}: ${firstOf(uncovered)}`);
}

/** Compares the symbol CRCs that a module was built against with those of a host's kernel. A symbol that the host's source does not cover is unknown. */
export function proveCrcs(module: Compared, evidence: Evidence<SymbolCrcs>): Proof {
  const total = module.versions.size;
  if (total === 0) return proveUnversioned(module);
  if ("missing" in evidence) return verdict("unknown", `it wants ${total} CRCs, but the host's are not known: ${evidence.missing}`);
  return judge(compare(module, evidence.known.crcs), total, evidence.known.source);
}
