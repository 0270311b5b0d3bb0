import { FactError } from "../core/error.ts";
import type { SymbolVersions } from "./symbol_versions.ts";

/** The CRCs of the symbols that a kernel and its modules export. */
export interface SymbolCrcs {
  /** For people: "Module.symvers", "symvers-5.14.0-427.el9_4.gz", "the kernel's own modules". */
  readonly source: string;
  /** 0: exported without a CRC, so that the kernel checks none. */
  readonly crcs: SymbolVersions;
}

// CRC and symbol come first in all its forms; what follows (namespace, module, kind of export) changed its order twice.
const line = /^0x([0-9a-f]{8})\t([^\t]+)\t/;

/** Reads Module.symvers, or what symvers-K.gz unpacks to. Throws a FactError with the line where it is something else. */
export function parseSymvers(text: string): SymbolVersions {
  const crcs = new Map<string, number>();
  for (const [index, each] of text.split("\n").entries()) {
    if (each === "") continue;
    const [, crc, symbol] = line.exec(each) ?? [];
    if (crc === undefined || symbol === undefined) {
      throw new FactError(
        `line ${index + 1} of Module.symvers is ${JSON.stringify(each.slice(0, 80))}: expected a CRC, a symbol, and where it is from`,
      );
    }
    crcs.set(symbol, Number.parseInt(crc, 16));
  }
  return crcs;
}

/** The CRCs that a kernel's own modules were built against, together; a symbol for which two of them disagree is left out. */
export function uniteVersions(modules: Iterable<SymbolVersions>): SymbolVersions {
  const crcs = new Map<string, number>();
  const disputed = new Set<string>();
  for (const versions of modules) {
    for (const [symbol, crc] of versions) {
      if ((crcs.get(symbol) ?? crc) !== crc) disputed.add(symbol);
      crcs.set(symbol, crc);
    }
  }
  for (const symbol of disputed) crcs.delete(symbol);
  return crcs;
}
