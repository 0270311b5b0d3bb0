import { type Screen, safeLine } from "./screen.ts";
import { paints } from "./tone.ts";

/** A title, and what is to be said under it. */
export type Field = readonly [title: string, value: string | number];

/** A line for each field, values one below the other. */
export function fieldsText(fields: readonly Field[], screen: Screen): string {
  const width = Math.max(...fields.map(([title]) => title.length));
  const { title: paint } = paints(screen.colour);
  return fields.map(([title, value]) => `${paint(title.padEnd(width))}  ${safeLine(String(value), screen)}`).join("\n");
}
