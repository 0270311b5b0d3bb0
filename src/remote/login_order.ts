import type { ParsedKey } from "ssh2";
import type { IdentityFile } from "./identity_files.ts";

/** A key file, and its public half as far as it can be read without a passphrase. */
export interface FoundFile {
  readonly file: IdentityFile;
  readonly key: ParsedKey | undefined;
}

/** A key to be shown to a server. */
export type KeyOffer = { readonly kind: "agent"; readonly key: ParsedKey } | ({ readonly kind: "file" } & FoundFile);

/** sshd hangs up at the sixth failure (MaxAuthTries), and a password must still have its turn. */
export const mostKeys = 5;

/**
 * The keys in the order they are shown: those of the files that the agent holds, the agent's others, the files it doesn't hold.
 * Where they are too many, the agent's others and the files that nobody named are left out first.
 */
export function keyOffers(files: readonly FoundFile[], held: readonly ParsedKey[], identitiesOnly: boolean): readonly KeyOffer[] {
  const isHeld = ({ key }: FoundFile) => key !== undefined && held.some((other) => isSame(other, key));
  const wanted = files.flatMap(({ key }) => held.filter((other) => key !== undefined && isSame(other, key)));
  const others = identitiesOnly ? [] : held.filter((key) => !wanted.includes(key));
  const [first, second] = [wanted, others].map((keys) => keys.map((key): KeyOffer => ({ kind: "agent", key })));
  const third = files.filter((file) => !isHeld(file)).map((file): KeyOffer => ({ kind: "file", ...file }));
  const named = third.filter((offer) => offer.kind === "file" && offer.file.isNamed);
  const kept = new Set([...(first ?? []), ...named, ...(second ?? []), ...third].slice(0, mostKeys));
  return [...(first ?? []), ...(second ?? []), ...third].filter((offer) => kept.has(offer));
}

const isSame = (a: ParsedKey, b: ParsedKey): boolean => a.getPublicSSH().equals(b.getPublicSSH());
