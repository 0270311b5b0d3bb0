import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fingerprint, hostKeyOf } from "../../src/remote/host_key.ts";
import { parseKnownHosts, removalOf } from "../../src/remote/known_hosts.ts";
import { scratch } from "./asking.ts";
import { keyText, newKey, publicKeyOf } from "./ssh_server.ts";

const [first, rsa] = [publicKeyOf(newKey().public), publicKeyOf(newKey("rsa").public)];

describe("parseKnownHosts", () => {
  test("passes over what it doesn't understand, and tells where", () => {
    const lines = [
      "# comment",
      "",
      "web01",
      "web01 ssh-ed25519",
      "web01 ssh-ed25519 AAAA",
      `web01 ssh-rsa ${keyText(first).split(" ")[1]}`,
      `@unknown web01 ${keyText(first)}`,
    ];
    expect(parseKnownHosts(lines.join("\n"), "f")).toEqual({ lines: [], unread: [3, 4, 5, 6, 7] });
  });

  test("names the line", () => {
    const { lines } = parseKnownHosts(`# x\n\n\tweb01,10.0.0.1   ${keyText(first)} root@web01\r\n`, "/f", 10);
    expect(lines).toMatchObject([{ file: "/f", line: 12, key: first, names: { kind: "names", names: ["web01", "10.0.0.1"] } }]);
  });

  test("garbage gives no line and no error", () => {
    fc.assert(fc.property(fc.uint8Array(), (garbage) => void parseKnownHosts(Buffer.from(garbage).toString("latin1"), "f")));
  });
});

describe("host keys", () => {
  test("garbage gives none, and neither does a key that was cut short or goes on", () => {
    fc.assert(fc.property(fc.uint8Array(), (garbage) => void hostKeyOf(Buffer.from(garbage))));
    for (let length = 0; length < first.blob.length; length++) expect(hostKeyOf(first.blob.subarray(0, length))).toBeUndefined();
    expect(hostKeyOf(Buffer.concat([first.blob, Buffer.of(0)]))).toBeUndefined();
  });

  test.runIf(spawnSync("ssh-keygen", ["-?"]).error === undefined)("fingerprints are as ssh-keygen prints them", () => {
    const file = join(scratch(), "key.pub");
    writeFileSync(file, keyText(rsa));
    expect(execFileSync("ssh-keygen", ["-l", "-f", file]).toString()).toContain(` ${fingerprint(rsa)} `);
  });
});

test("the way to get rid of a host's lines survives the shell", () => {
  expect(removalOf({ file: "/home/ann b/known_hosts" }, { address: "web01", port: 2222 })).toBe(
    "ssh-keygen -f '/home/ann b/known_hosts' -R '[web01]:2222'",
  );
});
