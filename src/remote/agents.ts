import type { ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import { ConnectError, messageOf } from "../core/error.ts";
import type { Signer } from "./single_key.ts";

/** The keys that the agents of a process hold; each agent is asked once. */
export class Agents {
  readonly #held = new Map<string, Promise<readonly ParsedKey[]>>();

  /** Throws a ConnectError that names the agent. Keys of kinds that ssh2 doesn't know are left out. */
  keys(path: string): Promise<readonly ParsedKey[]> {
    const held = this.#held.get(path) ?? ask(path);
    this.#held.set(path, held);
    return held;
  }

  /** Has the agent sign. */
  signer(path: string, key: ParsedKey): Signer {
    return (data, hash) =>
      new Promise((resolve, reject) => {
        ssh2.createAgent(path).sign(key, data, hash === undefined ? {} : { hash }, (error, signature) => {
          if (signature === undefined) reject(unusable(path, error));
          else resolve(signature);
        });
      });
  }
}

const ask = (path: string): Promise<readonly ParsedKey[]> =>
  new Promise((resolve, reject) => {
    ssh2.createAgent(path).getIdentities((error, keys) => {
      if (keys === undefined) reject(unusable(path, error));
      else resolve(keys.flatMap(parsed));
    });
  });

const unusable = (path: string, cause: unknown): ConnectError =>
  new ConnectError("auth", `the agent at ${path}: ${messageOf(cause)}`, { cause });

/** ssh2 allows its agents two ways to wrap a key. */
type Listed = string | Buffer | ParsedKey | { readonly pubKey: Listed };

function parsed(entry: Listed): readonly ParsedKey[] {
  if (typeof entry === "object" && "pubKey" in entry) return parsed(entry.pubKey);
  const key = ssh2.utils.parseKey(entry);
  return key instanceof Error ? [] : [key].flat();
}
