import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Connection, Target } from "../../src/core/connection.ts";
import { createConnect } from "../../src/remote/connect.ts";
import { scratch } from "../remote/asking.ts";
import { folderOf, mastersTo } from "../remote/processes.ts";
import { makeKey, noSshd, type RealSshd, realTarget, startSshd } from "../remote/real_sshd.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const jiti = join(import.meta.dirname, "../../node_modules/jiti/lib/jiti-cli.mjs");

const from = { name: "ann", home: "/no/home" };

async function open(target: Target, signal?: AbortSignal): Promise<Connection> {
  const connection = await createConnect(from)(target, signal);
  closing.unshift(() => connection.close());
  return connection;
}

const say = async (connection: Connection, ...words: readonly [string, ...string[]]): Promise<string> =>
  (await connection.exec(words, { timeout: 10 })).stdout.trim();

async function sshd(...options: readonly string[]): Promise<RealSshd> {
  const server = await startSshd(...options);
  closing.push(server.close);
  return server;
}

describe.skipIf(noSshd)(`the system's ssh${noSshd === undefined ? "" : ` (skipped: ${noSshd})`}`, () => {
  describe("logs in", () => {
    test("with a certificate, which the built-in client can't, and says who can", async () => {
      const folder = scratch();
      const [authority, key] = [makeKey(folder, "authority"), makeKey(folder, "ann")];
      const server = await sshd(`TrustedUserCAKeys ${authority}.pub`);
      const target = realTarget({ ...server, key });
      expect(spawnSync("ssh-keygen", ["-q", "-s", authority, "-I", "ann", "-n", String(target.user), `${key}.pub`]).status).toBe(0);
      expect(await say(await open(target), "echo", "in")).toBe("in");
      await expect(open({ ...target, transport: "ssh" })).rejects.toMatchObject({
        reason: "auth",
        message: expect.stringContaining("`transport: openssh`"),
      });
    });

    test("through jump hosts, each held to the same trust", async () => {
      const [first, second, last] = [await sshd(), await sshd(), await sshd()];
      const knownHosts = join(scratch(), "known hosts");
      writeFileSync(knownHosts, [first, second, last].map((server) => readFileSync(server.knownHosts)).join(""));
      for (const { folder } of [first, second]) writeFileSync(join(folder, "user.pub"), readFileSync(`${last.key}.pub`));
      const target = realTarget({ ...last, knownHosts });
      const hop = ({ port }: RealSshd) => `${target.user}@127.0.0.1:${port}`;
      expect(await say(await open({ ...target, jumps: [hop(first), hop(second)] }), "echo", "in")).toBe("in");
      await expect(open({ ...target, jumps: [hop(first)], knownHostsFiles: [last.knownHosts] })).rejects.toMatchObject({
        reason: "host-key",
      });
    });

    test("and forwards the agent only where that is wanted", async () => {
      const [server, agent] = [await sshd("AllowAgentForwarding yes"), join(scratch(), "agent")];
      const own = spawn("ssh-agent", ["-D", "-a", agent], { stdio: "ignore" });
      closing.push(async () => own.kill());
      vi.stubEnv("SSH_AUTH_SOCK", agent);
      closing.push(async () => vi.unstubAllEnvs());
      const there = (forwardAgent: boolean) =>
        createConnect({ ...from, agent })(realTarget(server, { forwardAgent })).then(async (connection) => {
          closing.unshift(() => connection.close());
          return say(connection, "sh", "-c", 'test -S "$SSH_AUTH_SOCK" && echo agent || echo none');
        });
      expect([await there(true), await there(false)]).toEqual(["agent", "none"]);
    });
  });

  describe("trusts", () => {
    test("no host it doesn't know, or that has changed, unless told to", async () => {
      const [server, other, folder] = [await sshd(), makeKey(scratch(), "other"), scratch()];
      const [unknown, changed] = [join(folder, "unknown"), join(folder, "changed")];
      writeFileSync(changed, `[127.0.0.1]:${server.port} ${readFileSync(`${other}.pub`)}`);
      const refused = { reason: "host-key" };
      for (const [knownHosts, hostKeyPolicy] of [
        [unknown, "strict"],
        [changed, "strict"],
        [changed, "accept-new"],
      ] as const)
        await expect(open(realTarget({ ...server, knownHosts }, { hostKeyPolicy }))).rejects.toMatchObject(refused);
      expect(await say(await open(realTarget({ ...server, knownHosts: changed }, { hostKeyPolicy: "off" })), "echo", "in")).toBe("in");
      await open(realTarget({ ...server, knownHosts: unknown }, { hostKeyPolicy: "accept-new" }));
      expect(readFileSync(unknown, "utf8")).toContain(`[127.0.0.1]:${server.port} ssh-ed25519 `);
    });
  });

  describe("meets trouble", () => {
    test("a server that allows no more sessions does not run the command, and the next one it does", async () => {
      const connection = await open(realTarget(await sshd("MaxSessions 1")));
      let begin = (): void => undefined;
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const first = connection.exec(["sh", "-c", "echo on; sleep 0.7"], { timeout: 10, onOutput: () => begin() });
      await begun;
      await expect(connection.exec(["true"], { timeout: 10 })).rejects.toMatchObject({
        reason: "protocol",
        message: expect.stringMatching(/does not run a command: ssh says: .*refused/),
      });
      expect((await first).code).toBe(0);
      expect(await say(connection, "echo", "on")).toBe("on");
    });

    test("a server that runs something else instead of the command", async () => {
      const nothing = await open(realTarget(await sshd("ForceCommand echo no; echo why >&2; exit 7")));
      expect(await nothing.exec(["true"], { timeout: 10 })).toEqual({ code: 7, stdout: "no\n", stderr: "why\n" });
      const silent = await open(realTarget(await sshd("ForceCommand sleep 20"), { connectTimeout: 1 }));
      await expect(silent.exec(["true"], { timeout: 10 })).rejects.toMatchObject({
        reason: "timeout",
        message: expect.stringContaining("its login shell starts no command within 1 s"),
      });
    });
  });

  describe("leaves nothing behind", () => {
    test("when it is closed", async () => {
      const server = await sshd();
      const connection = await createConnect(from)(realTarget(server));
      const running = connection.exec(["sleep", "30"], { timeout: 40 });
      running.catch(() => undefined);
      expect(await say(connection, "echo", "on")).toBe("on");
      const masters = mastersTo(server.port);
      expect([masters.length, existsSync(folderOf(masters[0]))]).toEqual([1, true]);
      await connection.close();
      await connection.close();
      await expect(running).rejects.toMatchObject({ reason: "lost" });
      expect([mastersTo(server.port), existsSync(folderOf(masters[0]))]).toEqual([[], false]);
    });

    test("when its process is killed", async () => {
      const server = await sshd();
      const orphan = spawn(
        process.execPath,
        [jiti, join(import.meta.dirname, "orphan.ts"), String(server.port), server.knownHosts, server.key],
        {
          stdio: ["ignore", "pipe", "inherit"],
          detached: true,
        },
      );
      await once(orphan.stdout, "data");
      expect(mastersTo(server.port)).toHaveLength(1);
      process.kill(-Number(orphan.pid), "SIGKILL");
      await vi.waitFor(() => expect(mastersTo(server.port)).toEqual([]), { timeout: 3000 });
    });
  });

  test("a folder for temporary files with a long path is no obstacle", async () => {
    const long = join(scratch(), "x".repeat(80));
    mkdirSync(long);
    vi.stubEnv("TMPDIR", long);
    closing.push(async () => vi.unstubAllEnvs());
    expect(await say(await open(realTarget(await sshd())), "echo", "on")).toBe("on");
  });
});
