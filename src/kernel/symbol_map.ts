import { FactError } from "../core/error.ts";
import { baseSymbol } from "./base_offsets.ts";

/** Where a kernel has its symbols, in bytes from the base symbol: that is the same however far address randomisation moved it. */
export interface SymbolMap {
  /** Ascending; a symbol of several places, and several symbols of one place, stand here several times. */
  readonly distances: Int32Array;
  /** The symbol at the same index of `distances`. */
  readonly names: readonly string[];
  readonly known: ReadonlySet<string>;
}

interface Place {
  readonly name: string;
  readonly distance: number;
}

/** The map of these places. */
export function symbolMapOf(places: readonly Place[]): SymbolMap {
  const sorted = places.toSorted((a, b) => a.distance - b.distance);
  const names = sorted.map(({ name }) => name);
  return { distances: Int32Array.from(sorted, ({ distance }) => distance), names, known: new Set(names) };
}

/** An address in two halves: together they are wider than a number is exact. */
interface Address {
  readonly high: number;
  readonly low: number;
}

// Address, type and name; modules are named behind their symbols.
const line = /^[0-9a-f]{16} [A-Za-z] \S+$/;

/** The lines that are of the kernel itself. */
const linesOf = (text: string): readonly string[] => text.split("\n").filter((each) => line.test(each));

/** The address in such a line; undefined for type "a": absolute symbols don't move with the kernel. A map has a hundred thousand lines, so they are cut, not matched again. */
function addressIn(text: string): Address | undefined {
  if (text[17] === "a" || text[17] === "A") return undefined;
  return { high: Number.parseInt(text.slice(0, 8), 16), low: Number.parseInt(text.slice(8, 16), 16) };
}

const nameIn = (text: string): string => text.slice(19);

/** Where a symbol lies that every map has. Throws a FactError where these lines are no map of a kernel, or the addresses are hidden. */
function addressOf(name: string, lines: readonly string[]): Address {
  const found = lines
    .filter((each) => nameIn(each) === name)
    .map(addressIn)
    .find((address) => address !== undefined);
  if (found === undefined) throw new FactError(`the symbol map has no ${name}: it is a stub, or no map of a kernel`);
  if (found.high === 0 && found.low === 0) {
    throw new FactError(`the symbol map has zero for ${name}: kernel.kptr_restrict hides the addresses`);
  }
  return found;
}

const reach = 2 ** 31;

/** Bytes from one address to another; undefined where that is 2 GiB and more: such symbols (offsets of per-CPU variables) are no part of the kernel's image. */
function distanceBetween(base: Address, { high, low }: Address): number | undefined {
  const distance = (high - base.high) * 2 ** 32 + low - base.low;
  return distance >= -reach && distance < reach ? distance : undefined;
}

/** The distance from the base of the symbol in a line; undefined where it does not move with the kernel, or is no part of its image. */
function distanceIn(text: string, base: Address): number | undefined {
  const address = addressIn(text);
  return address && distanceBetween(base, address);
}

/** Where the base symbol lies. Throws a FactError as `addressOf` does. */
function baseOf(lines: readonly string[]): Address {
  addressOf("_text", lines);
  return addressOf(baseSymbol, lines);
}

/**
 * Reads a System.map, or /proc/kallsyms without the symbols of modules. Throws a FactError where it is unreadable: where `kfree` or `_text` is 0 or
 * absent.
 */
export function parseSymbolMap(text: string): SymbolMap {
  const lines = linesOf(text);
  const base = baseOf(lines);
  return symbolMapOf(
    lines.flatMap((each): Place[] => {
      const distance = distanceIn(each, base);
      return distance === undefined ? [] : [{ name: nameIn(each), distance }];
    }),
  );
}

/** Where a canonical map has the base symbol: in the half of the address space that kernels use, with room on both sides. */
const canonicalBase = 0xffffffff90000000n;

/**
 * A System.map of the same kernel, wherever address randomisation had put it: the base symbol is always at the same address, and the others at
 * their distances from it; what does not move with the kernel (per-CPU offsets, absolute symbols) is as it was, and modules are left out.
 * Two maps of one kernel are equal to the byte. Throws a FactError where it is unreadable, as `parseSymbolMap` does.
 */
export function canonicalSymbolMap(text: string): string {
  const lines = linesOf(text);
  const base = baseOf(lines);
  return `${lines.map((each) => movedLine(each, base)).join("\n")}\n`;
}

function movedLine(text: string, base: Address): string {
  const distance = distanceIn(text, base);
  return distance === undefined ? text : `${(canonicalBase + BigInt(distance)).toString(16)}${text.slice(16)}`;
}

/** The first index whose distance is not below the one given. */
function indexOf(distances: Int32Array, wanted: number): number {
  let [from, to] = [0, distances.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((distances[middle] ?? 0) < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The symbols at exactly this distance; none where nothing begins there. */
export function symbolsAt({ distances, names }: SymbolMap, distance: number): readonly string[] {
  const found: string[] = [];
  for (let at = indexOf(distances, distance); distances[at] === distance; at++) found.push(names[at] ?? "");
  return found;
}

/** "name+0x1c" for an address within 64 KiB behind a symbol, else "nothing". */
export function nearbySymbol({ distances, names }: SymbolMap, distance: number): string {
  const at = indexOf(distances, distance + 1) - 1;
  const behind = distance - (distances[at] ?? Number.NEGATIVE_INFINITY);
  return behind < 0x10000 ? `${names[at]}+0x${behind.toString(16)}` : "nothing";
}
