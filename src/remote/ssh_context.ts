import type { LimitFunction } from "p-limit";
import type { Target } from "../core/connection.ts";
import type { Credentials } from "./authentication.ts";
import type { Bastion } from "./bastion.ts";
import type { Endpoint, LocalUser } from "./endpoint.ts";
import type { KnownHostsFiles } from "./known_hosts_files.ts";
import type { ProxyCommands } from "./proxy_commands.ts";
import type { Jump } from "./way.ts";

/** What the SSH connections of one process share. */
export interface SshContext {
  readonly from: LocalUser;
  readonly credentials: Credentials;
  readonly knownHosts: KnownHostsFiles;
  /** Each handshake costs the processor milliseconds: with too many at a time all of them are late. */
  readonly handshakes: LimitFunction;
  readonly proxies: ProxyCommands;
  /** Completes a target by OpenSSH's configuration. Throws a ConnectError. */
  resolve(target: Target): Promise<Endpoint>;
  /** The one bastion for all hosts behind it. Throws a ConnectError where jump hosts lead in a circle. */
  bastion(jump: Jump): Promise<Bastion>;
}
