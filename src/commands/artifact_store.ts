import { join } from "node:path";
import { noSecretSources } from "../config/secret_sources.ts";
import { loadSettings, type Settings } from "../config/settings.ts";
import type { KernelStore } from "../core/kernel_evidence.ts";
import { type LocalStore, openArtifactStore } from "../store/artifacts.ts";
import { openKernelStore } from "../store/kernel_store.ts";
import { type Folders, xdgFolders } from "../store/xdg.ts";
import type { Console } from "./console.ts";
import { moduleSignerOf } from "./module_signing.ts";

/** Where the store is, and who signs what goes into it. */
interface StorePlace {
  readonly settings: Settings;
  readonly folders: Folders;
}

/** The store as settings have it. */
export function artifactStoreOf(
  { settings, folders }: StorePlace,
  { environment, home }: Pick<Console, "environment" | "home">,
): LocalStore {
  const signModule = moduleSignerOf(settings, { ...noSecretSources, environment, home });
  return openArtifactStore(settings.artifacts ?? join(folders.data, "artifacts"), {
    ...(signModule && { signModule }),
    ...(settings.signingKey !== undefined && { key: settings.signingKey }),
    ...(settings.allowedSigners !== undefined && { allowedSigners: settings.allowedSigners }),
    isRequired: settings.requireSigned ?? false,
    environment,
  });
}

/** The evidence of kernels, beside the artifacts. */
export const kernelStoreOf = ({ folders }: Pick<StorePlace, "folders">, console: Pick<Console, "now">): KernelStore =>
  openKernelStore(join(folders.data, "kernels"), () => console.now());

/** Both stores, for commands that need no inventory. */
export async function openStores(console: Console): Promise<{ readonly artifacts: LocalStore; readonly kernels: KernelStore }> {
  const folders = xdgFolders(console.environment);
  const settings = await loadSettings({ cwd: console.cwd, config: folders.config, home: console.home });
  return { artifacts: artifactStoreOf({ settings, folders }, console), kernels: kernelStoreOf({ folders }, console) };
}

/** The store of artifacts, for commands that need no inventory. */
export const openStore = async (console: Console): Promise<LocalStore> => (await openStores(console)).artifacts;
