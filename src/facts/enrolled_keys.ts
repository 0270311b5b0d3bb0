import type { Fact } from "../core/fact.ts";
import type { Evidence } from "../kernel/proof.ts";
import { type FactRecord, readRecord } from "./record.ts";
import { sayParts } from "./shell_parts.ts";

/** The X.509 keys that the running kernel holds, in whichever keyring, and what can tell of more. */
export interface EnrolledKeys {
  /** Lower-case hex: a key's subject key identifier, or its certificate's serial number where that has none. */
  readonly keys: Evidence<ReadonlySet<string>>;
  /** The subject of each, as the kernel shortens it. */
  readonly names: ReadonlyMap<string, string>;
  readonly hasMokutil: boolean;
  /** The first line of `mokutil --sb-state`: "SecureBoot enabled". */
  readonly secureBootState: string | undefined;
}

const script = `${sayParts}
[ -e /proc/keys ] && say list there
grep -aE ' (asymmetri |keyring +\\.builtin_trusted_keys: )' /proc/keys 2>/dev/null | tr -d '\\r' | every key
has mokutil && { say program mokutil; timeout 5 mokutil --sb-state 2>&1 | first secure-boot; }
echo end
`;

interface ListedKey {
  readonly id: string;
  readonly subject: string;
  readonly isRevoked: boolean;
}

// Serial number, flags, usage, timeout, permissions, owner, group, type, description: proc_keys_show and asymmetric_key_describe.
const line =
  /^[0-9a-f]{8} I--[-Q]--- +\d+ +(?!expd )\w+ ([0-9a-f]{8}) +0 +\d+ asymmetri (.*): ((?:[0-9a-f]{2})+): X509\.\S+(?: [0-9a-f]+)? \[.*\]$/;
const mayLink = 0x10000000;

/** Only root's keys count: every user may add some of his own, which the kernel trusts for nothing. What modprobe loads is decided by the kernel in the end. */
function readKey(text: string): readonly ListedKey[] {
  const [, permissions = "", subject = "", id] = line.exec(text) ?? [];
  // Certificates that firmware or shim revoke are listed with the others: add_key_to_revocation_list alone lets nobody link them.
  return id === undefined ? [] : [{ id, subject, isRevoked: (Number.parseInt(permissions, 16) & mayLink) === 0 }];
}

function enrolledIn(record: FactRecord): readonly ListedKey[] {
  const keys = record.all("key").flatMap(readKey);
  const revoked = new Set(keys.filter(({ isRevoked }) => isRevoked).map(({ id }) => id));
  return keys.filter(({ id }) => !revoked.has(id));
}

/** Others than root are shown a list without the kernel's own keyrings, not an error. */
function missingFrom(record: FactRecord): string | undefined {
  if (record.optional("list") === undefined) return "it has no /proc/keys";
  if (record.all("key").some((text) => /^[0-9a-f]{8} .* keyring +\.builtin_trusted_keys: /.test(text))) return undefined;
  return "/proc/keys does not show the kernel's own keys, as it does to root";
}

/** Which keys the running kernel can check modules with: one script, one round trip. It takes root. */
export const enrolledKeys: Fact<EnrolledKeys> = {
  name: "enrolledKeys",
  command: ["sh", "-c", script],
  parse(answer) {
    const record = readRecord(answer, "the enrolled keys");
    const missing = missingFrom(record);
    const enrolled = missing === undefined ? enrolledIn(record) : [];
    return {
      keys: missing === undefined ? { known: new Set(enrolled.map(({ id }) => id)) } : { missing },
      names: new Map(enrolled.map(({ id, subject }) => [id, subject])),
      hasMokutil: record.all("program").includes("mokutil"),
      secureBootState: record.optional("secure-boot"),
    };
  },
};
