import { readFile } from "node:fs/promises";
import { KofleetError } from "../core/error.ts";
import type { SignatureState } from "../core/input.ts";
import { lastLines } from "../core/printable.ts";
import { type KeygenAnswer, sshKeygen } from "./ssh_keygen.ts";

/** Who signs, and whose signatures count. */
export interface Signing {
  /** A private key without a passphrase, or the public half of one that the agent holds. */
  readonly key?: string;
  /** A file as ssh-keygen(1) describes it under ALLOWED SIGNERS. */
  readonly allowedSigners?: string;
  /** Whether hosts are given only what an allowed signer signed. */
  readonly isRequired: boolean;
  /** Signs a module for kernels that load signed ones only, in place of whoever signed it before; absent: modules stay as they were built. */
  signModule?(module: Uint8Array): Uint8Array;
  /** Where ssh-keygen and the agent are found. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Keeps a signature over a provenance from being taken for one over anything else. */
const namespace = "kofleet-provenance";

const saidBy = ({ stdout, stderr }: KeygenAnswer): string => lastLines(`${stdout}\n${stderr}`, 2).replaceAll("\n", "; ");

/** Signs a provenance's text, to the byte; the signature as ssh-keygen writes it into files. Throws a KofleetError where the key can't be used. */
export async function signProvenance(text: string, key: string, environment: Signing["environment"]): Promise<string> {
  const answer = await sshKeygen(["-Y", "sign", "-f", key, "-n", namespace], text, environment);
  if (answer.code === 0) return answer.stdout;
  throw new KofleetError(
    `cannot sign with ${key}: ${saidBy(answer)}\nsigning_key names a private key without a passphrase, or the public half of one that the agent holds (ssh-add)`,
  );
}

/** What is to be thought of the signature in a file over a provenance's text. */
export async function checkSignature(text: string, file: string, { allowedSigners, environment }: Signing): Promise<SignatureState> {
  if (allowedSigners === undefined) return unjudged(text, file, environment);
  const known = await sshKeygen(["-Y", "find-principals", "-s", file, "-f", allowedSigners], text, environment);
  const found = known.stdout.split("\n").filter((name) => name !== "");
  if (known.code !== 0 || found.length === 0)
    return { kind: "refused", problem: `no signer that ${allowedSigners} allows: ${saidBy(known)}` };
  // find-principals looks no further than the first line with the key, which may be for another namespace.
  const named = namesOf(await readFile(file, "utf8"), await readFile(allowedSigners, "utf8"));
  return firstAllowed([...new Set([...found, ...named])], (signer) =>
    sshKeygen(["-Y", "verify", "-f", allowedSigners, "-I", signer, "-n", namespace, "-s", file], text, environment),
  );
}

async function firstAllowed(signers: readonly string[], verify: (signer: string) => Promise<KeygenAnswer>): Promise<SignatureState> {
  const refusals: string[] = [];
  for (const signer of signers) {
    const verified = await verify(signer);
    if (verified.code === 0) return { kind: "holds", signer };
    refusals.push(saidBy(verified));
  }
  return { kind: "refused", problem: `not what ${signers.join(" or ")} signed as a provenance: ${refusals[0]}` };
}

/** The names on every line of allowed signers with the key of a signature: comma-separated, and quoted where they have blanks. A certificate's key is on none. */
function namesOf(signature: string, allowed: string): readonly string[] {
  const key = keyIn(signature);
  const lines = allowed.split("\n").filter((line) => !line.startsWith("#") && line.split(/\s+/).includes(key));
  return lines.flatMap((line) => (/^\s*(?:"([^"]*)"|(\S+))/.exec(line)?.slice(1).find(Boolean) ?? "").split(","));
}

/** The public key in a signature, in base64, as OpenSSH's PROTOCOL.sshsig has it: behind 6 bytes of magic and 4 of version its length in 4. */
function keyIn(signature: string): string {
  const blob = Buffer.from(signature.replaceAll(/^-----.*$/gm, ""), "base64");
  const start = 14;
  return blob.subarray(start, start + blob.readUInt32BE(start - 4)).toString("base64");
}

/** Without a list of signers a signature can still be broken. */
async function unjudged(text: string, file: string, environment: Signing["environment"]): Promise<SignatureState> {
  const answer = await sshKeygen(["-Y", "check-novalidate", "-n", namespace, "-s", file], text, environment);
  if (answer.code !== 0) return { kind: "refused", problem: `the signature does not fit: ${saidBy(answer)}` };
  return { kind: "unknown", problem: `signed, but allowed_signers does not say by whom it may be: ${saidBy(answer)}` };
}
