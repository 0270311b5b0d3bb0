import { expect, test } from "vitest";
import type { Become } from "../../src/core/connection.ts";
import { refusalOf } from "../../src/remote/elevation_refusal.ts";

/** As sudo, doas and su of Debian 12, older ones, and env of GNU and BusyBox say it. */
const said: readonly [Become["method"], said: string, advice: string][] = [
  ["sudo", "sudo: a password is required", "give the password with --ask-become-pass, or allow it without one (NOPASSWD in its sudoers)"],
  [
    "sudo",
    "sudo: a terminal is required to read the password; either use the -S option to read from standard input",
    "give the password with --ask-become-pass, or allow it without one (NOPASSWD in its sudoers)",
  ],
  ["doas", "doas: Authentication required", "give the password with --ask-become-pass, or allow it without one (nopass in its doas.conf)"],
  ["sudo", "deploy is not in the sudoers file.", "allow it in its sudoers"],
  ["sudo", "Sorry, user deploy is not allowed to execute '/usr/bin/sh' as root on host.", "allow it in its sudoers"],
  ["sudo", "deploy may not run sudo on host", "allow it in its sudoers"],
  ["doas", "doas: Operation not permitted", "allow it in its doas.conf"],
  ["su", "su: Permission denied", "allow it in its PAM rules of su"],
  ["doas", "doas: doas is not enabled, /etc/doas.conf: No such file or directory", "allow it in a doas.conf there"],
  ["doas", "script: not found", "doas asks on a terminal only: install util-linux's script there, or allow it without a password (nopass)"],
  ["sudo", "sudo: sorry, you must have a tty to run sudo", "remove requiretty from its sudoers"],
  ["su", "su: must be run from a terminal", "its su takes passwords from terminals only: use sudo there"],
  ["su", "standard in must be a tty", "its su takes passwords from terminals only: use sudo there"],
  [
    "su",
    "su: using restricted shell /usr/sbin/nologin\nThis account is currently not available.",
    "su needs a user with a login shell: use sudo or doas there",
  ],
  ["sudo", "sudo: unknown user nosuch\nsudo: error initializing audit plugin sudoers_audit", "check the become user"],
  ["doas", "doas: unknown user", "check the become user"],
  ["su", "su: user nosuch does not exist or the user entry does not contain all the required fields", "check the become user"],
  [
    "sudo",
    "sudo: effective uid is not 0, is /usr/bin/sudo on a file system with the 'nosuid' option set?",
    "sudo has no rights itself: install it anew, or lift what confines it",
  ],
  [
    "sudo",
    'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
    "sudo has no rights itself: install it anew, or lift what confines it",
  ],
  ["doas", "doas: not installed setuid", "doas has no rights itself: install it anew, or lift what confines it"],
  [
    "sudo",
    "sudo: account validation failure, is your account locked?\nsudo: a password is required",
    "renew the account or its password there",
  ],
  ["sudo", "sudo: Account or password is expired, reset your password and try again", "renew the account or its password there"],
  [
    "su",
    "Your account has expired; please contact your system administrator.\nsu: Authentication failure",
    "renew the account or its password there",
  ],
  ["su", "You are required to change your password immediately (administrator enforced).", "renew the account or its password there"],
  ["sudo", "env: 'sudo': No such file or directory", "install sudo there, or log in as that user"],
  ["doas", "env: can't execute 'doas': No such file or directory", "install doas there, or log in as that user"],
  ["su", "su: Authentication failure", "check the become password (--ask-become-pass)"],
  ["sudo", "sudo: 1 incorrect password attempt", "check the become password (--ask-become-pass)"],
  ["sudo", "sudo: no valid sudoers sources found, quitting", "try sudo there by hand"],
];

test.each(said)("%s: %s", (method, words, advice) => {
  const { reason, message } = refusalOf({ method, user: "root" }, "web01:22", words);
  const shown = words.replaceAll("\n", "; ").replace(/\.$/, "");
  expect([reason, message]).toEqual(["sudo", `web01:22: no rights of root through ${method}: ${shown}: ${advice}`]);
});
