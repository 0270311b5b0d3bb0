import type { Argv } from "../core/answer.ts";
import type { Become } from "../core/connection.ts";
import { createNonce } from "./nonce.ts";
import { framedScript, type Payload, quote, readScript } from "./shell.ts";

/** Another user's rights for one command, and how to tell from its stderr how far it has got them. */
export interface Elevation {
  readonly become: Become;
  /** Said on stderr once the rights are there, so that nothing is sent before, with the process group that has them behind it. */
  readonly ready: string;
  /** Whether stdin may be read as a password: then the command itself has to come on stdin, behind `ready`. */
  readonly mayAsk: boolean;
  /** Finds each question for a password; its first group is whose. */
  readonly prompt: RegExp;
  /** Finds a refusal behind which the command does not end: it waits for an answer to another question, or for stdin to end. */
  readonly refusal?: RegExp;
  /** What is sent to answer the prompt. */
  answer(password: string): Buffer;
  /** The command line of one exec, for any login shell. */
  commandLine(payload: Payload): string;
}

/** The elevation to the rights that are wanted; none where they are one's own. */
export function elevationFor(become: Become | undefined, login: string): Elevation | undefined {
  return become === undefined || become.user === login ? undefined : methods[become.method](become);
}

const methods: Readonly<Record<Become["method"], (become: Become) => Elevation>> = { sudo, doas, su };

/** Messages and prompts are read, so they are to be in no language. */
const untranslated: Argv = ["env", "LC_ALL=C"];

/**
 * What runs as the other user, with `ready` as $0. Programs of root are found: su keeps the PATH of the login,
 * and a secure_path may lack their folders.
 */
function elevated(payload: Payload, stream = "&2"): string {
  const run = payload === "script" ? readScript : 'exec "$@" </dev/null';
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell expands it
  const path = "PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin";
  return `read -r _ _ _ _ group _ </proc/$$/stat; echo "$0 $group" >${stream}; unset LC_ALL group; ${path}; ${run}`;
}

const wordsOf = (payload: Payload): readonly string[] => (payload === "script" ? [] : payload.argv);

/** sudo takes the password from stdin, asks with our own words, and puts in whose it wants: rootpw and targetpw change that. */
function sudo(become: Become): Elevation {
  const [ready, prompt] = [createNonce(), createNonce()];
  const mayAsk = become.password !== undefined;
  const asking = mayAsk ? ["-S", "-p", `${prompt} %p:`] : ["-n"];
  return {
    become,
    ready,
    mayAsk,
    prompt: new RegExp(`${prompt} ([^:]*):`, "g"),
    refusal: /sudo: .*expired.*\n/,
    answer: (password) => Buffer.from(`${password}\n`),
    commandLine: (payload) =>
      quote([...untranslated, "sudo", "-H", ...asking, "-u", become.user, "--", "sh", "-c", elevated(payload), ready, ...wordsOf(payload)]),
  };
}

/** What PAM asks, or su in its place. */
const passwordPrompt = /[^\r\n:]*pass(?:word|phrase|code)[^\r\n:]*: ?/gi;

/**
 * su asks by PAM, which reads one line from stdin, byte by byte, where that is no terminal. It can't be told not to ask.
 * `-s`, because the other user's shell need not be one that reads this.
 */
function su(become: Become): Elevation {
  const ready = createNonce();
  return {
    become,
    ready,
    mayAsk: true,
    prompt: passwordPrompt,
    answer: (password) => Buffer.from(`${password}\n`),
    commandLine: (payload) =>
      quote([...untranslated, "su", "-s", "/bin/sh", "-c", elevated(payload), "--", become.user, ready, ...wordsOf(payload)]),
  };
}

/** In place of PAM's plain question doas has its own, and passes on all others. */
const doasPrompt = new RegExp(`doas \\(([^@)]*)@[^)]*\\) password: |${passwordPrompt.source}`, "gi");

/** doas asks on /dev/tty only, never on stdin. */
function doas(become: Become): Elevation {
  const ready = createNonce();
  const mayAsk = become.password !== undefined;
  const silent = ["doas", "-n", "-u", become.user, "--", "sh", "-c"];
  return {
    become,
    ready,
    mayAsk,
    prompt: doasPrompt,
    refusal: /^\r?(?:doas|script): .*\n/m,
    answer: (password) => framedScript(`${password}\n`),
    commandLine: (payload) =>
      mayAsk
        ? quote([...untranslated, "sh", "-c", doasOnTerminal, ready, become.user])
        : quote([...untranslated, ...silent, elevated(payload), ready, ...wordsOf(payload)]),
  };
}

/**
 * Gives doas a terminal for its question alone: `script` makes one, and the command's own three streams go past it,
 * so that they stay apart and binary. Only the password, read by its length once doas has asked, goes through the terminal;
 * `ready` comes from there, too, behind all else that the terminal says. The end of the terminal must not end what was left running (HUP).
 * Where no password is needed there is no terminal.
 */
const doasOnTerminal = [
  `said=$(env doas -n -u "$1" -- sh -c : 2>&1 </dev/null) && exec doas -n -u "$1" -- sh -c ${quote([elevated("script")])} "$0"`,
  `case $said in *required*) ;; *) printf "%s\\n" "$said" >&2; exit 1 ;; esac`,
  "command -v script >/dev/null || { echo script: not found >&2; exit 127; }",
  'export kofleet_ready="$0" kofleet_user="$1" SHELL=/bin/sh',
  "exec 3<&0 4>&1 5>&2",
  `{ IFS= read -r n && head -c "$n"; } <&3 | script -qec ${quote([
    `exec doas -u "$kofleet_user" -- sh -c ${quote([`trap "" HUP; ${elevated("script", "/dev/tty")}`])} "$kofleet_ready" <&3 >&4 2>&5 3<&- 4>&- 5>&-`,
  ])} /dev/null >&5`,
].join("; ");
