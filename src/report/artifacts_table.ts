import type { Provenance } from "../core/artifact.ts";
import type { SignatureState } from "../core/input.ts";
import { renderTable } from "./render_table.ts";
import { type Screen, safeLine } from "./screen.ts";
import type { Cell } from "./table.ts";

/** An artifact of the store. */
export interface ArtifactRow {
  readonly name: string;
  readonly provenance: Provenance;
  readonly signature: SignatureState;
}

const columns = [
  { title: "SHA256" },
  { title: "MODULE" },
  { title: "VERSION" },
  { title: "KERNEL", least: 12 },
  { title: "PACKAGE", least: 8 },
  { title: "DISTRIBUTION", least: 6 },
  { title: "ARCH" },
  { title: "BUILT AT", least: 10 },
  { title: "BUILDER", least: 8 },
  { title: "SIGNED", least: 8 },
  { title: "SIZE" },
];

/** A row per artifact, in the order given. */
export const artifactsTable = (rows: readonly ArtifactRow[], screen: Screen): string =>
  renderTable({ columns, rows: rows.map((row) => ({ cells: cellsOf(row, screen) })), notesTitle: "" }, screen);

function cellsOf({ provenance, signature }: ArtifactRow, screen: Screen): readonly Cell[] {
  const { sha256, module, version, kernel, kernelPackage, distribution, architecture, origin, size } = provenance;
  const [builtAt, builder] = origin.kind === "built" ? [origin.at, origin.builder] : ["-", `imported by ${origin.by}`];
  const texts = [sha256.slice(0, 12), module, version, kernel, kernelPackage, distribution, architecture, builtAt, builder];
  return [...texts.map((text) => ({ text: safeLine(text, screen) })), signedCell(signature, screen), { text: sizeText(size) }];
}

function signedCell(state: SignatureState, screen: Screen): Cell {
  switch (state.kind) {
    case "holds":
      return { text: safeLine(state.signer, screen), tone: "good" };
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
