import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { trust } from "../../src/commands/trust.ts";
import type { HostKeyPolicy } from "../../src/core/connection.ts";
import { createConnect } from "../../src/remote/connect.ts";
import { fingerprint } from "../../src/remote/host_key.ts";
import { collectHostKeys } from "../../src/remote/host_keys.ts";
import { openSocket } from "../../src/remote/socket.ts";
import { testConsole } from "../commands/console_fixture.ts";
import { knownHostsFile, scratch } from "../remote/asking.ts";
import { noSshd, type RealSshd, realTarget, startSshd } from "../remote/real_sshd.ts";
import { keyText, newKey, publicKeyOf } from "../remote/ssh_server.ts";
import { reach, refused, unsureVerifiers } from "../remote/unsure_verifiers.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.allSettled(closing.splice(0).map((close) => close()));
});

async function sshd(...options: readonly string[]): Promise<RealSshd> {
  const server = await startSshd(...options);
  closing.push(server.close);
  return server;
}

const from = { name: "ann", home: "/no/home" };

describe.skipIf(noSshd)(`host keys of OpenSSH's own server${noSshd === undefined ? "" : ` (skipped: ${noSshd})`}`, () => {
  test("are accepted by the literal true alone", async () => {
    const { port } = await sshd("MaxStartups 100");
    expect((await reach(port, () => true))[0]).toBe("handshake");
    expect(await Promise.all(unsureVerifiers.map(([, verify]) => reach(port, verify)))).toEqual(unsureVerifiers.map(() => refused));
  });

  test("may be exchanged anew in the middle of a connection", async () => {
    const server = await sshd("RekeyLimit 64K");
    const connection = await createConnect(from)(realTarget(server, { transport: "ssh", hostKeyPolicy: "strict" }));
    closing.unshift(() => connection.close());
    expect((await connection.exec(["head", "-c", "1000000", "/dev/zero"], { timeout: 20 })).stdout.length).toBe(1_000_000);
  });

  test("are collected as ssh-keygen lists them", async () => {
    const rsa = join(scratch(), "rsa");
    spawnSync("ssh-keygen", ["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", rsa]);
    const { port, folder } = await sshd(`HostKey ${rsa}`);
    const open = (signal: AbortSignal) => openSocket("127.0.0.1", port, signal);
    const collected = await collectHostKeys({ place: "web01:22", timeout: 5, open });
    const listed = [join(folder, "host"), rsa].map(
      (file) =>
        spawnSync("ssh-keygen", ["-l", "-f", `${file}.pub`])
          .stdout.toString()
          .split(" ")[1],
    );
    expect(collected.map(fingerprint)).toEqual(listed);
  });
});

describe.skipIf(noSshd)("kofleet believes a host where ssh does, and no other", () => {
  const sshBelieves = (server: RealSshd, file: string): boolean => {
    const options = [
      "BatchMode=yes",
      "StrictHostKeyChecking=yes",
      `UserKnownHostsFile=${file}`,
      "GlobalKnownHostsFile=none",
      "IdentitiesOnly=yes",
    ];
    const { user = "", address } = realTarget(server);
    const place = ["-F", "none", "-i", server.key, "-p", String(server.port), "-l", user, address, "true"];
    return spawnSync("ssh", [...options.flatMap((option) => ["-o", option]), ...place]).status === 0;
  };

  const believes = async (server: RealSshd, file: string, hostKeyPolicy: HostKeyPolicy = "strict"): Promise<boolean> => {
    const connecting = createConnect(from)(realTarget(server, { transport: "ssh", hostKeyPolicy, knownHostsFiles: [file] }));
    return connecting.then(
      (connection) => connection.close().then(() => true),
      (error: { readonly reason: string }) => error.reason !== "host-key" && Promise.reject(error),
    );
  };

  test("whatever known_hosts has of it", async () => {
    const server = await sshd();
    const own = readFileSync(join(server.folder, "host.pub"), "utf8").split(" ").slice(0, 2).join(" ");
    const other = keyText(publicKeyOf(newKey().public));
    const name = `[127.0.0.1]:${server.port}`;
    const contents: readonly (readonly [string, boolean])[] = [
      ["", false],
      [`${name} ${own}`, true],
      [`${name} ${own}\r\n`, true],
      [`127.0.0.1 ${own}`, true],
      [`[127.0.0.?]:* ${own}`, true],
      [`!127.0.0.1,!${name},* ${own}`, false],
      [`!${name},* ${own}`, true],
      [`${name} ${other}`, false],
      [`${name} ${other}\n${name} ${own}`, true],
      [`${name} ${own}\n@revoked * ${own}`, false],
      [`@cert-authority * ${own}`, false],
      [`${name} ${own.slice(0, -8)}`, false],
    ];
    const judged = await Promise.all(
      contents.map(async ([content, expected]) => {
        const file = knownHostsFile(content);
        return [content, expected, await believes(server, file), sshBelieves(server, file)];
      }),
    );
    expect(judged).toEqual(contents.map(([content, expected]) => [content, expected, expected, expected]));
  });

  test.each([
    ["a line of names that can be read", ""],
    ["a hashed line", `|1|${"A".repeat(27)}=|${"A".repeat(27)}= ${keyText(publicKeyOf(newKey().public))}\n`],
  ])("by %s that kofleet wrote", async (_, content) => {
    const server = await sshd();
    const file = knownHostsFile(content);
    expect([sshBelieves(server, file), await believes(server, file, "accept-new"), sshBelieves(server, file)]).toEqual([false, true, true]);
  });
});

test.skipIf(noSshd)("trust reaches hosts behind jump hosts, once those are trusted", async () => {
  const outer = await sshd();
  const key = `AuthorizedKeysFile ${outer.key}.pub`;
  const servers = [outer, await sshd(key), await sshd(key)];
  const [first, second, inner] = servers.map(({ port }) => port);
  const console = testConsole();
  const file = join(console.folder, "known_hosts");
  const { user } = realTarget(outer);
  const jumps = [first, second].map((port) => `${user}@127.0.0.1:${port}`);
  const vars = { ssh_config: "none", known_hosts: [file], private_key_file: outer.key, jumps };
  writeFileSync(
    join(console.folder, "inventory.yaml"),
    JSON.stringify({ all: { vars, hosts: { inner: { host: "127.0.0.1", port: inner } } } }),
  );
  const names = () =>
    readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" ")[0]);

  for (const [trusted, code] of [
    [[first], 4],
    [[first, second], 4],
    [[first, second, inner], 0],
  ] as const) {
    expect(await trust("inner", { color: true, yes: true }, console)).toBe(code);
    expect(names()).toEqual(trusted.map((port) => `[127.0.0.1]:${port}`));
  }
  expect(console.told()).toContain("run the same again");
});
