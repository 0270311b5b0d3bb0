import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { expectRun } from "./run.ts";

/** Where images, the client key and running instances lie: KOFLEET_LAB_CACHE, else `kofleet-lab` in the user's XDG cache folder. */
export function cacheFolder(): string {
  return process.env.KOFLEET_LAB_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "kofleet-lab");
}

/** The private key that every machine of the lab lets in; made on the first call. */
export async function clientKey(): Promise<string> {
  const file = join(cacheFolder(), "client");
  if (existsSync(file)) return file;
  await mkdir(cacheFolder(), { recursive: true, mode: 0o700 });
  await expectRun("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "kofleet-lab", "-f", file]);
  return file;
}
