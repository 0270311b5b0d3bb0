import { gap, naturalWidths } from "./column_widths.ts";
import { type Cell, type Row, stack, type Table } from "./table.ts";
import { displayWidth } from "./text_width.ts";
import type { Paints } from "./tone.ts";

/** Wider cells are not aligned: one long list of hosts must not push everything else out of sight. */
const widestAligned = 40;

/**
 * The table for pipes: no borders, and one line for each row whatever its length, so that grep, awk and diff work on it.
 * Two blanks or more part the columns, no cell holds two or is empty, and the notes are the last column.
 */
export function alignedText(table: Table, paint: Paints): string {
  const widths = naturalWidths(table).map((width) => Math.min(width, widestAligned));
  const hasNotes = table.rows.some(({ notes }) => notes !== undefined);
  const format = ({ cells, notes }: Row): string => {
    const aligned = cells.map((cell, index) => pad(oneLine(cell), widths[index] ?? 0, paint));
    const last = oneLine({ text: notes?.map(({ text }) => text).join("; ") ?? "" });
    return [...aligned, ...(hasNotes ? [last.text] : [])].join(" ".repeat(gap)).trimEnd();
  };
  return [titles(table), ...table.rows].map(format).join("\n");
}

const titles = ({ columns, notesTitle }: Table): Row => ({
  cells: columns.map(({ title }): Cell => ({ text: title, tone: "title" })),
  notes: [{ text: notesTitle }],
});

const oneLine = (cell: Cell): Cell => ({
  ...cell,
  text:
    stack(cell)
      .map(({ text }) => text)
      .join(", ")
      .replaceAll(/\s+/g, " ") || "-",
});

const pad = ({ text, tone = "plain" }: Cell, width: number, paint: Paints): string =>
  paint[tone](text) + " ".repeat(Math.max(0, width - displayWidth(text)));
