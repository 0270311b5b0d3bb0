import { join } from "node:path";
import type { HostKeyPolicy, Target } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import { type Address, splitAddress } from "./address.ts";
import { type AgentPaths, agentPathsOf } from "./agent_path.ts";
import { type IdentityFile, identityFilesOf } from "./identity_files.ts";
import type { SshOptions } from "./ssh_options.ts";
import { type Way, wayTo } from "./way.ts";

/** Who connections start from. */
export interface LocalUser {
  readonly name: string;
  readonly home: string;
  /** Path of the agent's socket, `SSH_AUTH_SOCK`. */
  readonly agent?: string;
}

/** A target with nothing left open. */
export interface Endpoint extends AgentPaths {
  /** The target's name in the inventory. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly target: Target;
  readonly way: Way;
  /** The name that known_hosts has for the host, in place of address and port. */
  readonly hostKeyAlias?: string;
  /** In the order they are tried; those that nobody named may not exist. */
  readonly identityFiles: readonly IdentityFile[];
  /** Whether no other key of the agent is tried. */
  readonly identitiesOnly: boolean;
  /** Those that exist or not; new keys go into the first. */
  readonly knownHostsFiles: readonly string[];
  readonly hostKeyPolicy: HostKeyPolicy;
  /** Seconds between two signs of life, and how many may stay without an answer. */
  readonly keepalive: { readonly interval: number; readonly count: number };
}

/** Completes a target: what it leaves open OpenSSH's configuration says, and then the defaults. Throws a ConnectError. */
export function resolveEndpoint(target: Target, from: LocalUser, options?: SshOptions): Endpoint {
  const { address: alias, port } = addressOf(target);
  const hostKeyAlias = options?.hostKeyAlias;
  const login = {
    address: options?.hostName ?? alias,
    port: target.port ?? port ?? options?.port ?? 22,
    user: target.user ?? (options?.user || from.name),
  };
  const tokens = { ...login, alias, host: login.address, home: from.home, hostKeyAlias: hostKeyAlias ?? alias };
  return {
    name: target.name,
    ...login,
    target,
    way: wayTo(target, options, tokens),
    ...(hostKeyAlias !== undefined && { hostKeyAlias }),
    identityFiles: identityFilesOf(target, options?.identityFiles, tokens),
    identitiesOnly: target.privateKeyFile !== undefined || (options?.identitiesOnly ?? false),
    ...agentPathsOf(target, options, from.agent, tokens),
    knownHostsFiles: target.knownHostsFiles ?? options?.knownHostsFiles ?? defaultKnownHosts(from.home),
    hostKeyPolicy: target.hostKeyPolicy ?? options?.hostKeyPolicy ?? "strict",
    keepalive: {
      interval: (target.aliveInterval ?? options?.aliveInterval) || 15,
      count: target.aliveCountMax ?? options?.aliveCountMax ?? 3,
    },
  };
}

/** The address and port of a target as it is written. Throws a ConnectError for what could be taken for something else than a host. */
export function addressOf({ name, address }: Target): Address {
  if (/^-|[\s@/]/.test(address))
    throw new ConnectError("dns", `${name}: "${address}" is no host: write a name or an address, and user and port apart`);
  return splitAddress(address);
}

const defaultKnownHosts = (home: string): readonly string[] =>
  [join(home, ".ssh/known_hosts"), "/etc/ssh/ssh_known_hosts"].flatMap((file) => [file, `${file}2`]);
