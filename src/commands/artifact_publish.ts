import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { loadManifest, type Manifest } from "../config/manifest.ts";
import { loadPlaybook } from "../config/playbook.ts";
import type { ArtifactKey } from "../core/artifact.ts";
import { ConfigError } from "../core/error.ts";
import type { RunEvent } from "../core/event.ts";
import type { StoredFiles } from "../store/stored_files.ts";
import { builtinTasks } from "../tasks/registry.ts";
import { vendorPlace } from "../tasks/vendor_place.ts";
import { chooseArtifacts, contentsOf } from "./artifact_choice.ts";
import { artifactStoreOf } from "./artifact_store.ts";
import type { RunOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import { openFleet } from "./fleet.ts";
import { runSession } from "./run_session.ts";

/** The options of `artifacts publish`. */
export interface PublishOptions extends RunOptions {
  readonly manifest: string;
  readonly force?: boolean;
}

const playbook = fileURLToPath(new URL("../../playbooks/publish.yaml", import.meta.url));

/** `kofleet artifacts publish -m MANIFEST HOSTS [WHAT…]`: the vendor's packages into the folders of the vendor's server, and what was there already. */
export async function publishArtifacts(
  pattern: string,
  words: readonly string[],
  options: PublishOptions,
  console: Console,
): Promise<number> {
  const fleet = await openFleet(options, console);
  const manifest = await loadManifest(options.manifest, fleet.secrets);
  const { artifacts } = await contentsOf(artifactStoreOf(fleet, console));
  const keys = keysOf(chooseArtifacts(words, artifacts), manifest);
  const paths = pathsOf(keys, manifest);
  const request = {
    title: `publish ${manifest.name} ${manifest.version}`,
    plays: await loadPlaybook(playbook, builtinTasks, fleet.secrets),
    hosts: fleet.select(pattern),
    vars: { manifest, keys, force: options.force ?? false },
    onEvent: (event: RunEvent) => {
      if (!options.json) console.error.write(reportOf(event, [...paths], options));
    },
  };
  return (await runSession(request, fleet, options, console)).exitCode;
}

function keysOf(artifacts: readonly StoredFiles[], { name, version }: Manifest): readonly ArtifactKey[] {
  const fitting = artifacts.map(({ provenance }) => provenance).filter((one) => one.module === name && one.version === version);
  if (fitting.length === 0) throw new ConfigError(`the store has no artifact of ${name} ${version} to publish: kofleet artifacts list`);
  return fitting.map(({ distribution, kernel, kernelPackage, architecture, module, source }) => ({
    ...{ distribution, kernel, kernelPackage, architecture, module, version, source },
  }));
}

/** A vendor's name does not hold all of a key: two artifacts of one name can't both be published. */
function pathsOf(keys: readonly ArtifactKey[], manifest: Manifest): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const key of keys) {
    const { path } = vendorPlace(manifest, key);
    if (paths.has(path)) throw new ConfigError(`several artifacts would be ${path}: say which, by the beginning of its sha256`);
    paths.add(path);
  }
  return paths;
}

/** What a host got, and what it had. */
function reportOf(event: RunEvent, paths: readonly string[], { check }: PublishOptions): string {
  if (event.type !== "task-finished" || (event.outcome.verdict !== "ok" && event.outcome.verdict !== "changed")) return "";
  const written = new Set(event.outcome.steps);
  const word = (path: string): string => (written.has(`write ${path}`) ? (check ? "would be published" : "published") : "already there");
  return paths.map((path) => `${event.host}: ${posix.basename(path)} ${word(path)}\n`).join("");
}
