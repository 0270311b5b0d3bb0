import type { Connect } from "../core/connection.ts";
import { createConnection } from "./connection.ts";
import type { LocalUser } from "./endpoint.ts";
import { openLocal } from "./local.ts";
import { SharedContents } from "./shared_contents.ts";
import { createSshContext, openSsh } from "./ssh.ts";

/** Connections for one process: they share parsed keys, known hosts, contents under upload, and a limit of handshakes at a time. */
export function createConnect(from: LocalUser): Connect {
  const context = createSshContext(from);
  const contents = new SharedContents();
  return async (target, signal) => {
    const transport = target.transport === "local" ? openLocal() : await openSsh(target, context, signal);
    return createConnection(transport, contents);
  };
}
