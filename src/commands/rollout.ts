import { fileURLToPath } from "node:url";
import { loadManifest } from "../config/manifest.ts";
import { loadPlaybook } from "../config/playbook.ts";
import type { RunEvent } from "../core/event.ts";
import { type PlanView, planTable } from "../report/plan_table.ts";
import { builtinTasks } from "../tasks/registry.ts";
import type { RunOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import { openFleet } from "./fleet.ts";
import { askToGoOn, hasWork, runSession } from "./run_session.ts";
import { screenOf } from "./screen.ts";

/** The options of `rollout` and `plan`. */
export interface RolloutOptions extends RunOptions {
  readonly manifest: string;
  readonly autoCanary?: boolean;
  readonly allowUnsupported?: boolean;
  readonly allowUnknown?: boolean;
  readonly allowUnproved?: readonly string[];
  readonly waves?: readonly (number | `${number}%`)[];
}

/** The playbook behind both commands, as users may copy it. */
const playbook = fileURLToPath(new URL("../../playbooks/rollout.yaml", import.meta.url));

/** `kofleet rollout -m MANIFEST [PATTERN]`: survey, plan, confirm, build, activate in waves, report. */
export async function rollout(pattern: string, options: RolloutOptions, console: Console): Promise<number> {
  let plan: PlanView | undefined;
  const confirm = async (): Promise<boolean> => {
    if (plan === undefined || !hasWork(plan)) return true;
    return askToGoOn(`Bring ${plan.module} ${plan.version} onto ${plan.waves.flat().length} hosts`, options, console);
  };
  return run("rollout", pattern, options, console, "end", confirm, (view) => {
    plan = view;
    if (!options.json) console.error.write(`\n${planTable(view, screenOf(console.error, console, options), options.verbose)}\n\n`);
  });
}

/** `kofleet plan -m MANIFEST [PATTERN]`: the same, up to the plan. */
export const plan = (pattern: string, options: RolloutOptions, console: Console): Promise<number> =>
  run("plan", pattern, options, console, "confirm", undefined, (view) => {
    if (!options.json) console.out.write(`${planTable(view, screenOf(console.out, console, options), options.verbose)}\n`);
  });

async function run(
  verb: string,
  pattern: string,
  options: RolloutOptions,
  console: Console,
  upTo: "end" | "confirm",
  confirm: (() => Promise<boolean>) | undefined,
  show: (view: PlanView) => void,
): Promise<number> {
  const fleet = await openFleet(options, console);
  const manifest = await loadManifest(options.manifest, fleet.secrets);
  const plays = await loadPlaybook(playbook, builtinTasks, fleet.secrets);
  const onEvent = (event: RunEvent): void => {
    if (event.type === "decided" && isPlanView(event.summary)) show(event.summary);
  };
  const request = {
    title: `${verb} ${manifest.name} ${manifest.version}`,
    plays,
    hosts: fleet.select(pattern),
    vars: varsOf(options, manifest),
    upTo,
    onEvent,
    ...(confirm && { confirm }),
  };
  return (await runSession(request, fleet, options, console)).exitCode;
}

const varsOf = ({ autoCanary, allowUnsupported, allowUnknown, allowUnproved, waves }: RolloutOptions, manifest: unknown) => ({
  manifest,
  ...(waves && { waves }),
  ...(autoCanary !== undefined && { auto_canary: autoCanary }),
  ...(allowUnsupported !== undefined && { allow_unsupported: allowUnsupported }),
  ...(allowUnknown !== undefined && { allow_unknown: allowUnknown }),
  ...(allowUnproved !== undefined && { allow_unproved: allowUnproved }),
});

/** The summary of a `rollout_plan`; other fleet tasks have others. */
const isPlanView = (summary: unknown): summary is PlanView =>
  typeof summary === "object" && summary !== null && "builds" in summary && "waves" in summary;
