import { open } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { ConfigError, KofleetError, messageOf, ProofError } from "../core/error.ts";
import { printable } from "../core/printable.ts";
import { importedParts, readForeignPackage } from "../store/imported.ts";
import { largestPackage } from "../store/package_archive.ts";
import type { ArtifactParts } from "../store/put_artifact.ts";
import { openManifest } from "./artifact_manifest.ts";
import { openStore } from "./artifact_store.ts";
import type { Console } from "./console.ts";
import { type ImportOptions, originOf } from "./import_request.ts";
import { receiveArtifact, tellReceived } from "./received_artifact.ts";

/** `kofleet artifacts import FILE… [-m MANIFEST]`, or `--from-host PATTERN -m MANIFEST`: packages from elsewhere into the store; exit code 2 where one is refused. */
export async function importArtifacts(paths: readonly string[], options: ImportOptions, console: Console): Promise<number> {
  if (options.fromHost !== undefined) {
    if (paths.length > 0) throw new ConfigError("give either files, or --from-host with a pattern");
    return (await import("./artifact_import_hosts.ts")).importFromHosts(options.fromHost, options, console);
  }
  if (paths.length === 0) throw new ConfigError("nothing to import: name packages, or hosts with --from-host");
  const store = await openStore(console);
  const manifest = await openManifest(options.manifest, console);
  let code = 0;
  for (const path of paths) {
    try {
      const parts = await partsOf(resolve(console.cwd, path), manifest?.name, options, console);
      tellReceived(path, await receiveArtifact(parts, store, options), options, console);
    } catch (error) {
      if (!(error instanceof KofleetError)) throw error;
      console.error.write(printable(`${path}: ${error.message}\n`));
      code = error instanceof ProofError ? 2 : 1;
    }
  }
  return code;
}

async function partsOf(path: string, wanted: string | undefined, options: ImportOptions, console: Console): Promise<ArtifactParts> {
  const bytes = await readBounded(path);
  const found = await readForeignPackage(bytes, wanted);
  if ("provenance" in found) return found;
  const { distribution, kernelPackage, source } = options;
  if (distribution === undefined || kernelPackage === undefined || source === undefined) {
    throw new ConfigError(
      'it does not say where its module comes from: give --distribution "debian 12", --kernel-package VERSION (of the package that owns that vmlinuz) and --source SHA256 or unknown',
    );
  }
  return importedParts(found, { distribution, kernelPackage, source }, originOf(basename(path), bytes, console));
}

async function readBounded(path: string): Promise<Uint8Array> {
  const file = await open(path).catch((cause: unknown) => {
    throw new ConfigError(`cannot read it: ${messageOf(cause)}`, undefined, { cause });
  });
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new ConfigError("it is no file");
    if (found.size > largestPackage)
      throw new ProofError(`it is too large for a package: ${found.size} bytes, the limit is ${largestPackage}`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
