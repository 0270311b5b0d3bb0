import { loadManifest, type Manifest } from "../config/manifest.ts";
import { noSecretSources } from "../config/secret_sources.ts";
import type { Console } from "./console.ts";

/** The manifest that was given, for commands that need no inventory. Throws a ConfigError with its place. */
export async function openManifest(
  path: string | undefined,
  { environment, home }: Pick<Console, "environment" | "home">,
): Promise<Manifest | undefined> {
  return path === undefined ? undefined : loadManifest(path, { ...noSecretSources, environment, home });
}
