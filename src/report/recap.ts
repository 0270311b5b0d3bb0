import { graver, type HostResult, type TaskVerdict } from "../core/outcome.ts";
import { count } from "./count.ts";
import { formatDuration } from "./duration.ts";
import { foldCounted } from "./fold.ts";
import { groupBy } from "./group.ts";
import { renderTable } from "./render_table.ts";
import { type Screen, safeLine } from "./screen.ts";
import type { Row, Table } from "./table.ts";
import { verdictTone } from "./tone.ts";

/** What the end of a run leaves to be told. */
export interface RecapView {
  /** All hosts of the run; those without a result were not touched. */
  readonly hosts: readonly string[];
  readonly results: readonly HostResult[];
  readonly check: boolean;
  readonly milliseconds: number;
  /** Where the journal and the outputs are. */
  readonly folder: string;
}

/** The end of a run: hosts with the same result in one row with its reason, the gravest last; who was not touched; how long it took; where the logs are. */
export function recap(view: RecapView, screen: Screen): string {
  const done = new Set(view.results.map(({ host }) => host));
  const untouched = view.hosts.filter((host) => !done.has(host));
  return [
    ...(view.results.length === 0 ? [] : [renderTable(resultsTable(view.results, screen), screen), ""]),
    ...(untouched.length === 0 ? [] : [`not touched: ${safeLine(foldCounted(untouched), screen)}`]),
    `${view.check ? "check mode, nothing was changed: " : ""}${countVerdicts(view.results)} in ${formatDuration(view.milliseconds)}`,
    `logs: ${view.folder}`,
  ].join("\n");
}

function countVerdicts(results: readonly HostResult[]): string {
  const counts = groupBy(results.toSorted(byGravity), ({ verdict }) => verdict).map((group) => `${group.length} ${group[0].verdict}`);
  return [count(results.length, "host"), ...counts].join(", ");
}

const byGravity = (a: HostResult, b: HostResult): number => {
  if (a.verdict === b.verdict) return 0;
  return graver(a.verdict, b.verdict) === a.verdict ? 1 : -1;
};

function resultsTable(results: readonly HostResult[], screen: Screen): Table {
  const groups = groupBy(results.toSorted(byGravity), ({ verdict, reason, counts }) => [verdict, reason, countTasks(counts)]);
  return {
    columns: [{ title: "HOSTS", least: 12 }, { title: "VERDICT" }, { title: "TASKS", least: 10 }],
    rows: groups.map((group) => resultsRow(group, screen)),
    notesTitle: "REASON",
  };
}

function resultsRow(group: readonly [HostResult, ...HostResult[]], screen: Screen): Row {
  const [{ verdict, reason, counts }] = group;
  const tone = verdictTone[verdict];
  return {
    cells: [
      { text: safeLine(foldCounted(group.map(({ host }) => host)), screen) },
      { text: verdict, tone },
      { text: countTasks(counts), tone: "quiet" },
    ],
    ...(reason === undefined ? {} : { notes: [{ text: safeLine(reason, screen), tone }] }),
  };
}

const order: readonly TaskVerdict[] = ["ok", "changed", "skipped", "unknown", "pending-reboot", "blocked", "unreachable", "failed"];

const countTasks = (counts: HostResult["counts"]): string =>
  order
    .filter((verdict) => (counts[verdict] ?? 0) > 0)
    .map((verdict) => `${counts[verdict]} ${verdict}`)
    .join(", ");
