import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AskOptions } from "../../src/core/connection.ts";

export const scratch = (): string => mkdtempSync(join(tmpdir(), "kofleet-remote-"));

/** A known_hosts file with that content. */
export function knownHostsFile(content: string): string {
  const file = join(scratch(), "known_hosts");
  writeFileSync(file, content);
  return file;
}

export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/** Options for a round trip that keeps its files in a folder, and writes the contents it is given. */
export const askOptions = (folder: string, contents: readonly (Uint8Array | string)[] = []): AskOptions => ({
  timeout: 20,
  jobs: join(folder, "run", "RUN1"),
  saved: join(folder, "saved", "RUN1"),
  contents: async (digest) => {
    const found = contents.find((bytes) => sha256(bytes) === digest);
    if (found === undefined) throw new Error(`no contents ${digest}`);
    return Buffer.from(found);
  },
});
