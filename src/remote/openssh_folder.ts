import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConnectError, messageOf } from "../core/error.ts";

/** A socket's path has 104 bytes on the shortest system; ssh first makes it under a name that is 17 longer, in a folder named by `mkdtemp`. */
const longestFolder = 104 - "\0".length - 17 - "/kofleet-XXXXXX/master".length;

/** A new folder that only this user may enter, with a path short enough for sockets. Throws a ConnectError. */
export async function makeSocketFolder(): Promise<string> {
  const base = Buffer.byteLength(tmpdir()) <= longestFolder ? tmpdir() : "/tmp";
  return mkdtemp(join(base, "kofleet-")).catch((cause: unknown) => {
    throw new ConnectError("protocol", `cannot make a folder for ssh's control socket: ${messageOf(cause)}: set TMPDIR`, { cause });
  });
}
