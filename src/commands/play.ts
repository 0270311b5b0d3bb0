import { dirname } from "node:path";
import { loadManifest, type Manifest } from "../config/manifest.ts";
import { loadPlaybook } from "../config/playbook.ts";
import { builtinTasks } from "../tasks/registry.ts";
import type { RunOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import { openFleet } from "./fleet.ts";
import { runSession } from "./run_session.ts";

/** The options of `play`. */
export interface PlayOptions extends RunOptions {
  readonly manifest?: string;
}

/** `kofleet play PLAYBOOK [PATTERN]`: any playbook, on its hosts or those of them that the pattern names. */
export async function play(file: string, pattern: string, options: PlayOptions, console: Console): Promise<number> {
  const fleet = await openFleet(options, console, dirname(file));
  const manifest: Manifest | undefined = options.manifest === undefined ? undefined : await loadManifest(options.manifest, fleet.secrets);
  const plays = await loadPlaybook(file, builtinTasks, fleet.secrets);
  const request = { title: `play ${file}`, plays, hosts: fleet.select(pattern), vars: manifest ? { manifest } : {} };
  return (await runSession(request, fleet, options, console)).exitCode;
}
