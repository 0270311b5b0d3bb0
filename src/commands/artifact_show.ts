import { readFile } from "node:fs/promises";
import type { Origin, Provenance } from "../core/artifact.ts";
import { type ModuleInfo, readModule } from "../kernel/module_info.ts";
import { type Field, fieldsText } from "../report/fields_text.ts";
import type { StoredFiles } from "../store/stored_files.ts";
import { chooseArtifact, contentsOf } from "./artifact_choice.ts";
import { describeSignature, type StoreOptions } from "./artifact_list.ts";
import { openStore } from "./artifact_store.ts";
import type { Console } from "./console.ts";
import { screenOf } from "./screen.ts";

/** `kofleet artifacts show WHAT`: all that is known of one artifact. Throws a ProofError where its module can't be read. */
export async function showArtifact(what: string, options: StoreOptions, console: Console): Promise<number> {
  const store = await openStore(console);
  const files = chooseArtifact(what, (await contentsOf(store)).artifacts);
  const module = readModule(await readFile(files.path));
  const signature = await store.signatureOf(files);
  if (options.json) {
    const { name, provenance, path, log, storedAt } = files;
    console.out.write(`${JSON.stringify({ name, provenance, signature, path, log, storedAt, module: summaryOf(module) })}\n`);
    return 0;
  }
  const fields: readonly Field[] = [
    ...provenanceFields(files.provenance),
    ["signed", describeSignature(signature)],
    ...Object.entries(summaryOf(module)).map(([key, value]): Field => [`module ${titleOf(key)}`, value]),
    ...placeFields(files),
  ];
  console.out.write(`${fieldsText(fields, screenOf(console.out, console, options))}\n`);
  return 0;
}

function provenanceFields({ origin, packed, ...file }: Provenance): readonly Field[] {
  const packings = Object.entries(packed ?? {}).map(([packing, digest]): Field => [`sha256 as ${packing}`, digest]);
  return [...Object.entries(file), ...packings, ...originFields(origin)].map(([key, value]): Field => [titleOf(key), value]);
}

function originFields(origin: Origin): readonly Field[] {
  const { kind, ...rest } = origin;
  return [["origin", kind], ...Object.entries(rest).map(([title, value]): Field => [`${kind} ${title}`, flat(value)])];
}

const flat = (value: string | Readonly<Record<string, string>>): string =>
  typeof value === "string"
    ? value
    : Object.entries(value)
        .map(([name, text]) => `${name}=${text}`)
        .join(" ");

/** "kernelPackage" as "kernel package". */
const titleOf = (key: string): string => key.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** What the module's own bytes say, as far as proofs compare it. */
const summaryOf = ({ buildId, modinfo, versions, undefinedSymbols, signature, offsets }: ModuleInfo) => ({
  buildId: buildId ?? "none",
  license: modinfo.get("license")?.join(", ") ?? "none",
  depends: modinfo.get("depends")?.join(", ") || "none",
  signature: signature ? `${signature.digest} by ${signature.signer ?? "a key"} (${signature.keyId})` : "none",
  crcs: versions.size,
  undefinedSymbols: undefinedSymbols.length,
  kfreeDistances: offsets.distances.length,
  hiddenDistances: offsets.isPartial ? "possible: its instructions may add to the address of kfree" : "none",
});

const placeFields = ({ path, log, storedAt }: StoredFiles): readonly Field[] => [
  ["file", path],
  ["build log", log ?? "none"],
  ["stored at", storedAt.toISOString()],
];
