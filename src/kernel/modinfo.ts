import { checkLimit, largestModinfo } from "./module_limits.ts";

/**
 * Reads .modinfo: `key=value` texts, each ended by one or more zero bytes; a key may come several times. What is no such text is left out, as the
 * kernel does. Throws a ProofError where it is larger than a module's.
 */
export function readModinfo(section: Uint8Array): ReadonlyMap<string, readonly string[]> {
  checkLimit("bytes of .modinfo", section.length, largestModinfo);
  const values = new Map<string, string[]>();
  for (const text of new TextDecoder().decode(section).split("\0")) {
    const equals = text.indexOf("=");
    if (equals <= 0) continue;
    const key = text.slice(0, equals);
    const known = values.get(key);
    if (known === undefined) values.set(key, [text.slice(equals + 1)]);
    else known.push(text.slice(equals + 1));
  }
  return values;
}
