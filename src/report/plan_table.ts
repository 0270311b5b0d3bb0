import { count } from "./count.ts";
import { foldCounted } from "./fold.ts";
import { groupBy } from "./group.ts";
import { type ProvedOnHost, proofsTable } from "./proofs_table.ts";
import { renderTable } from "./render_table.ts";
import { type Screen, safeLine } from "./screen.ts";
import { type Cell, type Column, type Row, stacked, type Table } from "./table.ts";
import { paints, type Tone } from "./tone.ts";

/** How a host gets the module. */
export type PlannedRoute = "current" | "build" | "copy" | "blocked" | "skipped";

/** What the plan says of one host. */
export interface PlannedHost {
  readonly host: string;
  /** Such as "ubuntu 24.04". */
  readonly distribution: string;
  readonly kernels: readonly string[];
  readonly route: PlannedRoute;
  /** Why this route; for a blocked host also the way out. */
  readonly reason: string;
  /** What would have blocked it, had the user not let it pass. */
  readonly overridden?: string;
  /** Whose build a copy takes; a copy without one comes from the store. */
  readonly builder?: string;
  /** Packages that will be installed. */
  readonly packages: readonly string[];
  /** Counts from 1; absent where nothing is done. */
  readonly wave?: number;
}

/** A build, and the hosts that are given its artifact. */
export interface PlannedBuild {
  readonly kernel: string;
  readonly builder: string;
  readonly forHosts: readonly string[];
}

/** A rollout's plan as people are shown it. */
export interface PlanView {
  readonly module: string;
  readonly version: string;
  readonly hosts: readonly PlannedHost[];
  readonly builds: readonly PlannedBuild[];
  readonly waves: readonly (readonly string[])[];
  /** Combinations of distribution, kernel, architecture and route that no marked canary covers. */
  readonly uncovered?: readonly string[];
  /** How what the store has comes out on the hosts that it is for. */
  readonly proofs?: readonly ProvedOnHost[];
}

/** The plan: hosts with equal plans in one row by wave, then the builds, the proofs of what the store has, and last the blocked hosts with their way out. */
export function planTable(
  { module, version, hosts, builds, uncovered = [], proofs = [] }: PlanView,
  screen: Screen,
  isVerbose = false,
): string {
  const title = (text: string): string => paints(screen.colour).title(safeLine(text, screen));
  const section = (name: string, table: Table): string[] =>
    table.rows.length === 0 ? [] : [`${title(name)}\n${renderTable(table, screen)}`];
  return [
    `${title(`${module} ${version}`)}: ${countRoutes(hosts)}`,
    ...section("Hosts", hostsTable(hosts.filter(({ route }) => route !== "blocked").toSorted(byWave), [...system, ...way], screen)),
    ...section("Builds", buildsTable(builds, screen)),
    ...section("Proofs", proofsTable(proofs, screen, isVerbose)),
    ...section(
      "Blocked",
      hostsTable(
        hosts.filter(({ route }) => route === "blocked"),
        system,
        screen,
      ),
    ),
    ...uncovered.map((kind) => safeLine(`no canary covers ${kind}: mark a host with "canary: true", or give --auto-canary`, screen)),
  ].join("\n\n");
}

const routeTone: Readonly<Record<PlannedRoute, Tone>> = {
  current: "good",
  build: "change",
  copy: "change",
  blocked: "bad",
  skipped: "quiet",
};
const routes: readonly PlannedRoute[] = ["skipped", "current", "build", "copy", "blocked"];

const byWave = (a: PlannedHost, b: PlannedHost): number =>
  (a.wave ?? 0) - (b.wave ?? 0) || routes.indexOf(a.route) - routes.indexOf(b.route);

function countRoutes(hosts: readonly PlannedHost[]): string {
  const counts = routes.map((route) => ({ route, number: hosts.filter((host) => host.route === route).length }));
  const found = counts.filter(({ number }) => number > 0).map(({ route, number }) => `${number} ${route}`);
  return [count(hosts.length, "host"), ...found].join(", ");
}

interface Field {
  readonly column: Column;
  cell(plan: PlannedHost, screen: Screen): Cell;
}

const system: readonly Field[] = [
  { column: { title: "SYSTEM", least: 6 }, cell: ({ distribution }, screen) => ({ text: safeLine(distribution, screen) }) },
  {
    column: { title: "KERNEL", least: 12 },
    cell: ({ kernels }, screen) => stacked(kernels.map((kernel) => ({ text: safeLine(kernel, screen) }))),
  },
];

const way: readonly Field[] = [
  { column: { title: "ROUTE" }, cell: ({ route }) => ({ text: route, tone: routeTone[route] }) },
  { column: { title: "FROM", least: 6 }, cell: (plan, screen) => ({ text: safeLine(origin(plan), screen) }) },
  { column: { title: "WAVE" }, cell: ({ wave }) => (wave === undefined ? { text: "-", tone: "quiet" } : { text: String(wave) }) },
];

function origin({ route, builder }: PlannedHost): string {
  if (route === "build") return "itself";
  return route === "copy" ? (builder ?? "store") : "-";
}

const hostsTable = (hosts: readonly PlannedHost[], fields: readonly Field[], screen: Screen): Table => ({
  columns: [{ title: "HOSTS", least: 12 }, ...fields.map(({ column }) => column)],
  rows: groupBy(hosts, ({ host: _, ...plan }) => plan).map((group) => hostsRow(group, fields, screen)),
  notesTitle: "REASON",
});

function hostsRow(group: readonly [PlannedHost, ...PlannedHost[]], fields: readonly Field[], screen: Screen): Row {
  const [plan] = group;
  const names = { text: safeLine(foldCounted(group.map(({ host }) => host)), screen) };
  const installs = plan.packages.length === 0 ? [] : [`installs ${plan.packages.join(", ")}`];
  const tone = plan.route === "blocked" ? "bad" : "quiet";
  const overridden: Cell[] =
    plan.overridden === undefined ? [] : [{ text: safeLine(`let pass: ${plan.overridden}`, screen), tone: "waiting" }];
  return {
    cells: [names, ...fields.map(({ cell }) => cell(plan, screen))],
    notes: [...[plan.reason, ...installs].map((text): Cell => ({ text: safeLine(text, screen), tone })), ...overridden],
  };
}

const buildsTable = (builds: readonly PlannedBuild[], screen: Screen): Table => ({
  columns: [
    { title: "KERNEL", least: 12 },
    { title: "BUILDER", least: 8 },
    { title: "FOR", least: 12 },
  ],
  rows: builds.map(({ kernel, builder, forHosts }) => ({
    cells: [kernel, builder, foldCounted(forHosts)].map((text) => ({ text: safeLine(text, screen) })),
  })),
  notesTitle: "",
});
