import { posix } from "node:path";
import { loadManifest, type Manifest } from "../config/manifest.ts";
import { unknownSource } from "../core/artifact.ts";
import { ConfigError, messageOf, ProofError } from "../core/error.ts";
import { printable } from "../core/printable.ts";
import { folderFiles } from "../facts/folder_files.ts";
import { machine } from "../facts/machine.ts";
import { sourceFolder, sourceTree } from "../facts/source_tree.ts";
import { readModule } from "../kernel/module_info.ts";
import { distributionName } from "../rollout/survey.ts";
import type { LocalStore } from "../store/artifacts.ts";
import { type GivenKey, importedParts, readForeignPackage } from "../store/imported.ts";
import { largestPackage } from "../store/package_archive.ts";
import type { ArtifactParts } from "../store/put_artifact.ts";
import type { BareModule } from "../store/vendor_package.ts";
import { isLaidOut, laidOutSource, type WantedSource } from "../tasks/laid_out_source.ts";
import { packageKind, vendorResults } from "../tasks/vendor_place.ts";
import { artifactStoreOf } from "./artifact_store.ts";
import type { Console } from "./console.ts";
import { exitCodeOf } from "./facts.ts";
import { openFleet } from "./fleet.ts";
import { type ImportOptions, originOf } from "./import_request.ts";
import { receiveArtifact, tellReceived } from "./received_artifact.ts";
import { askingContext } from "./run_session.ts";
import { type SurveySession, surveyHosts } from "./survey.ts";

interface Importing {
  readonly manifest: Manifest;
  readonly source: WantedSource;
  readonly store: LocalStore;
  readonly options: ImportOptions;
  readonly console: Console;
}

/** Brings what the vendor's installer built on hosts into the store, with what those hosts say of their kernels. Exit code 2 where something is refused, 4 where a host is not reached. */
export async function importFromHosts(pattern: string, options: ImportOptions, console: Console): Promise<number> {
  if (options.manifest === undefined)
    throw new ConfigError("--from-host needs -m MANIFEST: it says where the vendor's installer leaves what it built");
  const fleet = await openFleet(options, console);
  const manifest = await loadManifest(options.manifest, fleet.secrets);
  vendorResults(manifest, "");
  const names = fleet.select(pattern);
  const context = askingContext(names, fleet, console);
  const source = await laidOutSource(manifest).read(context.control);
  const importing: Importing = { manifest, source, store: artifactStoreOf(fleet, console), options, console };
  const asked = await surveyHosts(names, context, (session) => importFrom(session, importing));
  for (const one of asked) if ("verdict" in one) console.error.write(`${one.name}: ${one.verdict}: ${one.reason}\n`);
  return asked.some((one) => "answer" in one && one.answer > 0) ? 2 : exitCodeOf(asked);
}

/** How many files of one host were refused. */
async function importFrom(session: SurveySession, importing: Importing): Promise<number> {
  const { manifest, console } = importing;
  const { name: host } = session.host;
  const distribution = distributionName(session.host);
  const folder = vendorResults(manifest, distribution);
  const { files } = await session.facts({ files: folderFiles(folder) });
  const kinds = files.map((file) => ({ ...file, kind: packageKind(file.name, manifest, distribution) }));
  for (const { name, kind } of kinds) if (kind === "another version") tellLeft(`${host}:${posix.join(folder, name)}`, importing);
  const packages = kinds.filter(({ kind }) => kind === "wanted");
  if (packages.length === 0) console.error.write(`${host}: no package of ${manifest.name} ${manifest.version} in ${folder}\n`);
  let refused = 0;
  for (const { name, size } of packages) {
    const path = posix.join(folder, name);
    try {
      if (size > largestPackage) throw new ProofError(`it is too large for a package: ${size} bytes, the limit is ${largestPackage}`);
      const parts = await partsOf(path, session, importing);
      tellReceived(`${host}:${path}`, await receiveArtifact(parts, importing.store, importing.options), importing.options, console);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      console.error.write(printable(`${host}:${path}: ${messageOf(error)}\n`));
      refused += 1;
    }
  }
  return refused;
}

const tellLeft = (from: string, { manifest: { name, version }, console }: Importing): void => {
  console.error.write(printable(`${from}: left: it is of another version of ${name}, the manifest is of ${version}\n`));
};

async function partsOf(path: string, session: SurveySession, importing: Importing): Promise<ArtifactParts> {
  const bytes = await session.fetch(path, largestPackage);
  const found = await readForeignPackage(bytes, importing.manifest.name);
  if ("provenance" in found) return found;
  return importedParts(found, await keyOf(found, session, importing), originOf(`${session.host.name}:${path}`, bytes, importing.console));
}

/** What the host says of the kernel that a module is for, and whether it has the manifest's source; what the user says wins. */
async function keyOf({ module }: BareModule, session: SurveySession, { manifest, source, options }: Importing): Promise<GivenKey> {
  const kernel = readModule(module).vermagic.split(" ")[0] ?? "";
  const known = await session.facts({ machine, tree: sourceTree(sourceFolder(manifest.name, manifest.version)) });
  const kernelPackage = options.kernelPackage ?? known.machine.kernels.find(({ release }) => release === kernel)?.packageVersion;
  if (kernelPackage === undefined) {
    throw new ProofError(`the kernel ${kernel} is not installed there, so that its package's version is not known: give --kernel-package`);
  }
  return {
    distribution: options.distribution ?? distributionName(session.host),
    kernelPackage,
    source: options.source ?? (isLaidOut(source, known.tree) ? source.sha256 : unknownSource),
  };
}
