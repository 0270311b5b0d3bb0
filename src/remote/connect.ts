import type { Connect, Target } from "../core/connection.ts";
import type { Transport } from "./channel.ts";
import { createConnection } from "./connection.ts";
import type { LocalUser } from "./endpoint.ts";
import { openLocal } from "./local.ts";
import { PasswordTrials } from "./password_trials.ts";
import type { Ask } from "./person.ts";
import { SharedContents } from "./shared_contents.ts";
import { createSshContext, openSsh } from "./ssh.ts";
import type { SshContext } from "./ssh_context.ts";

type Open = (target: Target, context: SshContext, signal?: AbortSignal) => Promise<Transport>;

const openTransport: Readonly<Record<Target["transport"], Open>> = {
  local: async () => openLocal(),
  ssh: openSsh,
  // A dozen files that most runs never need.
  openssh: async (...opening) => (await import("./openssh.ts")).openOpenssh(...opening),
};

/** Connections for one process: they share parsed keys, known hosts, contents under upload, what became of passwords, and a limit of handshakes at a time. */
export function createConnect(from: LocalUser, { ask }: { readonly ask?: Ask } = {}): Connect {
  const context = createSshContext(from, ask);
  const contents = new SharedContents();
  const trials = new Map<string, PasswordTrials>();
  return async (target, signal) => {
    const transport = await openTransport[target.transport](target, context, signal);
    const passwords = trials.get(target.name) ?? new PasswordTrials();
    trials.set(target.name, passwords);
    return createConnection(transport, { contents, passwords });
  };
}
