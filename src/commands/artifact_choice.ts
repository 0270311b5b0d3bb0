import { ConfigError } from "../core/error.ts";
import type { DamagedFolder } from "../core/input.ts";
import { didYouMean } from "../core/nearest.ts";
import type { LocalStore } from "../store/artifacts.ts";
import type { StoredFiles } from "../store/stored_files.ts";

/** All of a store, what is damaged apart. */
export interface StoreContents {
  readonly artifacts: readonly StoredFiles[];
  readonly damaged: readonly DamagedFolder[];
}

/** Looks through a store. */
export async function contentsOf(store: LocalStore): Promise<StoreContents> {
  const all = await store.files();
  return { artifacts: all.filter((one) => "home" in one), damaged: all.filter((one) => "problem" in one) };
}

/** A sha256 or its beginning, an artifact's whole name, or the beginning of it up to an "@": "dattobd", "dattobd@0.12.0". */
const isMeant = (what: string, { name, provenance }: StoredFiles): boolean =>
  name === what || name.startsWith(`${what}@`) || (/^[0-9a-f]{6,64}$/.test(what) && provenance.sha256.startsWith(what));

function meantBy(what: string, artifacts: readonly StoredFiles[]): readonly StoredFiles[] {
  const found = artifacts.filter((artifact) => isMeant(what, artifact));
  if (found.length > 0) return found;
  const names = artifacts.flatMap(({ name, provenance }) => [name, provenance.module]);
  throw new ConfigError(`no artifact is called "${what}"${didYouMean(what, names)}: kofleet artifacts list shows them all`);
}

/** The artifacts that some words mean; all where there are no words. Throws a ConfigError where one means nothing. */
export const chooseArtifacts = (words: readonly string[], artifacts: readonly StoredFiles[]): readonly StoredFiles[] =>
  words.length === 0 ? artifacts : [...new Set(words.flatMap((what) => meantBy(what, artifacts)))];

/** The one artifact that a word means. Throws a ConfigError where there are several. */
export function chooseArtifact(what: string, artifacts: readonly StoredFiles[]): StoredFiles {
  const [one, ...more] = meantBy(what, artifacts);
  if (one !== undefined && more.length === 0) return one;
  const names = [one, ...more].map((artifact) => `  ${artifact?.provenance.sha256.slice(0, 12)}  ${artifact?.name}`);
  throw new ConfigError(`"${what}" means ${more.length + 1} artifacts: give the beginning of a sha256\n${names.join("\n")}`);
}
