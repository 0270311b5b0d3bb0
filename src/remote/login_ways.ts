import type { AnyAuthMethod, ParsedKey } from "ssh2";
import type { Authentication } from "./authentication.ts";
import type { Endpoint } from "./endpoint.ts";
import { keyboardPrompter } from "./keyboard.ts";
import type { KeyOffer } from "./login_order.ts";
import type { Patience } from "./patience.ts";
import { type Signer, SingleKey } from "./single_key.ts";

/** One way to log in, by the word that servers have for it. */
export interface LoginWay {
  readonly type: "publickey" | "password" | "keyboard-interactive";
  /** Throws an Error whose message says why it is of no use. */
  open(): Promise<AnyAuthMethod>;
}

/** What the ways of one login have in common. */
export interface LoginAttempt {
  readonly endpoint: Endpoint;
  readonly authentication: Authentication;
  readonly patience: Patience;
  /** The server wants a key. */
  onKeyTaken(): void;
  /** There is no use in going on. */
  fail(error: unknown): void;
}

/** Keys, then the password, then what the server asks for. */
export function loginWays(attempt: LoginAttempt): LoginWay[] {
  const { endpoint, authentication, patience, fail } = attempt;
  const { name: host, user: username, target } = endpoint;
  const { credentials, offers } = authentication;
  const { password } = target;
  const ways = offers.map((offer): LoginWay => ({ type: "publickey", open: () => openKey(offer, attempt) }));
  if (password !== undefined)
    ways.push({ type: "password", open: async () => ({ type: "password", username, password: password.reveal() }) });
  if (password === undefined && !credentials.person.isThere) return ways;
  const prompt = keyboardPrompter({ host, password, person: credentials.person, patience, fail });
  return [...ways, { type: "keyboard-interactive", open: async () => ({ type: "keyboard-interactive", username, prompt }) }];
}

/** A key that needs a person is shown by its public half, so that a passphrase is asked for only where it opens a door. */
async function openKey(offer: KeyOffer, attempt: LoginAttempt): Promise<AnyAuthMethod> {
  const { endpoint, authentication, patience } = attempt;
  const { keys, agents } = authentication.credentials;
  const username = endpoint.user;
  if (offer.kind === "agent")
    return { type: "agent", username, agent: watched(offer.key, agents.signer(endpoint.agent ?? "", offer.key), attempt) };
  const { file, key } = offer;
  const unlock = () => patience.during(keys.unlock(file));
  if (key === undefined || key.isPrivateKey()) return { type: "publickey", username, key: await unlock() };
  const sign: Signer = async (data, hash) => (await unlock()).sign(data, hash);
  return { type: "agent", username, agent: watched(key, sign, attempt) };
}

const watched = (key: ParsedKey, sign: Signer, { onKeyTaken }: LoginAttempt): SingleKey =>
  new SingleKey(key, (data, hash) => {
    onKeyTaken();
    return sign(data, hash);
  });
