import { sizeText } from "./artifacts_table.ts";
import { renderTable } from "./render_table.ts";
import { type Screen, safeLine } from "./screen.ts";

/** Something that would be removed from the store: an artifact, or a file that no provenance names any more. */
export interface PruneRow {
  readonly kind: "artifact" | "replaced";
  readonly name: string;
  readonly sha256?: string;
  /** Bytes. */
  readonly size: number;
  readonly storedAt?: Date;
}

const columns = [
  { title: "REMOVED" },
  { title: "NAME", least: 20 },
  { title: "SHA256" },
  { title: "STORED AT", least: 10 },
  { title: "SIZE" },
];

/** A row for each thing that would go. */
export const pruneTable = (rows: readonly PruneRow[], screen: Screen): string =>
  renderTable(
    {
      columns,
      rows: rows.map(({ kind, name, sha256, size, storedAt }) => ({
        cells: [kind, name, sha256?.slice(0, 12) ?? "-", storedAt?.toISOString() ?? "-", sizeText(size)].map((text) => ({
          text: safeLine(text, screen),
        })),
      })),
      notesTitle: "",
    },
    screen,
  );
