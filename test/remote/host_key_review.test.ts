import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fingerprint, type HostKey } from "../../src/remote/host_key.ts";
import { reviewHostKeys } from "../../src/remote/host_key_review.ts";
import { keyTitle, readKeyList } from "../../src/remote/key_list.ts";
import { parseKnownHosts } from "../../src/remote/known_hosts.ts";
import { scratch } from "./asking.ts";
import { keyText, newKey, publicKeyOf } from "./ssh_server.ts";

const [ed, ed2, rsa, ecdsa] = [newKey(), newKey(), newKey("rsa"), newKey("ecdsa")].map((pair) => publicKeyOf(pair.public)) as [K, K, K, K];
type K = HostKey;

const listFile = (...lines: readonly string[]): string => {
  const file = join(scratch(), "keys");
  writeFileSync(file, lines.join("\n"));
  return file;
};

const listOf = (...lines: readonly string[]) => readKeyList(listFile(...lines));

const web01 = { name: "web-one", address: "web01", port: 22 };

/** "known", "changed:2" with the line that decided it. */
const states = (reviewed: ReturnType<typeof reviewHostKeys>) =>
  reviewed.map(({ state, place }) => (place ? `${state}:${place.line}` : state));

const entries = (...lines: readonly string[]) => ({ named: parseKnownHosts(lines.join("\n"), "known_hosts").lines, portless: [] });

describe("by known_hosts", () => {
  test.each([
    ["nobody knows the host", [ed, rsa], [], ["new", "new"]],
    ["one key of two", [ed, rsa], [`web01 ${keyText(ed)}`], ["known", "new"]],
    ["another key of the type", [ed2, rsa], [`web01 ${keyText(ed)}`], ["changed:1", "changed:1"]],
    ["none of its keys, but one of a new type", [rsa], [`web01 ${keyText(ed)}`], ["changed:1", "missing:1"]],
    ["one known, the other changed", [ed2, rsa], [`web01 ${keyText(ed)}`, `web01 ${keyText(rsa)}`], ["changed:1", "known"]],
    ["one no longer shown", [ed], [`web01 ${keyText(ed)}`, `web01 ${keyText(rsa)}`, `web0? ${keyText(rsa)}`], ["known", "missing:2"]],
    ["a revoked one", [ed, rsa], [`web01 ${keyText(ed)}`, `@revoked * ${keyText(ed)}`], ["revoked:2", "changed:1"]],
    ["an authority", [ed], [`@cert-authority * ${keyText(rsa)}`], ["new"]],
  ] as const)("%s", (_, shown, known, expected) => {
    expect(states(reviewHostKeys(shown, entries(...known)))).toEqual(expected);
  });
});

describe("by a list", () => {
  test.each([
    ["lines of known_hosts", [ed, rsa], [`web01 ${keyText(ed)}`, `web01 ${keyText(rsa)}`], ["new", "new"]],
    [
      "lines of ssh-keygen -l -f",
      [ed, rsa],
      [`256 ${fingerprint(ed)} root@web01 (ED25519)`, `2048 ${fingerprint(rsa)} web01 (RSA)`],
      ["new", "new"],
    ],
    ["lines of ssh-keygen -l -F", [ecdsa], ["# Host web01 found: line 3", `web01 ECDSA ${fingerprint(ecdsa)}`], ["new"]],
    ["fingerprints by hand", [ed, rsa], ["", `web01\t${fingerprint(ed)}`], ["new", "unlisted"]],
    ["under the inventory's name", [ed], [`Web-One ${fingerprint(ed)}=`], ["new"]],
    ["another key of the type", [ed, rsa], [`256 ${fingerprint(ed2)} web01 (ED25519)`, `web01 ${keyText(rsa)}`], ["mismatch:1", "new"]],
    ["another fingerprint", [ed, rsa], [`web01 ${fingerprint(ed2)}`], ["mismatch:1", "mismatch:1"]],
    ["only a key of a type that is not shown", [ed], [`web01 ${keyText(rsa)}`], ["unlisted"]],
    ["not this host", [ed], [`web02 ${fingerprint(ed)}`], ["unlisted"]],
    ["a key of the host that was revoked", [ed], [`web01 ${fingerprint(ed)}`, `@revoked * ${keyText(ed)}`], ["revoked:2"]],
    ["an authority is no key", [ed], [`@cert-authority * ${keyText(ed)}`], ["unlisted"]],
  ] as const)("%s", async (_, shown, lines, expected) => {
    expect(states(reviewHostKeys(shown, entries(), (await listOf(...lines)).about(web01)))).toEqual(expected);
  });

  test("it can't accept what known_hosts contradicts, and can contradict what known_hosts has", async () => {
    const known = entries(`web01 ${keyText(ed)}`);
    const listed = (await listOf(`web01 ${keyText(ed2)}`)).about(web01);
    expect(states(reviewHostKeys([ed2], known, listed))).toEqual(["changed:1"]);
    expect(states(reviewHostKeys([ed], known, listed))).toEqual(["mismatch:1"]);
    expect(states(reviewHostKeys([ed], known, []))).toEqual(["known"]);
    expect(states(reviewHostKeys([ed], entries(`@revoked * ${keyText(ed)}`), listed))).toEqual(["revoked:1"]);
  });

  test("a host with a port goes by its own lines, and without such by those without the port", async () => {
    const host = { ...web01, port: 2222 };
    const list = await listOf(
      `web01 ${fingerprint(ed)}`,
      `[web01]:2223 ${fingerprint(rsa)}`,
      `[db1]:2222 ${fingerprint(rsa)}`,
      `db1 ${fingerprint(ed)}`,
    );
    const print = (about: Parameters<typeof list.about>[0]) => list.about(about).map((line) => line.fingerprint);
    expect([print(host), print({ ...host, port: 2223 }), print({ ...host, address: "db1" })]).toEqual([
      [fingerprint(ed)],
      [fingerprint(rsa)],
      [fingerprint(rsa)],
    ]);
  });

  test.each([
    ["web01 MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", "-E sha256"],
    ["2048 16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48 web01 (RSA)", "-E sha256"],
    [keyText(ed), 'or "HOST SHA256:…"'],
    [`256 ${fingerprint(ed)} no comment (ED25519)`, "known_hosts"],
    [`256 ${fingerprint(ed).slice(0, -1)} web01 (ED25519)`, "known_hosts"],
    [`web01 ${fingerprint(ed)} and more`, "known_hosts"],
    [`|1|salt|hash ${fingerprint(ed)}`, "known_hosts"],
  ])("%s is refused, with its place", async (line, problem) => {
    const file = listFile("# keys", line);
    await expect(readKeyList(file)).rejects.toMatchObject({
      name: "ConfigError",
      position: { file, line: 2, column: 1 },
      message: expect.stringContaining(problem),
    });
  });

  test("a list that is not there is an error", async () => {
    await expect(readKeyList("/no/list")).rejects.toThrow("cannot read the list of host keys in /no/list");
  });
});

test.each([
  ["ssh-ed25519", "ED25519"],
  ["ssh-rsa", "RSA"],
  ["ecdsa-sha2-nistp521", "ECDSA"],
  ["ssh-dss", "SSH-DSS"],
])("ssh-keygen calls %s %s", (type, title) => {
  expect(keyTitle(type)).toBe(title);
});
