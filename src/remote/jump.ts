import type { Target } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import { splitAddress } from "./address.ts";

/** One hop as ProxyJump writes it: [user@]host[:port], or the same behind ssh://. */
const hop = /^(?:ssh:\/\/)?(?:(\S+)@)?(\[[^\]\s]+\]|[^:@\s[\]]+)(?::(\d{1,5}))?$/;

/**
 * The last hop on the way to a target, to be reached through the hops before it; undefined where there is none.
 * What kofleet was told of trust holds for all hops; a password or a become is for the target alone.
 */
export function lastJump(target: Target, jumps: readonly string[]): Target | undefined {
  const last = jumps.at(-1);
  if (last === undefined || last === "none") return undefined;
  const [, user, host, port] = hop.exec(last) ?? [];
  if (host === undefined || host.startsWith("-"))
    throw new ConnectError("protocol", `${target.name}: "${last}" is no jump host: write user@host:port, IPv6 in brackets`);
  const { sshConfig, knownHostsFiles, hostKeyPolicy, connectTimeout } = target;
  return {
    name: host,
    transport: "ssh",
    address: splitAddress(host).address,
    ...(port !== undefined && { port: Number(port) }),
    ...(user !== undefined && { user }),
    ...(jumps.length > 1 && { jumps: jumps.slice(0, -1) }),
    ...(sshConfig !== undefined && { sshConfig }),
    ...(knownHostsFiles && { knownHostsFiles }),
    ...(hostKeyPolicy && { hostKeyPolicy }),
    connectTimeout,
  };
}
