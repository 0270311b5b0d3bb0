import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AuthContext } from "ssh2";
import ssh2 from "ssh2";
import { afterEach, describe, expect, test } from "vitest";
import type { Connection, Target } from "../../src/core/connection.ts";
import { Secret } from "../../src/core/secret.ts";
import { createConnect } from "../../src/remote/connect.ts";
import { scratch } from "../remote/asking.ts";
import { publicKeyOf, type ServerOptions, startServer, type TestServer, targetFor } from "../remote/ssh_server.ts";

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

const from = { name: "ann", home: "/no/home" };

async function open(target: Target, signal?: AbortSignal, connect = createConnect(from)): Promise<Connection> {
  const connection = await connect(target, signal);
  closing.unshift(() => connection.close());
  return connection;
}

const sayIn = async (connection: Connection): Promise<string> => (await connection.exec(["echo", "in"], { timeout: 10 })).stdout;

const isMissing = spawnSync("ssh", ["-V"]).error !== undefined;

/** Against ssh2's own server, for what a real one can't be made to do. */
describe.skipIf(isMissing)(`the system's ssh, logging in${isMissing ? " (skipped: it is not installed)" : ""}`, () => {
  test("with a wrong password once", async () => {
    let attempts = 0;
    const login = (context: AuthContext) => {
      if (context.method === "keyboard-interactive") return context.prompt([{ prompt: "Password: ", echo: false }], () => context.reject());
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

  test("with the person's answer to a question, and not where nobody has one", async () => {
    const login = (context: AuthContext) =>
      context.method === "keyboard-interactive"
        ? context.prompt([{ prompt: "One-time code: ", echo: true }], ([code]) => (code === "1234" ? context.accept() : context.reject()))
        : context.reject(["keyboard-interactive"]);
    const server = await serve({ login });
    const ask = async (question: string) => (question === "web01: (admin@127.0.0.1) One-time code: " ? "1234" : "");
    expect(await sayIn(await open(targetOf(server), undefined, createConnect(from, { ask })))).toBe("in\n");
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
    const asked: string[] = [];
    const ask = async (question: string) => (asked.push(question) > 0 ? "open sesame" : "");
    const connect = createConnect(from, { ask });
    await Promise.all([open(target, undefined, connect), open(target, undefined, connect)]);
    expect(asked).toEqual([`web01: Enter passphrase for key '${privateKeyFile}': `]);
  });

  test("a busy server that drops starts is tried again", async () => {
    const server = await serve({ onSocket: (socket, count) => count <= 2 && socket.destroy() !== undefined });
    expect(await sayIn(await open(targetOf(server)))).toBe("in\n");
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
