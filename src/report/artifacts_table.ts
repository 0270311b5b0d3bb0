import type { Origin, Provenance } from "../core/artifact.ts";
import type { SignatureState } from "../core/input.ts";
import { fitsAsGrid, renderTable } from "./render_table.ts";
import { type Screen, safeLine } from "./screen.ts";
import { type Cell, stacked, type Table } from "./table.ts";

/** An artifact of the store. */
export interface ArtifactRow {
  readonly name: string;
  readonly provenance: Provenance;
  readonly signature: SignatureState;
}

interface Field {
  readonly title: string;
  cell(row: ArtifactRow): Cell;
}

const field = (title: string, text: (provenance: Provenance) => string): Field => ({
  title,
  cell: ({ provenance }) => ({ text: text(provenance) }),
});

const sha256 = field("SHA256", (one) => one.sha256.slice(0, 12));
const module = field("MODULE", (one) => one.module);
const version = field("VERSION", (one) => one.version);
const kernel = field("KERNEL", (one) => one.kernel);
const kernelPackage = field("PACKAGE", (one) => one.kernelPackage);
const distribution = field("DISTRIBUTION", (one) => one.distribution);
const architecture = field("ARCH", (one) => one.architecture);
const builtAt = field("BUILT AT", ({ origin }) => (origin.kind === "built" ? minuteOf(origin.at) : "-"));
const builder = field("BUILDER", ({ origin }) => whose(origin));
const size = field("SIZE", (one) => sizeText(one.size));
const signed: Field = { title: "SIGNED", cell: ({ signature }) => signedCell(signature) };

/** All side by side, for pipes and wide terminals. */
const wide = [sha256, module, version, kernel, kernelPackage, distribution, architecture, builtAt, builder, signed, size].map((one) => [
  one,
]);
/** Two to a column, for a terminal of 100 columns. */
const narrow: readonly (readonly Field[])[] = [
  [sha256, size],
  [module, version],
  [kernel, kernelPackage],
  [distribution, architecture],
  [builtAt, builder],
  [signed],
];

/** A row per artifact, in the order given; what doesn't fit side by side stands one below the other. */
export function artifactsTable(rows: readonly ArtifactRow[], screen: Screen): string {
  const [side, stack] = [layOut(wide, rows, screen), layOut(narrow, rows, screen)];
  return renderTable(fitsAsGrid(stack, screen) && !fitsAsGrid(side, screen) ? stack : side, screen);
}

const layOut = (groups: readonly (readonly Field[])[], rows: readonly ArtifactRow[], screen: Screen): Table => ({
  columns: groups.map((fields) => ({ title: fields.map(({ title }) => title).join("\n") })),
  rows: rows.map((row) => ({ cells: groups.map((fields) => stacked(fields.map((one) => safe(one.cell(row), screen)))) })),
  notesTitle: "",
});

const safe = (cell: Cell, screen: Screen): Cell => ({ ...cell, text: safeLine(cell.text, screen) });

/** "2026-11-22T20:15Z" of an ISO 8601 moment. */
const minuteOf = (moment: string): string => `${moment.slice(0, 16)}Z`;

const whose = (origin: Origin): string => (origin.kind === "built" ? origin.builder : `imported by ${origin.by}`);

function signedCell(state: SignatureState): Cell {
  switch (state.kind) {
    case "holds":
      return { text: state.signer, tone: "good" };
    case "refused":
      return { text: "refused", tone: "bad" };
    case "unknown":
      return { text: "unchecked", tone: "waiting" };
    case "unsigned":
      return { text: "no", tone: "quiet" };
    default:
      return state satisfies never;
  }
}

/** Bytes for people: "712 B", "6 kB", "5.1 MB". */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
