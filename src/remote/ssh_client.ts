import type { Duplex } from "node:stream";
import { NodeSSH } from "node-ssh";
import type { Algorithms, AuthHandlerMiddleware, Client } from "ssh2";
import { ConnectError } from "../core/error.ts";

/** What a client is started with. */
export interface ClientOptions {
  /** Leads to the server: a socket, a channel of another host, a command's input and output. */
  readonly stream: Duplex;
  readonly user: string;
  /** Chooses the ways to log in; absent: nobody does. */
  readonly login?: AuthHandlerMiddleware;
  /** Seconds between two signs of life, and how many may stay without an answer. */
  readonly keepalive?: { readonly interval: number; readonly count: number };
  /** Path of the agent that commands there may use. */
  readonly forwardedAgent?: string;
  readonly algorithms: Algorithms;
  /** Decides about each host key that is shown, again whenever keys are exchanged anew. */
  verify(blob: Buffer): unknown;
}

/** Starts an SSH client, the only way to one: a host key is accepted by the literal true alone. Its listeners must be added at once. */
export function startClient(options: ClientOptions): Client {
  const { stream, user, login, algorithms, verify, keepalive, forwardedAgent } = options;
  const ssh = new NodeSSH();
  const connecting = ssh.connect({
    sock: stream,
    username: user,
    authHandler: login ?? [],
    hostVerifier: onlyTrue(verify),
    algorithms,
    readyTimeout: 0,
    // ssh2 gives up one interval after the last that it counts; OpenSSH's manual promises interval times count, 45 s by default.
    // With none to count it would give up without having asked.
    ...(keepalive && { keepaliveInterval: keepalive.interval * 1000, keepaliveCountMax: Math.max(keepalive.count - 1, 1) }),
    ...(forwardedAgent !== undefined && { agent: forwardedAgent, agentForward: true }),
  });
  // Its own promise fails on the first error, even on one of an agent that another method makes up for.
  connecting.catch(() => undefined);
  if (ssh.connection === null) throw new ConnectError("protocol", "cannot start an SSH client");
  return ssh.connection;
}

/** A verifier for ssh2, which accepts all but the literal false: here only the literal true does, and an exception is a no. */
export const onlyTrue =
  (verify: (blob: Buffer) => unknown): ((blob: Buffer) => boolean) =>
  (blob) => {
    try {
      return verify(blob) === true;
    } catch {
      return false;
    }
  };
