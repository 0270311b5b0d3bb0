import type { Fact } from "../core/fact.ts";
import { efiCertificates } from "../kernel/efi_certificates.ts";
import type { Evidence } from "../kernel/proof.ts";
import { type FactRecord, readRecord } from "./record.ts";
import { sayParts } from "./shell_parts.ts";

/** The X.509 keys that the running kernel holds, in whichever keyring, and those that wait to be enrolled. */
export interface EnrolledKeys {
  /** Lower-case hex: a key's subject key identifier, or its certificate's serial number where that has none. */
  readonly keys: Evidence<ReadonlySet<string>>;
  /** The subject of each, as the kernel shortens it. */
  readonly names: ReadonlyMap<string, string>;
  /** Those that `mokutil --import` asked to enrol, named as in `keys`: somebody at the console has to confirm them at the next boot. */
  readonly pending: Evidence<ReadonlySet<string>>;
}

const script = `${sayParts}
[ -e /proc/keys ] && say list there
grep -aE ' (asymmetri |keyring +\\.builtin_trusted_keys: )' /proc/keys 2>/dev/null | tr -d '\\r' | every key
if [ -d /sys/firmware/efi ]; then
  variables=/sys/firmware/efi/efivars new=MokNew-605dab50-e046-4300-abb6-3dd810dd8b23
  if [ -n "$(ls "$variables" 2>/dev/null)" ]; then say efi variables; else say efi firmware; fi
  [ -e "$variables/$new" ] && say mok-new "$(bytes "$variables/$new")"
fi
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

/** The variable is four bytes of attributes, and lists of signatures; shim's MokManager removes it when it starts. */
function pendingIn(record: FactRecord): EnrolledKeys["pending"] {
  if (record.optional("efi") === "firmware") return { missing: "its EFI variables are not mounted" };
  const [variable] = record.all("mok-new");
  if (variable === undefined) return { known: new Set() };
  const certificates = /^(?:[0-9a-f]{2}){4,}$/.test(variable) ? efiCertificates(Buffer.from(variable, "hex").subarray(4)) : undefined;
  if (certificates === undefined) return { missing: "its EFI variable MokNew can't be read" };
  return { known: new Set(certificates.map(({ serial, subjectKeyId }) => subjectKeyId ?? serial)) };
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
      pending: pendingIn(record),
    };
  },
};
