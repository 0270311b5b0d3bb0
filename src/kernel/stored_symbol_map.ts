import { FactError } from "../core/error.ts";
import { type SymbolMap, symbolMapOf } from "./symbol_map.ts";

const title = "kofleet symbol map, relative to kfree";

/** A symbol map for keeping: a line per symbol, its distance from the one before in base 36, and its name. */
export function formatSymbolMap({ distances, names }: SymbolMap): string {
  const lines = names.map((name, at) => `${((distances[at] ?? 0) - (distances[at - 1] ?? 0)).toString(36)} ${name}`);
  return `${[title, ...lines].join("\n")}\n`;
}

/** Reads what `formatSymbolMap` wrote. Throws a FactError where it is something else. */
export function parseStoredSymbolMap(text: string): SymbolMap {
  const [first, ...lines] = text.trimEnd().split("\n");
  if (first !== title) throw new FactError(`expected "${title}" in the first line of a stored symbol map`);
  let distance = 0;
  return symbolMapOf(
    lines.map((line, index) => {
      const [step, name] = line.split(" ");
      distance += Number.parseInt(step ?? "", 36);
      if (name === undefined || !Number.isSafeInteger(distance)) {
        throw new FactError(`line ${index + 2} of the stored symbol map is damaged: remove it; it is asked for again`);
      }
      return { name, distance };
    }),
  );
}
