import type { Manifest } from "../config/manifest.ts";
import type { Provenance } from "../core/artifact.ts";
import type { Control } from "../core/input.ts";
import { bootFiles } from "../facts/boot_files.ts";
import { enrolledKeys } from "../facts/enrolled_keys.ts";
import { initramfsListed, initramfsModule } from "../facts/initramfs.ts";
import { removingHooks } from "../facts/kernel_hooks.ts";
import { kernelTrouble } from "../facts/kernel_trouble.ts";
import { machine } from "../facts/machine.ts";
import { moduleDkms, moduleState } from "../facts/module.ts";
import { moduleIndex } from "../facts/module_index.ts";
import { moduleLoading } from "../facts/module_loading.ts";
import { proofsTable } from "../report/proofs_table.ts";
import { renderTable } from "../report/render_table.ts";
import type { Screen } from "../report/screen.ts";
import { type StatusRow, statusTable } from "../report/status_table.ts";
import { marksOf } from "../rollout/survey.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import { exitCodeOf } from "./facts.ts";
import { openFleet } from "./fleet.ts";
import { askingContext } from "./run_session.ts";
import { screenOf } from "./screen.ts";
import type { SeenHost, SeenModule } from "./status_files.ts";
import { type DiskProofs, nothingProved, type OnDisk, onDiskOf, proveOnDisk } from "./status_proofs.ts";
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
  const proved = manifest && options.verbose ? await proveOnDisk(manifest, filesOf(asked, manifest), context.control) : nothingProved;
  const beside = {
    manifest,
    certificate: context.control.certificate,
    stored: manifest ? await storedFor(asked, context.control) : [],
    ...proved,
  };
  const rows = asked.map((one) => rowOf(one, { ...beside, marks: marksOf(fleet.host(one.name).vars) }));
  if (options.json) for (const line of jsonOf(rows, asked, options, proved)) console.out.write(`${line}\n`);
  else console.out.write(`${textOf(rows, screenOf(console.out, console, options), options, proved)}\n`);
  return rows.some(({ verdict }) => verdict === "failed" || verdict === "blocked") ? 2 : exitCodeOf(asked);
}

/** What the store has, where it counts: a damaged store is no reason to tell nothing otherwise. */
async function storedFor(asked: readonly Asked<SeenHost>[], { certificate, artifacts }: Control): Promise<readonly Provenance[]> {
  const isEnforced = asked.some((one) => "answer" in one && one.answer.machine.signatureEnforced);
  return certificate === undefined && isEnforced ? (await artifacts.list()).map(({ provenance }) => provenance) : [];
}

const filesOf = (asked: readonly Asked<SeenHost | SeenModule>[], manifest: Manifest): readonly OnDisk[] =>
  asked.flatMap((one) => ("answer" in one && "module" in one.answer ? onDiskOf(one.answer, manifest) : []));

/** A line for each host. */
function jsonOf(
  rows: readonly StatusRow[],
  asked: readonly Asked<SeenHost>[],
  { verbose }: StatusOptions,
  { proved }: DiskProofs,
): readonly string[] {
  const proofsOf = (name: string) => proved.filter(({ host }) => host === name).map(({ host: _, ...rest }) => rest);
  return rows.map((row, index) => JSON.stringify({ ...row, ...(verbose && { proofs: proofsOf(row.host) }), facts: asked[index] }, plain));
}

function textOf(rows: readonly StatusRow[], screen: Screen, { verbose }: StatusOptions, { proved }: DiskProofs): string {
  const proofs = proved.length > 0 ? [renderTable(proofsTable(proved, screen, true), screen)] : [];
  return [statusTable(rows, screen, verbose), ...proofs].join("\n\n");
}

/** For JSON.stringify, which makes nothing of sets and maps. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Set) return [...value];
  return value instanceof Map ? Object.fromEntries(value) : value;
}

async function askHost({ host, facts }: SurveySession): Promise<SeenHost> {
  return { host, ...(await facts({ machine, enrolled: enrolledKeys })) };
}

async function askModule({ host, facts }: SurveySession, { name, bootFiles: names }: Manifest): Promise<SeenModule> {
  const known = await facts({
    machine,
    module: moduleState(name),
    dkms: moduleDkms(name),
    initramfs: initramfsModule(name, host.kernel),
    isListed: initramfsListed(name),
    enrolled: enrolledKeys,
    trouble: kernelTrouble(name),
    loading: moduleLoading(name),
    removingHooks: removingHooks(name),
    bootFiles: bootFiles(host.kernel, names),
  });
  const { running, next = running } = known.machine;
  if (next === running) return { host, ...known, bootFiles: { [running]: known.bootFiles }, nextIndex: undefined };
  const ofNext = await facts({ index: moduleIndex(name, next), bootFiles: bootFiles(next, names) });
  return { host, ...known, bootFiles: { [running]: known.bootFiles, [next]: ofNext.bootFiles }, nextIndex: ofNext.index };
}
