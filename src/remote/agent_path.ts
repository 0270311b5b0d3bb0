import type { Target } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import type { SshOptions } from "./ssh_options.ts";
import { expandPath, type TokenValues } from "./tokens.ts";

/** Paths of agents' sockets; absent where there is none. */
export interface AgentPaths {
  /** Asked for keys. */
  readonly agent?: string;
  /** Lent to commands on the host. */
  readonly forwardedAgent?: string;
}

/**
 * The agents for a target; only the target can want one lent: whoever is root on one of a fleet's hosts could use it, and OpenSSH's
 * configuration does not speak of fleets. It may say which agent that is. `ambient` is the environment's.
 * Throws a ConnectError where one is wanted that is not there.
 */
export function agentPathsOf(
  target: Target,
  options: SshOptions | undefined,
  ambient: string | undefined,
  tokens: TokenValues,
): AgentPaths {
  const agent = pathOf(options?.identityAgent ?? "SSH_AUTH_SOCK", ambient, tokens);
  if (target.forwardAgent !== true) return agent === undefined ? {} : { agent };
  const word = options?.forwardAgent ?? "no";
  const forwarded = word === "yes" || word === "no" ? agent : pathOf(word, ambient, tokens);
  if (forwarded === undefined)
    throw new ConnectError("auth", `${target.name}: no agent is there to be forwarded: start ssh-agent, or leave out forward_agent`);
  return { ...(agent !== undefined && { agent }), forwardedAgent: forwarded };
}

function pathOf(text: string, ambient: string | undefined, tokens: TokenValues): string | undefined {
  if (text === "none") return undefined;
  if (text === "SSH_AUTH_SOCK" || text === "$SSH_AUTH_SOCK") return ambient;
  if (!text.startsWith("$")) return expandPath(text, tokens);
  throw new ConnectError("auth", `${tokens.alias}: OpenSSH's configuration names an agent by ${text}: write its path, or SSH_AUTH_SOCK`);
}
