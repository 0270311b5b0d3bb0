import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import type { Target } from "../../src/core/connection.ts";
import { Secret } from "../../src/core/secret.ts";
import { resolveEndpoint } from "../../src/remote/endpoint.ts";
import { masterWords, sessionWords } from "../../src/remote/openssh_options.ts";

const bare: Target = { name: "web01", transport: "openssh", address: "web01.lan", connectTimeout: 10 };
const usual = "-M -N -T -S /s/master -o ControlPersist=no -o LogLevel=INFO -o PermitLocalCommand=yes -o LocalCommand=echo ready";

async function wordsFor(more: Partial<Target>, canAsk = false): Promise<readonly string[]> {
  const endpoint = await resolveEndpoint({ ...bare, ...more }, { name: "ann", home: "/no/home", agent: "/agent" });
  return masterWords(endpoint, { socket: "/s/master", ready: "ready", keepalive: { interval: 15, count: 3 }, canAsk });
}

test("a master connection says no more than the user does, but for host keys and its own life", async () => {
  expect((await wordsFor({})).join(" ")).toBe(
    `${usual} -o ClearAllForwardings=yes -o ServerAliveInterval=15 -o ServerAliveCountMax=3 -o BatchMode=yes -o NumberOfPasswordPrompts=1 -o ConnectTimeout=10 -o StrictHostKeyChecking=yes -- web01.lan`,
  );
});

test.each<[string, Partial<Target>, readonly string[]]>([
  ["a user", { user: "bob" }, ["User=bob"]],
  ["a port", { port: 2222 }, ["Port=2222"]],
  ["a key", { privateKeyFile: '/a b/%h"' }, ['IdentityFile="/a b/%%h\\""', "IdentitiesOnly=yes"]],
  ["an agent", { forwardAgent: true }, ["ForwardAgent=yes"]],
  ["no agent", { forwardAgent: false }, ["ForwardAgent=no"]],
  ["files", { knownHostsFiles: ["/a b", "/c"] }, ['UserKnownHostsFile="/a b" "/c"', "GlobalKnownHostsFile=/dev/null"]],
  ["accept-new", { hostKeyPolicy: "accept-new" }, ["StrictHostKeyChecking=accept-new"]],
  ["off", { hostKeyPolicy: "off", knownHostsFiles: ["/c"] }, ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"]],
  ["no jump", { jumps: [] }, ["ProxyJump=none"]],
  ["a command", { proxyCommand: "nc %h %p" }, ["ProxyCommand=nc %h %p"]],
  ["a configuration", { sshConfig: "/etc/my config" }, ["-F", "/etc/my config"]],
  ["half a second", { connectTimeout: 0.5 }, ["ConnectTimeout=1"]],
])("%s", async (_, more, expected) => {
  expect(await wordsFor(more)).toEqual(expect.arrayContaining([...expected]));
});

test("secrets are in no word", async () => {
  const words = await wordsFor({ password: new Secret("hush"), privateKeyPassphrase: new Secret("hush") }, true);
  expect(words.join(" ")).not.toContain("hush");
  expect(words).toContain("BatchMode=no");
});

test("jump hosts are gone through one behind the other, with the trust and the key of the target", async () => {
  const words = await wordsFor({ jumps: ["ann@first:2201", "second"], privateKeyFile: "/key", knownHostsFiles: ["/known"] });
  expect(words.find((word) => word.startsWith("ProxyCommand="))).toMatchInlineSnapshot(
    `"ProxyCommand=ssh -W '[%h]:%p' -o 'BatchMode=yes' -o 'NumberOfPasswordPrompts=1' -o 'IdentityFile="/key"' -o 'ProxyCommand=ssh -W '\\''[%%h]:%%p'\\'' -o '\\''BatchMode=yes'\\'' -o '\\''NumberOfPasswordPrompts=1'\\'' -o '\\''User=ann'\\'' -o '\\''IdentityFile="/key"'\\'' -o '\\''Port=2201'\\'' -o '\\''ConnectTimeout=10'\\'' -o '\\''StrictHostKeyChecking=yes'\\'' -o '\\''UserKnownHostsFile="/known"'\\'' -o '\\''GlobalKnownHostsFile=/dev/null'\\'' -- first' -o 'ConnectTimeout=10' -o 'StrictHostKeyChecking=yes' -o 'UserKnownHostsFile="/known"' -o 'GlobalKnownHostsFile=/dev/null' -- second"`,
  );
});

test.skipIf(spawnSync("ssh", ["-V"]).error !== undefined)("ssh itself reads the words as they are meant", async () => {
  const words = await wordsFor({ sshConfig: "none", knownHostsFiles: ["/a b/%h", "/c"], privateKeyFile: "/d e/%u", jumps: ["second"] });
  const { stdout, stderr } = spawnSync("ssh", ["-G", ...words], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^stricthostkeychecking true$/m);
  expect(stdout).toMatch(/^userknownhostsfile \/a b\/%h \/c$/m);
  expect(stdout).toMatch(/^identityfile \/d e\/%%u$/m);
  expect(stdout).toMatch(/^controlpersist no$/m);
});

test("a session reads no configuration, and never connects by itself", () => {
  expect(sessionWords("/s/master", "/s/log", "web01.lan", "uname -r").join(" ")).toBe(
    "-S /s/master -F none -T -A -E /s/log -o LogLevel=ERROR -o ProxyCommand=false -- web01.lan uname -r",
  );
});
