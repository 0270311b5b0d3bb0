import { FactError } from "../core/error.ts";
import type { SymbolVersions } from "./symbol_versions.ts";

/** The CRCs of the symbols that a kernel and its modules export. */
export interface SymbolCrcs {
  /** For people: "Module.symvers", "symvers-5.14.0-427.el9_4.gz", "the kernel's own modules". */
  readonly source: string;
  /** 0: exported without a CRC, so that the kernel checks none. */
  readonly crcs: SymbolVersions;
}

// CRC and symbol come first in all forms of Module.symvers; what follows (namespace, module, kind of export) changed its order twice. What
// `modprobe --dump-modversions` prints of a module ends behind the symbol.
const line = /^0x([0-9a-f]{8})\t([^\t]+)(?:\t|$)/;

/**
 * Reads Module.symvers, what symvers-K.gz unpacks to, or what `modprobe --dump-modversions` prints of many modules, one behind the other: a symbol
 * on whose CRC they disagree is left out. Throws a FactError with the line where it is something else.
 */
export function parseSymvers(text: string): SymbolVersions {
  const crcs = new Map<string, number>();
  const disputed = new Set<string>();
  for (const [index, each] of text.split("\n").entries()) {
    if (each === "") continue;
    const [, digits, symbol] = line.exec(each) ?? [];
    if (digits === undefined || symbol === undefined) {
      throw new FactError(
        `line ${index + 1} of Module.symvers is ${JSON.stringify(each.slice(0, 80))}: expected a CRC, a symbol, and where it is from`,
      );
    }
    const crc = Number.parseInt(digits, 16);
    if ((crcs.get(symbol) ?? crc) !== crc) disputed.add(symbol);
    crcs.set(symbol, crc);
  }
  for (const symbol of disputed) crcs.delete(symbol);
  return crcs;
}

/** The CRCs as lines that `parseSymvers` reads, in the order of the symbols: the same text for the same CRCs. */
export const formatSymvers = (crcs: SymbolVersions): string =>
  [...crcs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([symbol, crc]) => `0x${crc.toString(16).padStart(8, "0")}\t${symbol}\t\n`)
    .join("");
