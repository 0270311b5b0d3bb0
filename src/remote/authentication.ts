import type { ParsedKey } from "ssh2";
import { ConnectError, messageOf } from "../core/error.ts";
import type { Secret } from "../core/secret.ts";
import { Agents } from "./agents.ts";
import { certificateNotes } from "./certificates.ts";
import type { Endpoint } from "./endpoint.ts";
import type { IdentityFile } from "./identity_files.ts";
import { type FoundFile, type KeyOffer, keyOffers, mostKeys } from "./login_order.ts";
import { type Ask, Person } from "./person.ts";
import { PrivateKeys } from "./private_keys.ts";

/** What the logins of a process share. */
export interface Credentials {
  readonly person: Person;
  readonly keys: PrivateKeys;
  readonly agents: Agents;
  /** What the person said a key is locked with, by OpenSSH's question for it. */
  readonly passphrases: Map<string, Promise<Secret>>;
}

/** Credentials of which nothing was read yet. */
export function createCredentials(ask?: Ask): Credentials {
  const person = new Person(ask);
  return { person, keys: new PrivateKeys(person), agents: new Agents(), passphrases: new Map() };
}

/** What there is to log in with. */
export interface Authentication {
  readonly credentials: Credentials;
  /** The keys in the order they are shown. */
  readonly offers: readonly KeyOffer[];
  /** Why others were left out. */
  readonly notes: readonly string[];
}

/** Finds what there is to log in with. Throws a ConnectError of reason "auth" where there is nothing. */
export async function authenticationOf(endpoint: Endpoint, credentials: Credentials): Promise<Authentication> {
  const { address, user, identityFiles, identitiesOnly, target } = endpoint;
  const notes = [...(await certificateNotes(identityFiles.map(({ path }) => path)))];
  const held = await heldKeys(endpoint, credentials, notes);
  const files = await foundFiles(identityFiles, credentials);
  const offers = keyOffers(files, held, identitiesOnly);
  if (offers.length === mostKeys) notes.push(`no more than ${mostKeys} keys are tried: name the right one`);
  if (offers.length > 0 || target.password !== undefined || credentials.person.isThere) return { credentials, offers, notes };
  const missing = notes[0] ?? "no key, agent or password is given";
  throw new ConnectError("auth", `cannot log in as ${user} on ${address}: ${missing}: use --private-key, ssh-agent or --ask-pass`);
}

async function foundFiles(files: readonly IdentityFile[], { keys }: Credentials): Promise<readonly FoundFile[]> {
  const found = await Promise.all(files.map(async (file) => ((await keys.isThere(file)) ? [{ file, key: await keys.find(file) }] : [])));
  return found.flat();
}

/** An agent that does not answer is no obstacle to other ways. */
async function heldKeys({ agent }: Endpoint, { agents }: Credentials, notes: string[]): Promise<readonly ParsedKey[]> {
  if (agent === undefined) return [];
  return agents.keys(agent).catch((error: unknown) => {
    notes.push(messageOf(error));
    return [];
  });
}
