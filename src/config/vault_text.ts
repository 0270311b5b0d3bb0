import { createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from "node:crypto";
import { ConfigError, type Position } from "../core/error.ts";

/** A text encrypted by Ansible Vault, taken apart but not decrypted. */
export interface VaultText {
  /** The vault id it was encrypted with; formats before 1.2 have none. */
  readonly label?: string;
  readonly salt: Uint8Array;
  /** HMAC-SHA256 over the encrypted bytes. */
  readonly mac: Uint8Array;
  readonly encrypted: Uint8Array;
}

const marker = "$ANSIBLE_VAULT;";
const rounds = 10_000;
const keyBytes = 32;
const ivBytes = 16;

/** Whether a text was encrypted as a whole. */
export const isVaultText = (text: string): boolean => text.startsWith(marker);

/** Takes a text apart as Ansible Vault 1.1 and 1.2 write it: a header, then hexadecimal digits of three more lines of them. Throws a ConfigError at the place. */
export function parseVaultText(text: string, position: Position): VaultText {
  const [header = "", ...lines] = text.trim().split(/\s*\n\s*/);
  const label = checkHeader(header, position);
  const parts = unhex(lines.join(""))?.toString("latin1").split("\n").map(unhex) ?? [];
  const [salt, mac, encrypted, ...others] = parts;
  if (!salt?.length || mac?.length !== keyBytes || !encrypted?.length || encrypted.length % ivBytes !== 0 || others.length > 0)
    throw new ConfigError("this encrypted text is damaged or cut off: copy all of its lines again", position);
  return { salt, mac, encrypted, ...(label !== undefined && { label }) };
}

function checkHeader(header: string, position: Position): string | undefined {
  if (!isVaultText(header))
    throw new ConfigError(`this is not encrypted by Ansible Vault: its first line is ${marker}1.1;AES256`, position);
  const [, version = "", cipher = "", label] = header.split(";").map((part) => part.trim());
  if (version !== "1.1" && version !== "1.2")
    throw new ConfigError(`Ansible Vault's format ${JSON.stringify(version)} is not understood, only 1.1 and 1.2: rekey it`, position);
  if (cipher !== "AES256")
    throw new ConfigError(`Ansible Vault's cipher ${JSON.stringify(cipher)} is not understood, only AES256: rekey it`, position);
  return label;
}

/** Bytes of hexadecimal digits; undefined where there are others. Node would end at the first other one without a word. */
const unhex = (digits: string): Buffer | undefined => (/^(?:[0-9a-f]{2})*$/i.test(digits) ? Buffer.from(digits, "hex") : undefined);

/** The decrypted bytes; undefined where the password is not the right one, or the text was changed. Costs some ten milliseconds. */
export function decryptVaultText({ salt, mac, encrypted }: VaultText, password: string): Buffer | undefined {
  const keys = pbkdf2Sync(password, salt, rounds, 2 * keyBytes + ivBytes, "sha256");
  const macKey = keys.subarray(keyBytes, 2 * keyBytes);
  if (!timingSafeEqual(createHmac("sha256", macKey).update(encrypted).digest(), mac)) return undefined;
  const decipher = createDecipheriv("aes-256-ctr", keys.subarray(0, keyBytes), keys.subarray(2 * keyBytes));
  return unpad(Buffer.concat([decipher.update(encrypted), decipher.final()]));
}

/** PKCS7: as many bytes are added as the last one says. */
function unpad(bytes: Buffer): Buffer | undefined {
  const added = bytes.at(-1) ?? 0;
  const isPadded = added > 0 && added <= ivBytes && bytes.subarray(-added).every((byte) => byte === added);
  return isPadded ? bytes.subarray(0, -added) : undefined;
}
