import { ProofError } from "../core/error.ts";
import type { TarFile } from "../core/tar.ts";
import { digestOf } from "./digest.ts";
import { packFiles } from "./package_archive.ts";
import { parseProvenance } from "./provenance.ts";
import type { ArtifactParts } from "./put_artifact.ts";

/** The file whose presence makes an archive one of kofleet's own packages: lines as sha256sum(1) writes them. */
export const sumsFile = "SHA256SUMS";

/** The files of a package; the second ones need not be there. */
const needed = ["module.ko", "provenance.json"] as const;
const optional = ["provenance.json.sig", "build.log"] as const;

/** Bytes that a provenance may have. */
const largestProvenance = 64 * 1024;

/** kofleet's own package of an artifact: docs/artifacts.md describes it. */
export function packArtifact({ text, module, log, signature }: ArtifactParts): Uint8Array {
  const files = [
    { path: "module.ko", bytes: module },
    { path: "provenance.json", bytes: Buffer.from(text) },
    ...(signature === undefined ? [] : [{ path: "provenance.json.sig", bytes: Buffer.from(signature) }]),
    ...(log === undefined ? [] : [{ path: "build.log", bytes: Buffer.from(log) }]),
  ];
  const sums = files.map(({ path, bytes }) => `${digestOf(bytes).sha256}  ${path}\n`);
  return packFiles([...files, { path: sumsFile, bytes: Buffer.from(sums.join("")) }]);
}

/** Reads a provenance that came in an archive. */
export function readProvenanceFile({ path, bytes }: TarFile): Pick<ArtifactParts, "provenance" | "text"> {
  if (bytes.length > largestProvenance) throw new ProofError(`${path} is too large for a provenance: ${bytes.length} bytes`);
  const text = Buffer.from(bytes).toString("utf8");
  if (!Buffer.from(text).equals(bytes)) throw new ProofError(`${path} is no text in UTF-8`);
  return { text, provenance: parseProvenance(text, path, "have the package exported again") };
}

/** Reads the files of one of kofleet's own packages. Throws a ProofError where a file is missing, too many, or not what its checksum says. */
export function readPackage(files: readonly TarFile[]): ArtifactParts {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const known = new Set<string>([...needed, ...optional, sumsFile]);
  const stranger = files.find(({ path }) => !known.has(path));
  if (stranger) throw new ProofError(`it has a file that no package has: ${stranger.path}`);
  const one = (path: string): TarFile => byPath.get(path) ?? missing(path);
  checkSums(
    one(sumsFile),
    files.filter(({ path }) => path !== sumsFile),
  );
  const [log, signature] = [byPath.get("build.log"), byPath.get("provenance.json.sig")];
  const parts = { ...readProvenanceFile(one("provenance.json")), module: one("module.ko").bytes };
  checkLog(parts.provenance.log, log);
  return { ...parts, ...(log && { log: log.bytes }), ...(signature && { signature: Buffer.from(signature.bytes).toString("utf8") }) };
}

function missing(path: string): never {
  throw new ProofError(`it has no ${path}`);
}

function checkSums(sums: TarFile, files: readonly TarFile[]): void {
  const lines = Buffer.from(sums.bytes).toString("latin1").split("\n").slice(0, -1);
  const listed = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  if (listed.size !== files.length) throw new ProofError(`${sumsFile} lists ${listed.size} files, and it has ${files.length} beside that`);
  for (const { path, bytes } of files) {
    const { sha256 } = digestOf(bytes);
    if (listed.get(path) !== sha256) {
      throw new ProofError(`${path} has the sha256 ${sha256}, but ${sumsFile} says ${listed.get(path) ?? "nothing of it"}`);
    }
  }
}

/** The provenance, which may be signed, counts for more than the checksums, which anybody can make. */
function checkLog(expected: string | undefined, log: TarFile | undefined): void {
  if (expected === undefined || log === undefined) return;
  const { sha256 } = digestOf(log.bytes);
  if (sha256 !== expected) throw new ProofError(`build.log has the sha256 ${sha256}, but its provenance says ${expected}`);
}
