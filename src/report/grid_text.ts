import CliTable from "cli-table3";
import { gap } from "./column_widths.ts";
import { type Cell, type Row, stack, stacked, type Table } from "./table.ts";
import { shorten, wrap } from "./text_width.ts";
import type { Paints } from "./tone.ts";

/** cli-table3 looks at every earlier row for each cell: for a table of 2000 rows pieces of this size are twice as fast. */
const rowsAtOnce = 25;

/** No lines but one under the titles: what is between columns and rows is room for text. */
const chars = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", right: "", "right-mid": "", mid: "", "mid-mid": "", middle: " " },
};

/** The table as a grid with columns of these widths; longer cells go on below, and notes take the whole screen. */
export function gridText(table: Table, widths: readonly number[], screenWidth: number, paint: Paints): string {
  const head: Row = { cells: table.columns.map(({ title }) => stacked(title.split("\n").map((text) => ({ text, tone: "title" })))) };
  const rule: Row = { cells: widths.map((width): Cell => ({ text: "─".repeat(width), tone: "quiet" })) };
  const all = [head, rule, ...table.rows];
  const pieces: string[] = [];
  for (let from = 0; from < all.length; from += rowsAtOnce) {
    pieces.push(piece(all.slice(from, from + rowsAtOnce), widths, screenWidth, paint));
  }
  return pieces.join("\n");
}

function piece(rows: readonly Row[], widths: readonly number[], screenWidth: number, paint: Paints): string {
  const spare = screenWidth - widths.reduce((total, width) => total + width + gap, -gap);
  const grid = new CliTable({
    chars,
    style: { head: [], border: [], "padding-left": 0, "padding-right": gap - 1, compact: true },
    colWidths: widths.map((width, index) => width + gap - 1 + (index === widths.length - 1 ? spare : 0)),
  });
  for (const { cells, notes = [] } of rows) {
    grid.push(cells.map((cell, index) => fitted(cell, widths[index] ?? 1, paint)));
    for (const note of notes) grid.push([{ content: indented(note, screenWidth, paint), colSpan: widths.length }]);
  }
  return grid
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** Each line has its own colour: cli-table3 measures and pads line by line. */
const fitted = (cell: Cell, width: number, paint: Paints): string =>
  stack(cell)
    .flatMap(({ text, tone = "plain", isCut }) => (isCut ? [shorten(text, width)] : wrap(text, width)).map(paint[tone]))
    .join("\n");

const indented = ({ text, tone = "plain" }: Cell, width: number, paint: Paints): string =>
  wrap(text, width - 4)
    .map((line, index) => `${index === 0 ? "  ↳ " : "    "}${paint[tone](line)}`)
    .join("\n");
