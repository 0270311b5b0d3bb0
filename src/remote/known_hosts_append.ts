import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { HostKey } from "./host_key.ts";
import { knownHostName } from "./known_hosts.ts";

/** A key to be remembered for a host. */
export interface KnownHostEntry {
  readonly address: string;
  readonly port: number;
  readonly key: HostKey;
}

const lineOf = ({ address, port, key }: KnownHostEntry): string =>
  `${knownHostName(address, port)} ${key.type} ${key.blob.toString("base64")}\n`;

/**
 * Adds lines to a known_hosts file, synced. One write in append mode: others that add lines meanwhile, ssh too, lose none of theirs.
 * A missing file is made with mode 0600, its folder with 0700.
 */
export async function appendKnownHosts(file: string, entries: readonly KnownHostEntry[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, "a+", 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    const start = size > 0 && last.toString() !== "\n" ? "\n" : "";
    await handle.write(start + entries.map(lineOf).join(""));
    await handle.sync();
  } finally {
    await handle.close();
  }
}
