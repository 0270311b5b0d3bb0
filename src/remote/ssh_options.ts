import type { HostKeyPolicy } from "../core/connection.ts";

/** What OpenSSH's configuration says of one host, as `ssh -G` prints it; names and tokens in file names are not expanded yet. */
export interface SshOptions {
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** A path, "none", "SSH_AUTH_SOCK" or "$NAME"; absent: the agent of the environment. */
  readonly identityAgent?: string;
  /** "yes", "no", or an agent of its own as a path or "$NAME". */
  readonly forwardAgent: string;
  readonly jumps: readonly string[];
  readonly proxyCommand?: string;
  /** The user's first, then the system's. */
  readonly knownHostsFiles: readonly string[];
  readonly hostKeyAlias?: string;
  readonly hostKeyPolicy: HostKeyPolicy;
  /** Seconds; 0: none are sent. */
  readonly aliveInterval: number;
  readonly aliveCountMax: number;
  readonly family: 0 | 4 | 6;
}

/** Whoever writes "no" wants no questions, not a stranger: a changed key is refused all the same. */
const policies: Readonly<Record<string, HostKeyPolicy>> = {
  "accept-new": "accept-new",
  false: "accept-new",
  no: "accept-new",
  off: "accept-new",
};

const families: Readonly<Record<string, 4 | 6>> = { inet: 4, inet6: 6 };

/** Reads what `ssh -G` prints, a keyword in small letters and its value on each line. */
export function parseSshOptions(text: string): SshOptions {
  const values = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [, keyword, value] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (keyword !== undefined && value !== undefined) values.set(keyword, [...(values.get(keyword) ?? []), value]);
  }
  const one = (keyword: string): string | undefined => values.get(keyword)?.[0];
  const number = (keyword: string, otherwise: number): number => Number(one(keyword) ?? otherwise);
  const [identityAgent, proxyCommand, hostKeyAlias] = [one("identityagent"), one("proxycommand"), one("hostkeyalias")];
  return {
    hostName: one("hostname") ?? "",
    port: number("port", 22),
    user: one("user") ?? "",
    identityFiles: values.get("identityfile") ?? [],
    identitiesOnly: one("identitiesonly") === "yes",
    ...(identityAgent !== undefined && { identityAgent }),
    forwardAgent: one("forwardagent") ?? "no",
    jumps: (one("proxyjump") ?? "").split(",").filter((jump) => jump !== "" && jump !== "none"),
    ...(proxyCommand !== undefined && proxyCommand !== "none" && { proxyCommand }),
    knownHostsFiles: [...paths(one("userknownhostsfile")), ...paths(one("globalknownhostsfile"))],
    ...(hostKeyAlias !== undefined && { hostKeyAlias }),
    hostKeyPolicy: policies[one("stricthostkeychecking") ?? ""] ?? "strict",
    aliveInterval: number("serveraliveinterval", 0),
    aliveCountMax: number("serveralivecountmax", 3),
    family: families[one("addressfamily") ?? ""] ?? 0,
  };
}

/** `ssh -G` drops the quotes around a path with blanks: a word that begins no path goes on with the one before it. */
const paths = (text = ""): readonly string[] =>
  text.split(/ (?=[/~])/).filter((path) => path !== "" && path !== "none" && path !== "/dev/null");
