import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { opensshFailure } from "../../src/remote/openssh_failure.ts";

/** What OpenSSH 9.2 wrote on stderr, captured. */
const folder = resolve(import.meta.dirname, "../fixtures/openssh");

const reasons: Readonly<Record<string, string>> = {
  "askpass-not-executable": "protocol",
  "auth-open-key": "auth",
  "auth-password": "auth",
  "auth-publickey": "auth",
  "auth-too-many": "auth",
  "bad-option": "protocol",
  "closed-in-kex": "protocol",
  "dns-unanswered": "dns",
  "dns-unknown": "dns",
  "dropped-closed": "lost",
  "dropped-reset": "lost",
  garbage: "protocol",
  "host-key-changed": "host-key",
  "host-key-revoked": "host-key",
  "host-key-unknown": "host-key",
  "jump-auth": "auth",
  "jump-dns": "dns",
  "jump-dropped": "lost",
  "jump-refused": "refused",
  "jump-refused-behind": "refused",
  "no-config": "protocol",
  "no-host-key-type": "protocol",
  "no-kex": "protocol",
  "no-ssh-binary": "protocol",
  "no-ssh-http": "lost",
  "no-ssh-program": "protocol",
  "old-protocol": "protocol",
  "proxy-missing": "protocol",
  refused: "refused",
  "timeout-banner": "timeout",
  "timeout-connect": "timeout",
  unreachable: "refused",
};

const said = (name: string): string => readFileSync(join(folder, `${name}.txt`), "utf8");

test("every captured failure has its reason", () => {
  const names = readdirSync(folder).map((file) => file.replace(".txt", ""));
  expect(Object.fromEntries(names.map((name) => [name, opensshFailure("web01:22", said(name)).reason]))).toEqual(reasons);
});

test.each([
  [
    "auth-open-key",
    'cannot reach web01:22: ssh says: It is required that your private key files are NOT accessible by others.; This private key will be ignored.; Load key "uk": bad permissions; root@127.0.0.1: Permission denied (publickey).: check user, key, certificate and password',
  ],
  [
    "jump-refused-behind",
    "cannot reach web01:22: ssh says: channel 0: open failed: connect failed: Connection refused; stdio forwarding failed; kex_exchange_identification: Connection closed by remote host; Connection closed by UNKNOWN port 65535: check address and port, and whether sshd runs",
  ],
  [
    "no-ssh-program",
    "cannot reach web01:22: ssh says: sh: 1: ssh: not found: install OpenSSH's client here, or connect without `transport: openssh`",
  ],
])("%s tells what ssh says, and what to do", (name, message) => {
  expect(opensshFailure("web01:22", said(name)).message).toBe(message);
});

test("nothing, and anything else, is a failure all the same", () => {
  expect(opensshFailure("web01:22", "").message).toBe("cannot reach web01:22: ssh says: it said nothing: try ssh by hand");
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(opensshFailure("web01:22", text).message).toMatch(/^cannot reach web01:22: ssh says: /);
    }),
  );
});
