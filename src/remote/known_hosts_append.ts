import { type FileHandle, mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { KofleetError } from "../core/error.ts";

/**
 * Adds lines to a known_hosts file: all of them or none, synced. A missing file is made with mode 0600, its folder with 0700.
 * Appended by one write, not by a new file in place of the old: ssh takes no lock, and what it adds at the same moment would be lost with the old file.
 */
export async function appendKnownHosts(file: string, lines: readonly string[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  while (!(await appendUnlessReplaced(file, lines)));
}

/** False where the file was replaced meanwhile, as `ssh-keygen -R` does: then the lines went into the one that is gone. */
async function appendUnlessReplaced(file: string, lines: readonly string[]): Promise<boolean> {
  const handle = await open(file, "a+", 0o600);
  try {
    await appendWhole(handle, lines);
    const [written, named] = [await handle.stat(), await stat(file)];
    return written.ino === named.ino && written.dev === named.dev;
  } finally {
    await handle.close();
  }
}

/** Appends lines to an open file, on a line of their own; what a full disk cut short is taken back. */
export async function appendWhole(
  handle: Pick<FileHandle, "read" | "stat" | "sync" | "truncate" | "write">,
  lines: readonly string[],
): Promise<void> {
  const { size } = await handle.stat();
  const last = Buffer.alloc(1);
  if (size > 0) await handle.read(last, 0, 1, size - 1);
  const start = size > 0 && last.toString() !== "\n" ? "\n" : "";
  const bytes = Buffer.from(start + lines.map((line) => `${line}\n`).join(""));
  const { bytesWritten } = await handle.write(bytes);
  if (bytesWritten < bytes.length) {
    if ((await handle.stat()).size === size + bytesWritten) await handle.truncate(size);
    throw new KofleetError(`only ${bytesWritten} of ${bytes.length} bytes could be written: is the disk full?`);
  }
  await handle.sync();
}
