import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { z } from "zod";
import { FactError, messageOf, ProofError } from "../core/error.ts";
import {
  type EvidenceOrigin,
  type EvidencePart,
  evidenceParts,
  type HeldEvidence,
  type HeldPart,
  type KernelIdentity,
  type KernelKey,
  type KernelStore,
  kernelKeyName,
  largestEvidence,
} from "../core/kernel_evidence.ts";
import { formatSymvers, parseSymvers } from "../kernel/symbol_crcs.ts";
import { canonicalSymbolMap } from "../kernel/symbol_map.ts";
import { ifAbsent } from "./absent.ts";
import { writeAtomically } from "./atomic_write.ts";
import { digestOf } from "./digest.ts";

const unpack = promisify(gunzip);
const pack = promisify(gzip);

const word = z.string().max(200);
const identity = z
  .templateLiteral(["build-id:", z.string().regex(/^[0-9a-f]+$/)])
  .or(z.templateLiteral(["vmlinuz:", z.string().regex(/^[0-9a-f]{64}$/)]))
  .or(z.literal("package"));

const noteSchema = z.strictObject({
  schema: z.literal(1),
  key: z.strictObject({ distribution: word, kernel: word, kernelPackage: word, architecture: word }),
  identity,
  part: z.enum(evidenceParts),
  source: word,
  host: word,
  at: z.iso.datetime(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sentSha256: z.string().regex(/^[0-9a-f]{64}$/),
});
type Note = z.output<typeof noteSchema>;

/** The text that is kept of a part, the same for the same kernel whoever sent it. Throws a FactError where it is something else. */
const canonical: Readonly<Record<EvidencePart, (text: string) => string>> = {
  crcs(text) {
    const crcs = parseSymvers(text);
    if (crcs.size === 0) throw new FactError("it has no CRCs at all");
    return formatSymvers(crcs);
  },
  map: canonicalSymbolMap,
};

async function readNote(path: string): Promise<Note> {
  try {
    return noteSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new ProofError(`${path} is damaged: ${messageOf(cause)}\nremove it; that kernel's hosts are asked again`, { cause });
  }
}

async function readText(path: string, sha256: string): Promise<string> {
  const bytes = await readFile(path)
    .then((packed) => unpack(packed, { maxOutputLength: largestEvidence }))
    .catch((cause: unknown) => {
      throw new ProofError(`${path} is missing or damaged: ${messageOf(cause)}\nremove its folder; that kernel's hosts are asked again`, {
        cause,
      });
    });
  if (digestOf(bytes).sha256 !== sha256)
    throw new ProofError(`${path} is not what it was: remove its folder; that kernel's hosts are asked again`);
  return bytes.toString();
}

const dataName = ({ part, sha256 }: Pick<Note, "part" | "sha256">): string => `${sha256}.${part}.gz`;
const noteName = ({ identity, part }: Pick<Note, "identity" | "part">): string => `${identity.replace(":", "-")}.${part}.json`;

function heldPart(home: string, note: Note): HeldPart {
  const { source, host, at, sha256, sentSha256 } = note;
  return { source, host, at, sha256, sentSha256, text: () => readText(join(home, dataName(note)), sha256) };
}

/**
 * The evidence of kernels in a folder of the control machine: one folder for each key, in it a note for each build and part, which names its
 * data by their digest. The note is written last, by a rename, so that nobody meets half of it.
 */
export function openKernelStore(folder: string, now: () => Date): KernelStore {
  const homeOf = (key: EvidenceOrigin["key"]): string => join(folder, kernelKeyName(key));
  return {
    async find(key) {
      const home = homeOf(key);
      const names = (await readdir(home).catch(ifAbsent([]))).filter((name) => name.endsWith(".json"));
      const notes = await Promise.all(names.map((name) => readNote(join(home, name))));
      const identities = [...new Set(notes.map((note) => note.identity))].sort();
      return identities.map((one) => heldOf(key, one, notes, home));
    },

    async add(origin, bytes) {
      const { key, identity, part, source, host } = origin;
      const sent = await unpack(bytes, { maxOutputLength: largestEvidence }).catch((cause: unknown) => {
        throw new FactError(`what ${host} sent of ${source} is cut short, or too long: ${messageOf(cause)}`, { cause });
      });
      const text = Buffer.from(canonical[part](sent.toString()));
      const digests = { sha256: digestOf(text).sha256, sentSha256: digestOf(sent).sha256 };
      const note: Note = { schema: 1, key, identity, part, source, host, at: now().toISOString(), ...digests };
      const home = homeOf(key);
      await mkdir(home, { recursive: true });
      await writeAtomically(join(home, dataName(note)), await pack(text));
      await writeAtomically(join(home, noteName(note)), `${JSON.stringify(note, undefined, 2)}\n`);
    },
  };
}

function heldOf(key: KernelKey, one: KernelIdentity, notes: readonly Note[], home: string): HeldEvidence {
  const own = notes.filter((note) => note.identity === one);
  return { key, identity: one, ...Object.fromEntries(own.map((note) => [note.part, heldPart(home, note)])) };
}
