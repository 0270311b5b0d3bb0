import { join } from "node:path";
import { loadSettings, type Settings } from "../config/settings.ts";
import { type LocalStore, openArtifactStore } from "../store/artifacts.ts";
import { type Folders, xdgFolders } from "../store/xdg.ts";
import type { Console } from "./console.ts";

/** Where the store is, and who signs what goes into it. */
interface StorePlace {
  readonly settings: Settings;
  readonly folders: Folders;
}

/** The store as settings have it. */
export const artifactStoreOf = ({ settings, folders }: StorePlace, { environment }: Pick<Console, "environment">): LocalStore =>
  openArtifactStore(settings.artifacts ?? join(folders.data, "artifacts"), {
    ...(settings.signingKey !== undefined && { key: settings.signingKey }),
    ...(settings.allowedSigners !== undefined && { allowedSigners: settings.allowedSigners }),
    isRequired: settings.requireSigned ?? false,
    environment,
  });

/** The store, for commands that need no inventory. */
export async function openStore(console: Console): Promise<LocalStore> {
  const folders = xdgFolders(console.environment);
  const settings = await loadSettings({ cwd: console.cwd, config: folders.config, home: console.home });
  return artifactStoreOf({ settings, folders }, console);
}
