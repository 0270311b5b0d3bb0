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
  readonly name: string;
  readonly high: number;
  readonly low: number;
}

// Address, type and name; modules are named behind their symbols. "a" is absolute: such symbols don't move with the kernel.
const line = /^([0-9a-f]{8})([0-9a-f]{8}) ([A-Za-z]) (\S+)$/;

function* addressesIn(text: string): Generator<Address> {
  for (const each of text.split("\n")) {
    const [, high, low, type, name] = line.exec(each) ?? [];
    if (high === undefined || low === undefined || name === undefined || type?.toLowerCase() === "a") continue;
    yield { name, high: Number.parseInt(high, 16), low: Number.parseInt(low, 16) };
  }
}

function addressOf(name: string, addresses: readonly Address[]): Address {
  const found = addresses.find((address) => address.name === name);
  if (found === undefined) throw new FactError(`the symbol map has no ${name}: it is a stub, or no map of a kernel`);
  if (found.high === 0 && found.low === 0) {
    throw new FactError(`the symbol map has zero for ${name}: kernel.kptr_restrict hides the addresses`);
  }
  return found;
}

const reach = 2 ** 31;

/**
 * Reads a System.map, or /proc/kallsyms without the symbols of modules. Throws a FactError where it is unreadable: where `kfree` or `_text` is 0 or
 * absent. Symbols 2 GiB and more away are no part of the kernel's image (offsets of per-CPU variables), and are left out.
 */
export function parseSymbolMap(text: string): SymbolMap {
  const addresses = [...addressesIn(text)];
  addressOf("_text", addresses);
  const base = addressOf(baseSymbol, addresses);
  const places = addresses.map(({ name, high, low }) => ({ name, distance: (high - base.high) * 2 ** 32 + low - base.low }));
  return symbolMapOf(places.filter(({ distance }) => distance >= -reach && distance < reach));
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
