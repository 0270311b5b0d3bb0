import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Target } from "../../src/core/connection.ts";
import { createConnect } from "../../src/remote/connect.ts";
import { ProxyCommands } from "../../src/remote/proxy_commands.ts";
import { scratch } from "./asking.ts";
import { type ServerOptions, startServer, type TestServer, targetFor } from "./ssh_server.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.allSettled(closing.splice(0).map((close) => close()));
});

async function serve(options: ServerOptions = {}): Promise<TestServer> {
  const server = await startServer(options);
  closing.push(server.close);
  return server;
}

/** A program that relays to a port of loopback, and leaves its process id in a file. */
const relay = (() => {
  const file = join(scratch(), "relay.mjs");
  writeFileSync(
    file,
    `import { connect } from "node:net";
import { writeFileSync } from "node:fs";
if (process.argv[3]) writeFileSync(process.argv[3], String(process.pid));
process.on("SIGTERM", () => process.argv[4] === "stubborn" || process.exit(0));
const socket = connect(Number(process.argv[2]), "127.0.0.1");
process.stdin.pipe(socket).pipe(process.stdout);
socket.on("error", () => undefined).on("close", () => process.argv[4] === "stubborn" || process.exit(0));
setInterval(() => undefined, 1000);
`,
  );
  return `${process.execPath} ${file}`;
})();

const by = (server: { readonly port: number }, proxyCommand: string, more: Partial<Target> = {}): Target =>
  targetFor(server, { sshConfig: "none", proxyCommand, ...more });

const connect = createConnect({ name: "ann", home: "/no/home" });

/** A process that ended may stay as a zombie where nobody reaps it. */
function isAlive(file: string): boolean {
  const status = `/proc/${readFileSync(file, "utf8").trim()}/status`;
  return existsSync(status) && !/^State:\s*Z/m.test(readFileSync(status, "utf8"));
}

describe("a ProxyCommand", () => {
  test("leads to the host, with megabytes each way, and ends with the connection", async () => {
    const [server, pid] = [await serve(), join(scratch(), "pid")];
    const connection = await connect(by(server, `${relay} %p ${pid}`));
    expect((await connection.exec(["head", "-c", "3000000", "/dev/zero"], { timeout: 20 })).stdout).toHaveLength(3_000_000);
    expect(isAlive(pid)).toBe(true);
    await connection.close();
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
  });

  test("that ignores its end is killed", async () => {
    const [server, pid] = [await serve(), join(scratch(), "pid")];
    const connection = await connect(by(server, `${relay} %p ${pid} stubborn`));
    await connection.close();
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 4000 });
  });

  test("that leads to nobody who speaks ends with the deadline", async () => {
    const pid = join(scratch(), "pid");
    const silent = await serve({ onSocket: (socket) => socket.resume() !== undefined });
    await expect(connect(by(silent, `${relay} %p ${pid}`, { connectTimeout: 0.5 }))).rejects.toMatchObject({ reason: "timeout" });
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
  });

  test("whose host drops starts is tried again", async () => {
    const server = await serve({ onSocket: (socket, count) => count <= 2 && socket.destroy() !== undefined });
    const connection = await connect(by(server, `${relay} %p`));
    closing.unshift(() => connection.close());
    expect((await connection.exec(["echo", "in"], { timeout: 5 })).stdout).toBe("in\n");
  });

  test.each([
    ["sh -c 'echo nc: connect failed: Connection refused >&2; exit 1'", "refused", "nc: connect failed: Connection refused"],
    ["sh -c 'echo Could not resolve hostname gate >&2; exit 255'", "dns", "Could not resolve hostname gate"],
    ["sh -c 'echo weird >&2; exit 3'", "protocol", "weird"],
    ["sh -c 'exit 3'", "protocol", "exit code 3"],
    ["no-such-program-anywhere", "protocol", "not found"],
  ])("that fails says why: %s", async (command, reason, said) => {
    await expect(connect(by({ port: 22 }, command))).rejects.toMatchObject({ reason, message: expect.stringContaining(said) });
  });

  test("that hears of a drop is tried again until the deadline", async () => {
    const calls = join(scratch(), "calls");
    const command = `sh -c 'echo x >>${calls}; echo Connection closed by UNKNOWN port 65535 >&2; exit 255'`;
    await expect(connect(by({ port: 22 }, command, { connectTimeout: 0.6 }))).rejects.toMatchObject({ reason: "lost" });
    expect(readFileSync(calls, "utf8").length).toBeGreaterThan(2);
  });

  test("ends with what it started", async () => {
    const [proxies, pid] = [new ProxyCommands(), join(scratch(), "pid")];
    const stream = await proxies.open("web:22", `sh -c 'sleep 60 & echo $! >${pid}; wait'`, new AbortController().signal);
    await vi.waitFor(() => expect(isAlive(pid)).toBe(true));
    stream.destroy();
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
  });
});
