import { foldCounted } from "./fold.ts";
import { groupBy } from "./group.ts";
import { renderTable } from "./render_table.ts";
import { type Screen, safeLine } from "./screen.ts";
import { type Cell, type Row, stacked, type Table } from "./table.ts";
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
}

/** The plan: hosts with equal plans in one row, then the builds, and last the blocked hosts with their way out. */
export function planTable({ module, version, hosts, builds }: PlanView, screen: Screen): string {
  const title = (text: string): string => paints(screen.colour).title(safeLine(text, screen));
  const isBlocked = ({ route }: PlannedHost): boolean => route === "blocked";
  const section = (name: string, table: Table): string[] =>
    table.rows.length === 0 ? [] : [`${title(name)}\n${renderTable(table, screen)}`];
  return [
    `${title(`${module} ${version}`)}: ${countRoutes(hosts)}`,
    ...section("Hosts", hostsTable(hosts.filter((host) => !isBlocked(host)).sort(byWave), screen)),
    ...section("Builds", buildsTable(builds, screen)),
    ...section("Blocked", hostsTable(hosts.filter(isBlocked), screen)),
  ].join("\n\n");
}

const routeTone: Readonly<Record<PlannedRoute, Tone>> = {
  current: "good",
  build: "change",
  copy: "change",
  blocked: "bad",
  skipped: "quiet",
};

const byWave = (a: PlannedHost, b: PlannedHost): number => (a.wave ?? 0) - (b.wave ?? 0);

function countRoutes(hosts: readonly PlannedHost[]): string {
  const routes = groupBy(hosts, ({ route }) => route).map((group) => `${group.length} ${group[0].route}`);
  return [`${hosts.length} ${hosts.length === 1 ? "host" : "hosts"}`, ...routes].join(", ");
}

const hostsTable = (hosts: readonly PlannedHost[], screen: Screen): Table => ({
  columns: [
    { title: "HOSTS", least: 12 },
    { title: "SYSTEM", least: 6 },
    { title: "KERNEL", least: 12 },
    { title: "ROUTE" },
    { title: "FROM", least: 6 },
    { title: "WAVE" },
  ],
  rows: groupBy(hosts, ({ host: _, ...plan }) => plan).map((group) => hostsRow(group, screen)),
  notesTitle: "REASON",
});

function hostsRow(group: readonly [PlannedHost, ...PlannedHost[]], screen: Screen): Row {
  const [plan] = group;
  const installs = plan.packages.length === 0 ? [] : [`installs ${plan.packages.join(", ")}`];
  return {
    cells: [
      { text: safeLine(foldCounted(group.map(({ host }) => host)), screen) },
      { text: safeLine(plan.distribution, screen) },
      stacked(plan.kernels.map((kernel) => ({ text: safeLine(kernel, screen) }))),
      { text: plan.route, tone: routeTone[plan.route] },
      { text: safeLine(origin(plan), screen) },
      { text: plan.wave === undefined ? "-" : String(plan.wave), tone: plan.wave === undefined ? "quiet" : "plain" },
    ],
    notes: [plan.reason, ...installs].map((text): Cell => ({ text: safeLine(text, screen), tone: "quiet" })),
  };
}

function origin({ route, builder }: PlannedHost): string {
  if (route === "build") return "itself";
  return route === "copy" ? (builder ?? "store") : "-";
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
