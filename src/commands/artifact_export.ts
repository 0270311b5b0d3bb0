import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ConfigError, KofleetError } from "../core/error.ts";
import { ifAbsent } from "../store/absent.ts";
import { writeAtomically, writeNew } from "../store/atomic_write.ts";
import { checkModule, refuseFailed } from "../store/module_checks.ts";
import { packArtifact } from "../store/package.ts";
import type { ArtifactParts } from "../store/put_artifact.ts";
import type { StoredFiles } from "../store/stored_files.ts";
import { packForVendor } from "../store/vendor_package.ts";
import { chooseArtifact, contentsOf } from "./artifact_choice.ts";
import type { StoreOptions } from "./artifact_list.ts";
import { openStore } from "./artifact_store.ts";
import type { Console } from "./console.ts";

/** The options of `artifacts export`. */
export interface ExportOptions extends StoreOptions {
  /** As a package of the module's vendor. */
  readonly vendor?: boolean;
  /** Over a file that is there. */
  readonly force?: boolean;
}

/** `kofleet artifacts export WHAT FILE`: one artifact as a package, for another store or for the vendor's server. FILE may be a folder. */
export async function exportArtifact(what: string, file: string, options: ExportOptions, console: Console): Promise<number> {
  const store = await openStore(console);
  const files = chooseArtifact(what, (await contentsOf(store)).artifacts);
  const parts = await readParts(files);
  const path = await placeFor(resolve(console.cwd, file), files, options);
  await (options.force ? writeAtomically : writeNew)(path, options.vendor ? packForVendor(parts) : packArtifact(parts)).catch(refuse(path));
  console.out.write(options.json ? `${JSON.stringify({ name: files.name, path })}\n` : `${path}\n`);
  return 0;
}

/** All of an artifact, proved to be what its provenance says. */
async function readParts({ provenance, text, path, log, signature }: StoredFiles): Promise<ArtifactParts> {
  const module = await readFile(path);
  refuseFailed(checkModule(provenance, module));
  return {
    provenance,
    text,
    module,
    ...(log !== undefined && { log: await readFile(log) }),
    ...(signature !== undefined && { signature: await readFile(signature, "utf8") }),
  };
}

async function placeFor(path: string, { name, provenance }: StoredFiles, { vendor }: ExportOptions): Promise<string> {
  const found = await stat(path).catch(ifAbsent(undefined));
  if (!found?.isDirectory()) return path;
  const { module, kernel, version } = provenance;
  return join(path, vendor ? `${module}-${kernel}-${version}.tar.gz` : `${name}.tar.gz`);
}

const refuse = (path: string) => (cause: unknown) => {
  if (!(cause instanceof Error && "code" in cause)) throw cause;
  if (cause.code === "EEXIST") throw new ConfigError(`${path} is there already: --force replaces it`, undefined, { cause });
  throw new KofleetError(`cannot write ${path}: ${cause.message}`, { cause });
};
