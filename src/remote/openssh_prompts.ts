import type { Target } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import { printable } from "../core/printable.ts";
import type { Secret } from "../core/secret.ts";

/** A question of OpenSSH's client (9.2): who is asked, or for which key, and the server's own words where it asks by itself. */
export type Prompt =
  | { readonly kind: "login"; readonly account: string; readonly words: string }
  | { readonly kind: "passphrase"; readonly file: string }
  /** Whether to trust a stranger: only a jump host of ssh's own configuration can still ask that. */
  | { readonly kind: "host-key" }
  | { readonly kind: "other" };

/** Reads a question: "ann@web's password:", "(ann@web) Code:" for keyboard-interactive, "Enter passphrase for key 'FILE':". */
export function readPrompt(text: string): Prompt {
  const [, owner, asking, words] = /^(?:(\S+)'s password: ?|\((\S+?)\) (.*))$/s.exec(text) ?? [];
  if (owner !== undefined) return { kind: "login", account: owner, words: "password:" };
  if (asking !== undefined) return { kind: "login", account: asking, words: words ?? "" };
  if (text.includes("continue connecting (yes/no")) return { kind: "host-key" };
  const [, file] = /^Enter passphrase for key '(.*)': ?$/s.exec(text) ?? [];
  return file === undefined ? { kind: "other" } : { kind: "passphrase", file };
}

/** Puts a question to the person. Throws a ConnectError of reason "auth" where nobody answers. */
export type AskPerson = (question: string, kind: Prompt["kind"]) => Promise<Secret>;

/** One login, and who can answer for it. */
export interface OpensshLogin {
  readonly target: Target;
  /** Who the target's password is for, and nobody on the way. */
  readonly user: string;
  readonly address: string;
  /** Address and port, for messages. */
  readonly place: string;
  /** Absent: nobody can be asked. */
  readonly ask?: AskPerson;
}

/** The answers of one login: each secret once, and only to who it is for; never a second guess, which could lock an account. */
export class PromptAnswers {
  readonly #used = new Set<string>();

  constructor(private readonly login: OpensshLogin) {}

  /** Whether anything can be answered at all. */
  get isPossible(): boolean {
    const { ask, target } = this.login;
    return ask !== undefined || target.password !== undefined || target.privateKeyPassphrase !== undefined;
  }

  /** Undefined leaves a key unread. Throws a ConnectError of reason "auth" where the login itself has no answer. */
  async answer(text: string): Promise<Secret | undefined> {
    const prompt = readPrompt(text);
    if (prompt.kind === "host-key") throw stranger(this.login.place);
    const known = this.#known(prompt);
    if (known !== undefined) return this.#once(prompt.kind, text, known);
    if (this.login.ask !== undefined) return this.login.ask(text, prompt.kind);
    if (prompt.kind === "login") throw this.#unanswered(text);
    return undefined;
  }

  #known(prompt: Prompt): Secret | undefined {
    const { target } = this.login;
    switch (prompt.kind) {
      case "login":
        return accountsOf(this.login).includes(prompt.account) && /password/i.test(prompt.words) ? target.password : undefined;
      case "passphrase":
        return prompt.file === target.privateKeyFile?.slice(0, 100) ? target.privateKeyPassphrase : undefined;
      case "host-key":
      case "other":
        return undefined;
      default:
        return prompt satisfies never;
    }
  }

  #once(kind: string, text: string, secret: Secret): Secret {
    if (this.#used.has(kind)) throw this.#error(`refuses the answer to "${shown(text)}": check user and password`);
    this.#used.add(kind);
    return secret;
  }

  #unanswered(text: string): ConnectError {
    return this.#error(`asks "${shown(text)}", and nobody can answer: use --ask-pass, or run kofleet in a terminal`);
  }

  #error(problem: string): ConnectError {
    return new ConnectError("auth", `${this.login.place} ${problem}`);
  }
}

const stranger = (place: string): ConnectError =>
  new ConnectError(
    "host-key",
    `a jump host on the way to ${place} shows a host key nobody knows yet: check it, then go there with ssh once`,
  );

/** ssh writes names in small letters, and cuts them off in some of its questions. */
const accountsOf = ({ user, address }: OpensshLogin): readonly string[] => {
  const host = address.toLowerCase();
  return [`${user}@${host}`, `${user.slice(0, 30)}@${host.slice(0, 128)}`];
};

const shown = (text: string): string => printable(text).trim();
