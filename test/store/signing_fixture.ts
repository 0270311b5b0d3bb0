import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Signing } from "../../src/store/provenance_signature.ts";

/** Nobody signs, and nobody has to. */
export const unsigned: Signing = { isRequired: false, environment: process.env };

/** A new key of a test, and a file that allows it to sign provenances under that name. */
export function signer(name: string, passphrase = "") {
  const folder = mkdtempSync(join(tmpdir(), "kofleet-signer-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [key, allowedSigners] = [join(folder, "key"), join(folder, "allowed")];
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", key]);
  writeFileSync(allowedSigners, `${name} namespaces="kofleet-provenance" ${readFileSync(`${key}.pub`, "utf8")}`);
  return { folder, key, publicKey: `${key}.pub`, allowedSigners };
}
