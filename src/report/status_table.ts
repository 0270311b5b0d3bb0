import type { Verdict } from "../core/outcome.ts";
import { fitsAsGrid, renderTable } from "./render_table.ts";
import { type Screen, safeLine } from "./screen.ts";
import { type Cell, type Row, stacked, type Table } from "./table.ts";
import { type Tone, verdictTone } from "./tone.ts";

/** What was seen: null is "not there", undefined is "not known". */
type Seen<T> = T | null | undefined;

/** Files of the module for one kernel, of which modprobe takes one. */
export interface Duplicates {
  readonly kernel: string;
  /** The path of the one that modprobe takes; absent: none of them, or it is not known. */
  readonly taken?: string;
  /** The paths of all others. */
  readonly others: readonly string[];
}

/** What a kernel makes of signatures. */
export interface SeenSignatures {
  /** Whether it loads signed modules only. */
  readonly isEnforced: boolean;
  /** Whether it trusts the fleet's key, or will once somebody at its console agrees; null: the fleet has none. */
  readonly key: "enrolled" | "import pending" | "not enrolled" | "unknown" | null;
}

/** What `kofleet status` knows of one host and one module; `--json` has it as it is. */
export interface StatusRow {
  readonly host: string;
  /** Such as "Debian 12". */
  readonly os?: Seen<string>;
  /** The running release. */
  readonly kernel?: Seen<string>;
  /** The release that the next boot takes; undefined where that is not conclusive. */
  readonly nextKernel?: Seen<string>;
  /** The module's state in dkms for the running kernel: "installed", "built". */
  readonly dkms?: Seen<string>;
  /** Version of the file that modprobe takes for the running kernel. */
  readonly onDisk?: Seen<string>;
  /** Kernels that have several files of the module. */
  readonly duplicates?: readonly Duplicates[];
  /** Version of the module in the running kernel. */
  readonly loaded?: Seen<string>;
  /** Whether the initramfs holds it; "stale" where it holds another build. */
  readonly inInitramfs?: Seen<boolean | "stale">;
  /** Whether it is loaded at boot. */
  readonly atBoot?: Seen<boolean>;
  readonly signatures?: Seen<SeenSignatures>;
  /** What can't be known of it, each with the reason. */
  readonly unknown?: readonly string[];
  readonly verdict: Verdict;
  readonly reason?: string;
}

interface Field {
  readonly title: string;
  cell(row: StatusRow, screen: Screen): Cell;
}

/** A column of the table: fields one below the other. */
interface Group {
  readonly fields: readonly Field[];
  readonly least?: number;
}

const host: Field = { title: "HOST", cell: (row, screen) => seen(row.host, screen) };
const os: Field = { title: "OS", cell: (row, screen) => ({ ...seen(row.os, screen, "quiet"), isCut: true }) };
const kernel: Field = { title: "KERNEL", cell: (row, screen) => seen(row.kernel, screen) };
const nextKernel: Field = {
  title: "NEXT KERNEL",
  cell: (row, screen) => (row.nextKernel && row.nextKernel === row.kernel ? quiet("same") : seen(row.nextKernel, screen, "change")),
};
const dkms: Field = { title: "DKMS", cell: (row, screen) => seen(row.dkms, screen) };
const onDisk: Field = { title: "ON DISK", cell: (row, screen) => seen(row.onDisk, screen) };
const loaded: Field = {
  title: "LOADED",
  cell: (row, screen) => seen(row.loaded, screen, row.loaded === row.onDisk ? "plain" : "change"),
};
const inInitramfs: Field = {
  title: "INITRAMFS",
  cell: (row, screen) => seen(row.inInitramfs, screen, row.inInitramfs === "stale" ? "bad" : "plain"),
};
const atBoot: Field = { title: "AT BOOT", cell: (row, screen) => seen(row.atBoot, screen) };
const signatures: Field = {
  title: "SIGNATURES",
  cell: ({ signatures: told }, screen) => seen(told && (told.isEnforced ? "enforced" : "not enforced"), screen),
};
const keyTones: Readonly<Record<NonNullable<SeenSignatures["key"]>, Tone>> = {
  enrolled: "plain",
  "import pending": "waiting",
  "not enrolled": "change",
  unknown: "quiet",
};
const fleetKey: Field = {
  title: "KEY",
  cell: ({ signatures: told }, screen) => {
    const key = told === null ? null : told?.key;
    return seen(key === "unknown" ? undefined : key, screen, key ? keyTones[key] : "plain");
  },
};
const verdict: Field = { title: "VERDICT", cell: (row) => ({ text: row.verdict, tone: verdictTone[row.verdict] }) };

/** Of signatures, what somebody has a reason to look at. */
function signatureFields(rows: readonly StatusRow[]): readonly Field[] {
  const told = rows.flatMap(({ signatures }) => signatures ?? []);
  if (told.some(({ key }) => key !== null)) return [signatures, fleetKey];
  return told.some(({ isEnforced }) => isEnforced) ? [signatures] : [];
}

/** All side by side, for wide terminals and pipes. */
const wide = (more: readonly Field[]): readonly Group[] =>
  [host, os, kernel, nextKernel, dkms, onDisk, loaded, inInitramfs, atBoot, ...more, verdict].map((field) => ({ fields: [field] }));
/** Two to a column, for a terminal of 80 columns. */
const narrow = (more: readonly Field[]): readonly Group[] => [
  { fields: [host, os], least: 10 },
  { fields: [kernel, nextKernel], least: 18 },
  { fields: [dkms] },
  { fields: [onDisk, loaded], least: 7 },
  { fields: [inInitramfs, atBoot] },
  ...(more.length > 0 ? [{ fields: more, least: 10 }] : []),
  { fields: [verdict] },
];

/** A row per host, in the order given, with its reason below, and with what can't be known of it if verbose; what doesn't fit side by side stands one below the other. */
export function statusTable(rows: readonly StatusRow[], screen: Screen, isVerbose = false): string {
  const more = signatureFields(rows);
  const layOut = (groups: readonly Group[]): Table => tableOf(groups, rows, screen, isVerbose);
  const [side, stack] = [layOut(wide(more)), layOut(narrow(more))];
  return renderTable(fitsAsGrid(stack, screen) && !fitsAsGrid(side, screen) ? stack : side, screen);
}

const tableOf = (groups: readonly Group[], rows: readonly StatusRow[], screen: Screen, isVerbose: boolean): Table => ({
  columns: groups.map(({ fields, ...group }) => ({ title: fields.map(({ title }) => title).join("\n"), ...group })),
  rows: rows.map((row) => ({
    cells: groups.map(({ fields }) => stacked(fields.map((field) => field.cell(row, screen)))),
    ...notesOf(row, screen, isVerbose),
  })),
  notesTitle: "REASON",
});

function notesOf({ reason, verdict, unknown = [] }: StatusRow, screen: Screen, isVerbose: boolean): Pick<Row, "notes"> {
  const notes = [
    ...(reason === undefined ? [] : [{ text: safeLine(reason, screen), tone: verdictTone[verdict] }]),
    ...(isVerbose ? unknown.map((text): Cell => ({ text: safeLine(`unknown: ${text}`, screen), tone: "quiet" })) : []),
  ];
  return notes.length > 0 ? { notes } : {};
}

const quiet = (text: string): Cell => ({ text, tone: "quiet" });

function seen(value: Seen<string | boolean>, screen: Screen, tone: Tone = "plain"): Cell {
  if (value === undefined) return quiet("?");
  if (value === null) return quiet("-");
  if (typeof value === "boolean") return { text: value ? "yes" : "no", tone };
  return { text: safeLine(value, screen), tone };
}
