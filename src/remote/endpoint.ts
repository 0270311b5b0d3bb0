import { access } from "node:fs/promises";
import { join } from "node:path";
import type { HostKeyPolicy, Target } from "../core/connection.ts";

/** Who connections start from. */
export interface LocalUser {
  readonly name: string;
  readonly home: string;
  /** Path of the agent's socket, `SSH_AUTH_SOCK`. */
  readonly agent?: string;
}

/** A target with nothing left open. */
export interface Endpoint {
  /** The target's name in the inventory. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly target: Target;
  /** Private keys in the order they are tried. */
  readonly identityFiles: readonly string[];
  /** Path of the agent's socket; absent: no agent is asked. */
  readonly agent?: string;
  /** Those that exist or not; new keys go into the first. */
  readonly knownHostsFiles: readonly string[];
  readonly hostKeyPolicy: HostKeyPolicy;
}

/** Completes a target. */
export async function resolveEndpoint(target: Target, from: LocalUser): Promise<Endpoint> {
  return {
    name: target.name,
    address: target.address,
    port: target.port ?? 22,
    user: target.user ?? from.name,
    target,
    identityFiles: target.privateKeyFile === undefined ? await ownKeys(from.home) : [target.privateKeyFile],
    ...(from.agent !== undefined && { agent: from.agent }),
    knownHostsFiles: target.knownHostsFiles ?? [join(from.home, ".ssh/known_hosts"), "/etc/ssh/ssh_known_hosts"],
    hostKeyPolicy: target.hostKeyPolicy ?? "strict",
  };
}

/** The keys that ssh would try where none is named. */
async function ownKeys(home: string): Promise<readonly string[]> {
  const paths = ["ed25519", "ecdsa", "rsa"].map((type) => join(home, ".ssh", `id_${type}`));
  const exist = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_, index) => exist[index]);
}
