import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AuthContext } from "ssh2";
import ssh2 from "ssh2";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Connection, Target } from "../../src/core/connection.ts";
import { Secret } from "../../src/core/secret.ts";
import { createConnect } from "../../src/remote/connect.ts";
import { scratch } from "./asking.ts";
import { folderOf, mastersTo, processes } from "./processes.ts";
import { publicKeyOf, type ServerOptions, startServer, type TestServer, targetFor } from "./ssh_server.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(options: ServerOptions = {}): Promise<TestServer> {
  const server = await startServer(options);
  closing.push(server.close);
  return server;
}

const targetOf = (server: TestServer, more: Partial<Target> = {}): Target =>
  targetFor(server, { transport: "openssh", sshConfig: "none", ...more });

async function open(target: Target, signal?: AbortSignal): Promise<Connection> {
  const connection = await createConnect({ name: "ann", home: "/no/home" })(target, signal);
  closing.unshift(() => connection.close());
  return connection;
}

const sayIn = async (connection: Connection): Promise<string> => (await connection.exec(["echo", "in"], { timeout: 10 })).stdout;

const isMissing = spawnSync("ssh", ["-V"]).error !== undefined;

/** Against ssh2's own server, for what a real one can't be made to do; `test/network` has the real one. */
describe.skipIf(isMissing)(`the system's ssh${isMissing ? " (skipped: it is not installed)" : ""}`, () => {
  describe("logs in", () => {
    test("with the password where it is asked for, which no process is told otherwise", async () => {
      const secret = "correct-horse-battery";
      let seen: readonly string[] = [];
      const server = await serve({
        login: (context) => {
          if (context.method !== "password") return context.reject(["password"]);
          seen = processes();
          return context.password === secret ? context.accept() : context.reject();
        },
      });
      expect(await sayIn(await open(targetOf(server, { password: new Secret(secret) })))).toBe("in\n");
      expect([seen.some((words) => words.includes("askpass")), seen.some((words) => words.includes(secret))]).toEqual([true, false]);
    });

    test("with a wrong password once", async () => {
      let attempts = 0;
      const login = (context: AuthContext) => {
        if (context.method === "keyboard-interactive")
          return context.prompt([{ prompt: "Password: ", echo: false }], () => context.reject());
        if (context.method === "password") attempts += 1;
        return context.reject(["password", "keyboard-interactive"]);
      };
      const server = await serve({ login });
      await expect(open(targetOf(server, { password: new Secret("wrong") }))).rejects.toMatchObject({
        reason: "auth",
        message: expect.stringContaining("refuses the answer to"),
      });
      expect(attempts).toBe(0);
    });

    test("not where there is a question without an answer", async () => {
      const login = (context: AuthContext) =>
        context.method === "keyboard-interactive"
          ? context.prompt([{ prompt: "One-time code: ", echo: true }], () => context.accept())
          : context.reject(["keyboard-interactive"]);
      const server = await serve({ login });
      await expect(open(targetOf(server))).rejects.toMatchObject({
        reason: "auth",
        message: `127.0.0.1:${server.port} asks "(admin@127.0.0.1) One-time code:", and nobody can answer: use --ask-pass, or run kofleet in a terminal`,
      });
    });

    test("with an encrypted key", async () => {
      const pair = ssh2.utils.generateKeyPairSync("ed25519", { passphrase: "open sesame", cipher: "aes256-ctr", rounds: 1 });
      const privateKeyFile = join(scratch(), "locked");
      writeFileSync(privateKeyFile, pair.private, { mode: 0o600 });
      const { blob } = publicKeyOf(pair.public);
      const server = await serve({
        login: (context) =>
          context.method === "publickey" && context.key.data.equals(blob) ? context.accept() : context.reject(["publickey"]),
      });
      const { password: _, ...target } = targetOf(server, { privateKeyFile });
      expect(await sayIn(await open({ ...target, privateKeyPassphrase: new Secret("open sesame") }))).toBe("in\n");
      await expect(open(target)).rejects.toMatchObject({ reason: "auth" });
    });
  });

  describe("meets trouble", () => {
    test("a busy server that drops starts is tried again", async () => {
      const server = await serve({ onSocket: (socket, count) => count <= 2 && socket.destroy() !== undefined });
      expect(await sayIn(await open(targetOf(server)))).toBe("in\n");
    });

    test("a silent server is left at the deadline, and nothing stays behind", async () => {
      const server = await serve({ onSocket: (socket) => socket.resume() !== undefined });
      const opening = open(targetOf(server, { connectTimeout: 0.5 }));
      opening.catch(() => undefined);
      const folder = await vi.waitFor(() => {
        const [master] = mastersTo(server.port);
        expect(master).toBeDefined();
        return folderOf(master);
      });
      expect(existsSync(folder)).toBe(true);
      await expect(opening).rejects.toMatchObject({ reason: "timeout" });
      await vi.waitFor(() => expect([mastersTo(server.port), existsSync(folder)]).toEqual([[], false]), { timeout: 3000 });
    });

    test("it is called off", async () => {
      const server = await serve({ onSocket: (socket) => socket.resume() !== undefined });
      const reason = new Error("interrupted");
      await expect(open(targetOf(server), AbortSignal.abort(reason))).rejects.toBe(reason);
      const stop = new AbortController();
      setTimeout(() => stop.abort(reason), 100);
      await expect(open(targetOf(server), stop.signal)).rejects.toBe(reason);
    });
  });
});
