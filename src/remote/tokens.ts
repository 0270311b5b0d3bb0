import { hostname, userInfo } from "node:os";
import { join } from "node:path";

/** What the tokens of ssh_config(5) stand for. */
export interface TokenValues {
  /** %h: the address after all names are resolved. */
  readonly host: string;
  /** %n: the host as it was asked for. */
  readonly alias: string;
  readonly port: number;
  /** %r: the user on the host. */
  readonly user: string;
  /** %d: the home folder here. */
  readonly home: string;
  /** %k: the name that known_hosts has. */
  readonly hostKeyAlias: string;
}

const values: Readonly<Record<string, (of: TokenValues) => string>> = {
  "%": () => "%",
  d: ({ home }) => home,
  h: ({ host }) => host,
  i: () => String(userInfo().uid),
  k: ({ hostKeyAlias }) => hostKeyAlias,
  L: () => hostname().split(".")[0] ?? "",
  l: () => hostname(),
  n: ({ alias }) => alias,
  p: ({ port }) => String(port),
  r: ({ user }) => user,
  u: () => userInfo().username,
};

/** Replaces the tokens of a text; those it doesn't know stay as they are. */
export const expandTokens = (text: string, of: TokenValues): string =>
  text.replace(/%(.)/g, (whole, letter: string) => (Object.hasOwn(values, letter) ? (values[letter]?.(of) ?? whole) : whole));

/** A file name of OpenSSH's configuration as a path. */
export function expandPath(text: string, of: TokenValues): string {
  const path = expandTokens(text, of);
  return path === "~" || path.startsWith("~/") ? join(of.home, path.slice(1)) : path;
}
