import { readFile } from "node:fs/promises";
import type { AnyAuthMethod, ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import { ConnectError, messageOf } from "../core/error.ts";
import type { Secret } from "../core/secret.ts";
import type { Endpoint } from "./endpoint.ts";

/** The parsed private keys of a process: decrypting one blocks everything for a third of a second. */
export type KeyCache = Map<string, Promise<ParsedKey | Error>>;

/** Ways to log in, in the order they are tried, and why others were left out. */
export interface Authentication {
  readonly methods: readonly AnyAuthMethod[];
  readonly notes: readonly string[];
}

/** Agent, then keys, then password. Throws a ConnectError of reason "auth" where there is none of them. */
export async function authenticationOf(
  { address, user: username, agent, identityFiles, target }: Endpoint,
  keys: KeyCache,
): Promise<Authentication> {
  const parsed = await Promise.all(identityFiles.map((file) => parsedKey(keys, file, target.privateKeyPassphrase)));
  const notes = parsed.flatMap((key, index) => (key instanceof Error ? [`${identityFiles[index]}: ${key.message}`] : []));
  const methods: AnyAuthMethod[] = [];
  if (agent !== undefined) methods.push({ type: "agent", username, agent });
  for (const key of parsed) if (!(key instanceof Error)) methods.push({ type: "publickey", username, key });
  if (target.password !== undefined) methods.push(...passwordMethods(username, target.password));
  if (methods.length > 0) return { methods, notes };
  const missing = notes[0] ?? "no key, agent or password is given";
  throw new ConnectError("auth", `cannot log in as ${username} on ${address}: ${missing}: use --private-key, ssh-agent or --ask-pass`);
}

function parsedKey(keys: KeyCache, file: string, passphrase: Secret | undefined): Promise<ParsedKey | Error> {
  const known = keys.get(file);
  if (known !== undefined) return known;
  const parsing = readKey(file, passphrase);
  keys.set(file, parsing);
  return parsing;
}

async function readKey(file: string, passphrase: Secret | undefined): Promise<ParsedKey | Error> {
  const text = await readFile(file).catch((error: unknown) => new Error(messageOf(error)));
  if (text instanceof Error) return text;
  const parsed = ssh2.utils.parseKey(text, passphrase?.reveal());
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  return key ?? new Error("holds no key");
}

function passwordMethods(username: string, password: Secret): AnyAuthMethod[] {
  return [
    { type: "password", username, password: password.reveal() },
    { type: "keyboard-interactive", username, prompt: answerOnce(password) },
  ];
}

type Answers = (
  name: string,
  instructions: string,
  language: string,
  prompts: { echo?: boolean }[],
  finish: (answers: string[]) => void,
) => void;

/** Gives the password to the first hidden prompt that stands alone; anything else, and a second time, gets nothing. */
function answerOnce(password: Secret): Answers {
  let isGiven = false;
  return (_name, _instructions, _language, prompts, finish) => {
    const isPassword = !isGiven && prompts.length === 1 && prompts[0]?.echo !== true;
    isGiven ||= isPassword;
    finish(isPassword ? [password.reveal()] : prompts.map(() => ""));
  };
}
