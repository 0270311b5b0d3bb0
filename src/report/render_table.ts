import { alignedText } from "./aligned_text.ts";
import { fitWidths } from "./column_widths.ts";
import { gridText } from "./grid_text.ts";
import { recordsText } from "./records_text.ts";
import type { Screen } from "./screen.ts";
import type { Table } from "./table.ts";
import { paints } from "./tone.ts";

/** A table as text without a line end behind it, never wider than the screen: a grid, in a narrow terminal records, in a pipe a line for each row. */
export function renderTable(table: Table, { width, colour }: Screen): string {
  const paint = paints(colour);
  if (width === undefined) return alignedText(table, paint);
  const widths = fitWidths(table, width);
  return widths === undefined ? recordsText(table, width, paint) : gridText(table, widths, width, paint);
}

/** Whether the table is a grid on this screen. */
export const fitsAsGrid = (table: Table, { width }: Screen): boolean => width === undefined || fitWidths(table, width) !== undefined;
