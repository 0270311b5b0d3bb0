import type { Manifest } from "../config/manifest.ts";
import { enrolledKeys } from "../facts/enrolled_keys.ts";
import { initramfsListed, initramfsModule } from "../facts/initramfs.ts";
import { kernelTrouble } from "../facts/kernel_trouble.ts";
import { machine } from "../facts/machine.ts";
import { moduleDkms, moduleState } from "../facts/module.ts";
import { moduleIndex } from "../facts/module_index.ts";
import { moduleLoading } from "../facts/module_loading.ts";
import { proofsTable } from "../report/proofs_table.ts";
import { renderTable } from "../report/render_table.ts";
import { statusTable } from "../report/status_table.ts";
import { marksOf } from "../rollout/survey.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import { exitCodeOf } from "./facts.ts";
import { openFleet } from "./fleet.ts";
import { askingContext } from "./run_session.ts";
import { screenOf } from "./screen.ts";
import { filesFor, type SeenHost, type SeenModule } from "./status_files.ts";
import { type OnDisk, proveOnDisk } from "./status_proofs.ts";
import { rowOf } from "./status_row.ts";
import { type Asked, type SurveySession, surveyHosts } from "./survey.ts";

/** The options of `status`. */
export interface StatusOptions extends CommonOptions {
  readonly manifest?: string;
}

/** `kofleet status [-m MANIFEST] [PATTERN]`: a row per host. */
export async function status(pattern: string, options: StatusOptions, console: Console): Promise<number> {
  const fleet = await openFleet(options, console);
  const manifest =
    options.manifest === undefined
      ? undefined
      : await (await import("../config/manifest.ts")).loadManifest(options.manifest, fleet.secrets);
  const names = fleet.select(pattern);
  const context = askingContext(names, fleet, console);
  const asked = await surveyHosts<SeenHost | SeenModule>(names, context, (session) =>
    manifest ? askModule(session, manifest) : askHost(session),
  );
  const { certificate, artifacts } = context.control;
  // A damaged store is no reason to tell nothing where it does not count.
  const isStoreAsked = manifest !== undefined && certificate === undefined && asked.some(isEnforcing);
  const stored = isStoreAsked ? (await artifacts.list()).map(({ provenance }) => provenance) : [];
  const rows = asked.map((one) => rowOf(one, { manifest, marks: marksOf(fleet.host(one.name).vars), certificate, stored }));
  const proofs = manifest && options.verbose ? await proveOnDisk(manifest, asked.flatMap(onDiskOf), context.control) : [];
  if (options.json) {
    const proofsOf = (host: string) => proofs.filter((one) => one.host === host).map(({ host: _, ...rest }) => rest);
    for (const [index, row] of rows.entries())
      console.out.write(
        `${JSON.stringify({ ...row, ...(options.verbose && { proofs: proofsOf(row.host) }), facts: asked[index] }, plain)}\n`,
      );
  } else {
    const screen = screenOf(console.out, console, options);
    const tables = [
      statusTable(rows, screen, options.verbose),
      ...(proofs.length > 0 ? [renderTable(proofsTable(proofs, screen, true), screen)] : []),
    ];
    console.out.write(`${tables.join("\n\n")}\n`);
  }
  return rows.some(({ verdict }) => verdict === "failed" || verdict === "blocked") ? 2 : exitCodeOf(asked);
}

/** For JSON.stringify, which makes nothing of sets and maps. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Set) return [...value];
  return value instanceof Map ? Object.fromEntries(value) : value;
}

async function askHost({ host, facts }: SurveySession): Promise<SeenHost> {
  return { host, ...(await facts({ machine, enrolled: enrolledKeys })) };
}

async function askModule({ host, facts }: SurveySession, { name }: Manifest): Promise<SeenModule> {
  const known = await facts({
    machine,
    module: moduleState(name),
    dkms: moduleDkms(name),
    initramfs: initramfsModule(name, host.kernel),
    isListed: initramfsListed(name),
    enrolled: enrolledKeys,
    trouble: kernelTrouble(name),
    loading: moduleLoading(name),
  });
  const { running, next = running } = known.machine;
  return { host, ...known, nextIndex: next === running ? undefined : (await facts({ index: moduleIndex(name, next) })).index };
}

const isEnforcing = (one: Asked<SeenHost>): boolean => "answer" in one && one.answer.machine.signatureEnforced;

/** What lies on a host for its running kernel, to be proved. */
function onDiskOf(one: Asked<SeenHost | SeenModule>): readonly OnDisk[] {
  if ("verdict" in one || !("module" in one.answer)) return [];
  const { host, machine: known, enrolled } = one.answer;
  return [{ host, machine: known, enrolled, kernel: known.running, sha256: filesFor(one.answer, known.running).found?.sha256 }];
}
