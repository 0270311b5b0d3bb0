import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Connection, Target } from "../../src/core/connection.ts";
import { Secret } from "../../src/core/secret.ts";
import { createConnect } from "../../src/remote/connect.ts";
import { folderOf, mastersTo, processes } from "./processes.ts";
import { type ServerOptions, startServer, type TestServer, targetFor } from "./ssh_server.ts";

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

async function open(target: Target): Promise<Connection> {
  const connection = await createConnect({ name: "ann", home: "/no/home" })(target);
  closing.unshift(() => connection.close());
  return connection;
}

const sayIn = async (connection: Connection): Promise<string> => (await connection.exec(["echo", "in"], { timeout: 10 })).stdout;

const isMissing = spawnSync("ssh", ["-V"]).error !== undefined;

/** Against ssh2's own server, which starts at once; `test/network` has more, and the real one. */
describe.skipIf(isMissing)(`the system's ssh${isMissing ? " (skipped: it is not installed)" : ""}`, () => {
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
});
