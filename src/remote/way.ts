import type { Target } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import { type IdentityFile, ownIdentity } from "./identity_files.ts";
import { lastJump } from "./jump.ts";
import type { SshOptions } from "./ssh_options.ts";
import { expandTokens, type TokenValues } from "./tokens.ts";

/** Through another host. `identity` is tried there after the jump host's own keys. */
export interface Jump {
  readonly kind: "jump";
  readonly host: Target;
  readonly identity?: IdentityFile;
}

/** How a host's sshd is reached. */
export type Way =
  | { readonly kind: "direct"; readonly family: 0 | 4 | 6 }
  | Jump
  /** By a line for /bin/sh. */
  | { readonly kind: "command"; readonly command: string };

/** The way to a target: what the target says comes first, be it that there is nothing in between. Throws a ConnectError for one that can't be gone. */
export function wayTo(target: Target, options: SshOptions | undefined, tokens: TokenValues): Way {
  const isOpen = target.jumps === undefined && target.proxyCommand === undefined;
  const { jumps = [], proxyCommand } = isOpen ? (options ?? {}) : target;
  const hops = jumps.map((hop) => expandTokens(hop, tokens));
  const host = lastJump(target, hops);
  const identity = ownIdentity(target);
  if (host !== undefined) return { kind: "jump", host, ...(identity && { identity }) };
  if (proxyCommand !== undefined && proxyCommand !== "none")
    return { kind: "command", command: proxyLine(target.name, proxyCommand, tokens) };
  return { kind: "direct", family: options?.family ?? 0 };
}

/** The line goes to a shell: what names the host there may be nothing but a name. */
function proxyLine(name: string, command: string, tokens: TokenValues): string {
  const odd = [tokens.host, tokens.alias, tokens.user].find((value) => !/^[\w.:%+][\w.:%+@-]*$/.test(value));
  if (odd !== undefined) throw new ConnectError("protocol", `${name}: "${odd}" is not safe in a ProxyCommand, whose shell would read it`);
  return expandTokens(command, tokens);
}
