import { type Cell, stack, type Table } from "./table.ts";
import { displayWidth } from "./text_width.ts";

/** Blanks between two columns. */
export const gap = 2;

/** How wide each column is for its contents alone. */
export const naturalWidths = ({ columns, rows }: Table): number[] =>
  columns.map(({ title }, index) =>
    rows.reduce((most, { cells }) => Math.max(most, cellWidth(cells[index])), Math.max(...title.split("\n").map(displayWidth))),
  );

/** Widths with which the table is at most `width` wide: the widest columns give first. Nothing where it can't be. */
export function fitWidths(table: Table, width: number): number[] | undefined {
  const natural = naturalWidths(table);
  const least = natural.map((wanted, index) => Math.min(wanted, table.columns[index]?.least ?? wanted));
  const room = width - gap * (natural.length - 1);
  if (sum(least) > room) return undefined;
  const capped = (cap: number): number[] => natural.map((wanted, index) => Math.max(least[index] ?? 0, Math.min(wanted, cap)));
  let cap = Math.max(...natural);
  while (sum(capped(cap)) > room) cap -= 1;
  return capped(cap);
}

const cellWidth = (cell: Cell | undefined): number =>
  Math.max(0, ...(cell === undefined ? [] : stack(cell)).map(({ text }) => displayWidth(text)));
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
