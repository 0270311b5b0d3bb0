import type { Become } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import { lastLines } from "../core/printable.ts";

type Method = Become["method"];

/** Where each of them keeps who may do what. */
const rules: Readonly<Record<Method, string>> = { sudo: "its sudoers", doas: "its doas.conf", su: "its PAM rules of su" };

const withoutPassword: Readonly<Record<Method, string>> = {
  sudo: "allow it without one (NOPASSWD in its sudoers)",
  doas: "allow it without one (nopass in its doas.conf)",
  su: "use sudo or doas there",
};

/** What sudo, doas and su say, in their own words, and what can be done about it. */
const advice: readonly (readonly [said: RegExp, todo: (method: Method) => string])[] = [
  [
    /script: not found/,
    () => "install script of util-linux there, for doas asks on a terminal only, or allow it without a password (nopass)",
  ],
  [/not enabled.*doas\.conf/, () => "allow it in a doas.conf there"],
  [/(?:password|terminal) is required|authentication required/i, (method) => givePassword(method)],
  [/must have a tty/, () => "remove requiretty from its sudoers"],
  [/must be run from a terminal|must be a tty/, () => "its su takes passwords from terminals only: use sudo there"],
  [/expired|no longer valid|new one required/i, () => "renew the account or its password there"],
  [/not in the sudoers|not allowed|may not run|not permitted|permission denied/i, (method) => `allow it in ${rules[method]}`],
  [/not available|restricted shell/, () => "su needs a user with a login shell: use sudo or doas there"],
  [
    /setuid|effective uid is not 0|no new privileges/i,
    (method) => `${method} has no rights there itself: install it anew, or lift what confines it`,
  ],
  [/unknown user|does not exist/, () => "check the become user"],
  [/not found|unknown command/i, (method) => `install ${method} there, or log in as that user`],
  [/incorrect password|try again|authentication fail/i, () => "check the become password (--ask-become-pass)"],
];

const givePassword = (method: Method): string => `give the password with --ask-become-pass, or ${withoutPassword[method]}`;

/** The error for rights that were not given, with what the host said about it. */
export function refusalOf({ method, user }: Become, place: string, said: string): ConnectError {
  const todo = advice.find(([pattern]) => pattern.test(said))?.[1](method) ?? `try ${method} there by hand`;
  const words = lastLines(said, 3).replaceAll("\n", "; ") || "it said nothing";
  return new ConnectError("sudo", `${place}: no rights of ${user} through ${method}: ${words}: ${todo}`);
}

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
