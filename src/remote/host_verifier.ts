import { ConnectError } from "../core/error.ts";
import type { Endpoint } from "./endpoint.ts";
import { fingerprint, type HostKey, hostKeyOf, isSameKey } from "./host_key.ts";
import { type HostEntries, judgeHostKey } from "./host_verdict.ts";
import { placeOfLine, removalOf } from "./known_hosts.ts";

/** Decides about one connection's host key, and remembers why. */
export interface HostVerifier {
  /** Only `true` accepts. Synchronous, since ssh2 takes a promise, null or nothing for a yes. */
  verify(blob: Buffer): boolean;
  /** Why a key was refused. */
  readonly refusal: ConnectError | undefined;
  /** A key that was accepted though nobody knew it: to be kept once the connection is ready. */
  readonly learned: HostKey | undefined;
}

/** The verifier of one endpoint's policy over what its known_hosts files say. */
export function createHostVerifier(endpoint: Endpoint, entries: HostEntries): HostVerifier {
  let refusal: ConnectError | undefined;
  let learned: HostKey | undefined;
  let accepted: HostKey | undefined;
  return {
    verify(blob) {
      const key = hostKeyOf(blob);
      const problem =
        key === undefined ? "shows a host key that can't be read" : (swapped(accepted, key) ?? objection(endpoint, entries, key));
      if (key === undefined || problem !== undefined) {
        refusal = new ConnectError("host-key", `${endpoint.address}:${endpoint.port} ${problem}`);
        return false;
      }
      accepted = key;
      if (endpoint.hostKeyPolicy === "accept-new" && judgeHostKey(entries, key).kind === "unknown") learned = key;
      return true;
    },
    get refusal() {
      return refusal;
    },
    get learned() {
      return learned;
    },
  };
}

/** Keys are exchanged anew from time to time; the host must still be the same then. */
const swapped = (before: HostKey | undefined, now: HostKey): string | undefined =>
  before === undefined || isSameKey(before, now) ? undefined : "shows another host key in the middle of a connection";

/** What speaks against a key, as the end of a sentence. */
function objection(endpoint: Endpoint, entries: HostEntries, key: HostKey): string | undefined {
  const { name, hostKeyPolicy: policy } = endpoint;
  const shown = `${key.type} ${fingerprint(key)}`;
  const verdict = judgeHostKey(entries, key);
  if (policy === "off" && verdict.kind !== "revoked") return undefined;
  switch (verdict.kind) {
    case "known":
      return undefined;
    case "unknown":
      return policy === "accept-new"
        ? undefined
        : `shows a host key nobody knows yet (${shown}): check it, then run \`kofleet trust ${name}\`, or of a host behind it where it is a jump host`;
    case "changed":
      return `shows another host key than before: ${shown}, but ${placeOfLine(verdict.entry)} has ${verdict.entry.key.type} ${fingerprint(verdict.entry.key)}: somebody may be in between; if the host was set up anew, remove that line (${removalOf(verdict.entry, endpoint)}) and run \`kofleet trust ${name}\``;
    case "revoked":
      return `shows a revoked host key: ${shown}, revoked by ${placeOfLine(verdict.entry)}`;
    case "authority":
      return `is known by a certificate authority only (${placeOfLine(verdict.entry)}), and kofleet can't check certificates: run \`kofleet trust ${name}\` to know its key ${shown}`;
    default:
      return verdict satisfies never;
  }
}
