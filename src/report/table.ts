import type { Tone } from "./tone.ts";

/** A column; `least` is how narrow it may become, absent: not narrower than its contents. */
export interface Column {
  /** Line ends part the titles of cells that stand one below the other. */
  readonly title: string;
  readonly least?: number;
}

/** Text with its meaning; `below` stands under it. Text from hosts has gone through `safeLine`. */
export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
  /** Cut where a narrow column would wrap it: what is lost must be of no weight. */
  readonly isCut?: true;
  readonly below?: Cell;
}

/** One row; its notes stand below it over the whole width, a line each or more. */
export interface Row {
  readonly cells: readonly Cell[];
  readonly notes?: readonly Cell[];
}

/** What a table shows. `notesTitle` heads the notes where they are a column of their own: in a pipe. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly notesTitle: string;
}

/** A cell and what stands below it, from the top. */
export const stack = (cell: Cell): readonly Cell[] => (cell.below === undefined ? [cell] : [cell, ...stack(cell.below)]);

/** Cells one below the other, as one. */
export function stacked([first, ...rest]: readonly Cell[]): Cell {
  if (first === undefined) return { text: "" };
  return rest.length === 0 ? first : { ...first, below: stacked(rest) };
}
