import type { Connect } from "../core/connection.ts";
import { createConnection } from "./connection.ts";
import { openLocal } from "./local.ts";
import { createSshContext, openSsh } from "./ssh.ts";

/** Connections for one process: they share parsed keys, read known_hosts files, and a limit of handshakes at a time. */
export function createConnect(): Connect {
  const context = createSshContext();
  return async (target, signal) => createConnection(target.transport === "local" ? openLocal() : await openSsh(target, context, signal));
}
