import type { Become } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import { lastLines } from "../core/printable.ts";
import type { Secret } from "../core/secret.ts";

type Method = Become["method"];

/** Where each of them keeps who may do what. */
const rules: Readonly<Record<Method, string>> = { sudo: "its sudoers", doas: "its doas.conf", su: "its PAM rules of su" };

const withoutPassword: Readonly<Record<Method, string>> = {
  sudo: "allow it without one (NOPASSWD in its sudoers)",
  doas: "allow it without one (nopass in its doas.conf)",
  su: "use sudo or doas there",
};

/** A right password may be one of the past. */
const tooOld = /expired|no longer valid|required to change|account validation failure/i;

/** What sudo, doas and su say, in their own words, and what can be done about it. */
const advice: readonly (readonly [said: RegExp, todo: (method: Method) => string])[] = [
  [tooOld, () => "renew the account or its password there"],
  [/script: not found/, () => "doas asks on a terminal only: install util-linux's script there, or allow it without a password (nopass)"],
  [/not enabled.*doas\.conf/, () => "allow it in a doas.conf there"],
  [/(?:password|terminal) is required|authentication required/i, (method) => givePassword(method)],
  [/must have a tty/, () => "remove requiretty from its sudoers"],
  [/must be run from a terminal|must be a tty/, () => "its su takes passwords from terminals only: use sudo there"],
  [/not in the sudoers|not allowed|may not run|not permitted|permission denied/i, (method) => `allow it in ${rules[method]}`],
  [/not available|restricted shell/, () => "su needs a user with a login shell: use sudo or doas there"],
  [
    /setuid|effective uid is not 0|no new privileges/i,
    (method) => `${method} has no rights itself: install it anew, or lift what confines it`,
  ],
  [/unknown user|does not exist/, () => "check the become user"],
  [/not found|unknown command|env: .*(?:no such file|can't execute)/i, (method) => `install ${method} there, or log in as that user`],
  [/incorrect password|try again|authentication fail/i, () => "check the become password (--ask-become-pass)"],
];

const givePassword = (method: Method): string => `give the password with --ask-become-pass, or ${withoutPassword[method]}`;

/** The error for rights that were not given, with what the host said about it. */
export function refusalOf({ method, user, password }: Become, place: string, said: string): ConnectError {
  const todo = advice.find(([pattern]) => pattern.test(said))?.[1](method) ?? `try ${method} there by hand`;
  const words = wordsOf(said, password) || "it said nothing";
  return new ConnectError("sudo", `${place}: no rights of ${user} through ${method}: ${words}: ${todo}`);
}

/** The last lines in one, without a password that a host echoed. */
function wordsOf(said: string, password: Secret | undefined): string {
  const shown = password?.reveal() ? said.replaceAll(password.reveal(), String(password)) : said;
  return lastLines(shown, 3).replaceAll("\n", "; ").replace(/\.$/, "");
}

/** Whether what was said after a password means that it was wrong: not where it is right and too old. */
export const isWrongPassword = (said: string): boolean => !tooOld.test(said);

/** The error for a wrong password. `owner` is whose it should have been, where the host said so. */
export function passwordRefusal({ method, user }: Become, place: string, owner: string | undefined): ConnectError {
  const whose = owner ?? (method === "su" ? user : undefined);
  const password = whose === undefined ? "the password" : `the password of ${whose}`;
  return new ConnectError("sudo", `${place}: ${method} refused ${password}: check the become password (--ask-become-pass)`);
}

/** The error for a question that nothing was given to answer. */
export const askedWithoutPassword = ({ method, user }: Become, place: string): ConnectError =>
  new ConnectError("sudo", `${place}: no rights of ${user} through ${method}: it asks for a password: ${givePassword(method)}`);

/** The error for a password that can't be typed. */
export const unsendablePassword = ({ method }: Become, place: string): ConnectError =>
  new ConnectError("sudo", `${place}: the become password for ${method} holds a line break or another control character: give it without`);
