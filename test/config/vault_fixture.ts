import { createCipheriv, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/** How a text of a test is encrypted. */
export interface Encryption {
  readonly password: string;
  readonly label?: string;
  readonly salt?: Uint8Array;
}

/** Encrypts as Ansible Vault does. */
export function encrypt(text: string | Uint8Array, { password, label, salt = randomBytes(32) }: Encryption): string {
  const keys = pbkdf2Sync(password, salt, 10_000, 80, "sha256");
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  const added = 16 - (bytes.length % 16);
  const cipher = createCipheriv("aes-256-ctr", keys.subarray(0, 32), keys.subarray(64));
  const encrypted = Buffer.concat([cipher.update(Buffer.concat([bytes, Buffer.alloc(added, added)])), cipher.final()]);
  const mac = createHmac("sha256", keys.subarray(32, 64)).update(encrypted).digest();
  return [header(label), ...lines([Buffer.from(salt), mac, encrypted])].join("\n");
}

/** The three parts, hexadecimal each, once more in hexadecimal. */
export const lines = (parts: readonly Buffer[]): string[] =>
  Buffer.from(parts.map((part) => part.toString("hex")).join("\n"))
    .toString("hex")
    .match(/.{1,80}/g) ?? [];

const header = (label: string | undefined): string =>
  label === undefined ? "$ANSIBLE_VAULT;1.1;AES256" : `$ANSIBLE_VAULT;1.2;AES256;${label}`;

/** A value as it stands behind its key in YAML. */
export const tagged = (encrypted: string, indent = 4): string => `!vault |\n${encrypted.replace(/^/gm, " ".repeat(indent))}\n`;
