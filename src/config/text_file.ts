import { readFile } from "node:fs/promises";
import { ConfigError, messageOf } from "../core/error.ts";
import type { SecretSources } from "./secret_sources.ts";
import { isVaultText } from "./vault_text.ts";

/** A file's text. */
export interface TextFile {
  readonly text: string;
  /** Whether the file holds it encrypted, so that no message may quote it. */
  readonly isEncrypted: boolean;
}

/** Reads a file, decrypted where Ansible Vault encrypted it as a whole. Throws a ConfigError where it cannot be read or opened. */
export async function readTextFile(path: string, { vault }: SecretSources): Promise<TextFile> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new ConfigError(`cannot read ${path}: ${messageOf(cause)}`, undefined, { cause });
  });
  if (!isVaultText(text)) return { text, isEncrypted: false };
  return { text: vault.open(text, { file: path, line: 1, column: 1 }), isEncrypted: true };
}
