import { type Row, stack, type Table } from "./table.ts";
import { displayWidth, wrap } from "./text_width.ts";
import type { Paints } from "./tone.ts";

/** The table for terminals that are too narrow for its columns: a paragraph for each row, a line for each cell. */
export function recordsText(table: Table, width: number, paint: Paints): string {
  const titles = table.columns.map(({ title }) => title.replaceAll("\n", ", "));
  const indent = Math.max(...titles.map(displayWidth)) + 2;
  const record = ({ cells, notes = [] }: Row): string =>
    [
      ...cells.map((cell, index) => {
        const title = titles[index] ?? "";
        const lines = stack(cell).flatMap(({ text, tone = "plain" }) => wrap(text, Math.max(1, width - indent)).map(paint[tone]));
        return paint.title(title) + " ".repeat(indent - displayWidth(title)) + lines.join(`\n${" ".repeat(indent)}`);
      }),
      ...notes.flatMap(({ text, tone = "plain" }) => wrap(text, width).map(paint[tone])),
    ].join("\n");
  return table.rows.map(record).join("\n\n");
}
