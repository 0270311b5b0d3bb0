import { access, readFile } from "node:fs/promises";
import type { ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import { messageOf } from "../core/error.ts";
import type { IdentityFile } from "./identity_files.ts";
import type { Person } from "./person.ts";

const mostPassphrases = 3;

/** The keys of a process, each read and decrypted once: decrypting one blocks everything for a third of a second. */
export class PrivateKeys {
  readonly #existing = new Map<string, Promise<boolean>>();
  readonly #found = new Map<string, Promise<ParsedKey | undefined>>();
  readonly #unlocked = new Map<string, Promise<ParsedKey>>();

  constructor(private readonly person: Person) {}

  /** Whether a key is worth a try: one that somebody named is, if only for the error. */
  async isThere({ path, isNamed }: IdentityFile): Promise<boolean> {
    const exists = () =>
      access(path).then(
        () => true,
        () => false,
      );
    return isNamed || memo(this.#existing, path, exists);
  }

  /** What of a key is there without asking anybody: the key, or only its public half. Undefined: neither can be read. */
  find(file: IdentityFile): Promise<ParsedKey | undefined> {
    const { path, passphrase } = file;
    return memo(this.#found, keyOf(file), async () => {
      const own = await parse(path, passphrase?.reveal()).catch(() => undefined);
      return own ?? (await parse(`${path}.pub`).catch(() => undefined));
    });
  }

  /** The private key; its passphrase is asked for, once however many connections wait for it. Throws an Error whose message names the file. */
  unlock(file: IdentityFile): Promise<ParsedKey> {
    return memo(this.#unlocked, keyOf(file), async () => {
      const found = await this.find(file);
      if (found?.isPrivateKey()) return found;
      try {
        return await this.#unlock(file.path, file.passphrase?.reveal());
      } catch (error) {
        throw new Error(`${file.path}: ${messageOf(error)}`, { cause: error });
      }
    });
  }

  async #unlock(path: string, known: string | undefined): Promise<ParsedKey> {
    try {
      return await parse(path, known);
    } catch (error) {
      if (known !== undefined || !isLocked(error) || !this.person.isThere) throw error;
    }
    for (let attempt = 1; ; attempt += 1) {
      const passphrase = await this.person.answer(path, attempt === 1 ? "passphrase:" : "wrong passphrase, try again:", true);
      try {
        return await parse(path, passphrase.reveal());
      } catch (error) {
        if (attempt === mostPassphrases || passphrase.reveal() === "") throw error;
      }
    }
  }
}

/** Two hosts may name one file with different passphrases. */
const keyOf = ({ path, passphrase }: IdentityFile): string => `${path}\0${passphrase?.reveal() ?? ""}`;

function memo<T>(known: Map<string, Promise<T>>, key: string, work: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? work();
  known.set(key, found);
  return found;
}

const isLocked = (error: unknown): boolean => messageOf(error).includes("no passphrase given");

async function parse(path: string, passphrase?: string): Promise<ParsedKey> {
  const parsed = ssh2.utils.parseKey(await readFile(path), passphrase);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error) throw key;
  if (key === undefined) throw new Error("holds no key");
  return key;
}
