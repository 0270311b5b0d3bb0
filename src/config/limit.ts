import { readFile } from "node:fs/promises";
import { ConfigError, messageOf } from "../core/error.ts";
import type { Inventory } from "./inventory.ts";
import { splitPattern } from "./pattern.ts";

/** A limit with each `@file` replaced by the patterns in that file, one a line; blank lines and those that begin with # do not count. */
export async function readLimit(inventory: Inventory, limit: string): Promise<string> {
  const terms = splitPattern(inventory, limit).map(async (term) =>
    term.startsWith("@") ? (await readLines(term.slice(1))).flatMap((line) => splitPattern(inventory, line)) : [term],
  );
  return (await Promise.all(terms)).flat().join(",");
}

async function readLines(path: string): Promise<string[]> {
  try {
    const lines = (await readFile(path, "utf8")).split("\n").map((line) => line.trim());
    return lines.filter((line) => line !== "" && !line.startsWith("#"));
  } catch (cause) {
    throw new ConfigError(`cannot read the limit @${path}: ${messageOf(cause)}`, undefined, { cause });
  }
}
