import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fingerprint, hostKeyOf } from "../../src/remote/host_key.ts";
import { entriesFor, judgeHostKey } from "../../src/remote/host_verdict.ts";
import { knownHostName, parseKnownHosts } from "../../src/remote/known_hosts.ts";
import { appendKnownHosts } from "../../src/remote/known_hosts_append.ts";
import { KnownHostsFiles } from "../../src/remote/known_hosts_files.ts";
import { scratch } from "./asking.ts";
import { newKey, publicKeyOf } from "./ssh_server.ts";

const [first, second, rsa] = [newKey(), newKey(), newKey("rsa")].map((pair) => publicKeyOf(pair.private)) as [K, K, K];
type K = ReturnType<typeof publicKeyOf>;
const text = (key: K) => `${key.type} ${key.blob.toString("base64")}`;

const hasSshKeygen = spawnSync("ssh-keygen", ["-?"]).error === undefined;

describe("parseKnownHosts", () => {
  test("passes over what it doesn't understand", () => {
    const lines = [
      "# comment",
      "",
      "web01",
      "web01 ssh-ed25519",
      "web01 ssh-ed25519 AAAA",
      `web01 ssh-rsa ${text(first).split(" ")[1]}`,
      `@unknown web01 ${text(first)}`,
    ];
    expect(parseKnownHosts(lines.join("\n"), "f")).toEqual([]);
  });

  test("names the line", () => {
    expect(parseKnownHosts(`# x\n\n\tweb01,10.0.0.1   ${text(first)} root@web01\r\n`, "/f")).toMatchObject([
      { file: "/f", line: 3, key: first },
    ]);
  });

  test("garbage gives no entry and no error", () => {
    fc.assert(fc.property(fc.uint8Array(), (garbage) => void parseKnownHosts(Buffer.from(garbage).toString("latin1"), "f")));
    fc.assert(fc.property(fc.uint8Array(), (garbage) => void hostKeyOf(Buffer.from(garbage))));
  });
});

describe.runIf(hasSshKeygen)("finds the hosts that ssh-keygen -F finds", () => {
  const patterns = [
    "web01",
    "WEB02",
    "web01,10.0.0.1",
    "*.example.com,!bad.example.com",
    "!web03,web*",
    "web0?",
    "[web01]:2222",
    "[*.example.com]:2222",
    "[10.0.0.?]:22",
    "10.0.0.*",
    "2001:db8::1",
    "*",
    "a.b+c",
    "web01,",
    ",web01",
  ];
  const hosts = [
    "web01",
    "web02",
    "web03",
    "10.0.0.1",
    "bad.example.com",
    "good.example.com",
    "[web01]:2222",
    "[good.example.com]:2222",
    "2001:db8::1",
    "aXb+c",
    "other",
  ];

  const finds = (file: string, host: string) => spawnSync("ssh-keygen", ["-F", host, "-f", file]).stdout.toString().includes("found:");

  test.each(patterns)("%s", (pattern) => {
    const file = join(scratch(), "known_hosts");
    writeFileSync(file, `${pattern} ${text(first)}\n`);
    const [entry] = parseKnownHosts(readFileSync(file, "utf8"), file);
    expect(hosts.filter((host) => entry?.matches(host))).toEqual(hosts.filter((host) => finds(file, host)));
  });

  test("hashed names", () => {
    const file = join(scratch(), "known_hosts");
    writeFileSync(file, `web01 ${text(first)}\n[web01]:2222 ${text(second)}\n`);
    execFileSync("ssh-keygen", ["-H", "-f", file], { stdio: "ignore" });
    const entries = parseKnownHosts(readFileSync(file, "utf8"), file);
    expect(readFileSync(file, "utf8")).toMatch(/^\|1\|/);
    expect(entries.map((entry) => hosts.filter((host) => entry.matches(host)))).toEqual([["web01"], ["[web01]:2222"]]);
  });

  test("fingerprints are as ssh-keygen prints them", () => {
    const file = join(scratch(), "key.pub");
    writeFileSync(file, text(rsa));
    expect(execFileSync("ssh-keygen", ["-l", "-f", file]).toString()).toContain(` ${fingerprint(rsa)} `);
  });
});

describe("judgeHostKey", () => {
  const line = { kind: "known" } as const;
  test.each([
    ["nothing known", "", 22, first, "unknown"],
    ["another host", `db1 ${text(first)}`, 22, first, "unknown"],
    ["the key", `web01 ${text(first)}`, 22, first, line.kind],
    ["in capitals", `WEB01 ${text(first)}`, 22, first, "known"],
    ["another key", `web01 ${text(second)}`, 22, first, "changed"],
    ["a key of another type only", `web01 ${text(rsa)}`, 22, first, "changed"],
    ["both", `web01 ${text(second)}\nweb01 ${text(first)}`, 22, first, "known"],
    ["revoked, though known before", `web01 ${text(first)}\n@revoked * ${text(first)}`, 22, first, "revoked"],
    ["another one revoked", `web01 ${text(first)}\n@revoked * ${text(second)}`, 22, first, "known"],
    ["an authority only", `@cert-authority * ${text(second)}`, 22, first, "authority"],
    ["the authority's own key", `@cert-authority * ${text(first)}`, 22, first, "authority"],
    ["an authority, and the key", `@cert-authority * ${text(second)}\nweb01 ${text(first)}`, 22, first, "known"],
    ["with its port", `[web01]:2222 ${text(first)}`, 2222, first, "known"],
    ["with another port", `[web01]:2223 ${text(first)}`, 2222, first, "unknown"],
    ["with its port, another key", `[web01]:2222 ${text(second)}`, 2222, first, "changed"],
    ["without its port", `web01 ${text(first)}`, 2222, first, "known"],
    ["without its port, another key", `web01 ${text(second)}`, 2222, first, "unknown"],
    ["revoked without its port", `[web01]:2222 ${text(first)}\n@revoked web01 ${text(first)}`, 2222, first, "revoked"],
  ])("%s", (_, known, port, key, kind) => {
    expect(judgeHostKey(entriesFor(parseKnownHosts(known, "f"), "web01", port), key).kind).toBe(kind);
  });

  test("names are as ssh writes them", () => {
    expect([knownHostName("Web01", 22), knownHostName("::1", 2222)]).toEqual(["web01", "[::1]:2222"]);
  });
});

describe("appendKnownHosts", () => {
  test("makes the folder and the file, for the user alone", async () => {
    const file = join(scratch(), ".ssh", "known_hosts");
    await appendKnownHosts(file, [
      { address: "web01", port: 22, key: first },
      { address: "web01", port: 2222, key: second },
    ]);
    expect(readFileSync(file, "utf8")).toBe(`web01 ${text(first)}\n[web01]:2222 ${text(second)}\n`);
    expect([statSync(file).mode & 0o777, statSync(join(file, "..")).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  test("begins a line of its own", async () => {
    const file = join(scratch(), "known_hosts");
    writeFileSync(file, "# no newline");
    await appendKnownHosts(file, [{ address: "web01", port: 22, key: first }]);
    expect(readFileSync(file, "utf8")).toBe(`# no newline\nweb01 ${text(first)}\n`);
  });

  test("many at a time lose nothing, and the same one is learned once", async () => {
    const file = join(scratch(), "known_hosts");
    const files = new KnownHostsFiles();
    const learn = (name: string) => files.learn(file, { address: name, port: 22, key: first });
    await Promise.all([...Array(50).keys()].flatMap((index) => [learn(`web${index}`), learn(`web${index}`)]));
    expect(readFileSync(file, "utf8").trim().split("\n")).toHaveLength(50);
  });
});

describe("KnownHostsFiles", () => {
  test("missing files are empty, changed ones are read again", async () => {
    const file = join(scratch(), "known_hosts");
    const files = new KnownHostsFiles();
    expect(await files.entries([file, `${file}2`])).toEqual([]);
    writeFileSync(file, `web01 ${text(first)}\n`);
    expect(await files.entries([file])).toHaveLength(1);
    writeFileSync(file, `web01 ${text(first)}\nweb02 ${text(first)}\n`);
    expect(await files.entries([file])).toHaveLength(2);
    expect(existsSync(file)).toBe(true);
  });

  test("one that can't be read is an error, not a host that nobody knows", async () => {
    await expect(new KnownHostsFiles().entries([scratch()])).rejects.toMatchObject({
      reason: "host-key",
      message: expect.stringContaining("cannot read"),
    });
  });
});
