import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AuthContext } from "ssh2";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Connection, Target } from "../../src/core/connection.ts";
import { Secret } from "../../src/core/secret.ts";
import { createConnect } from "../../src/remote/connect.ts";
import { scratch } from "./asking.ts";
import { type Gate, type GateOptions, startGate } from "./gate.ts";
import { hostKey, keyText, newKey, publicKeyOf, type ServerOptions, startServer, type TestServer, targetFor } from "./ssh_server.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.allSettled(closing.splice(0).map((close) => close()));
});

const user = newKey();
const keyFile = (() => {
  const file = join(scratch(), "id");
  writeFileSync(file, user.private, { mode: 0o600 });
  return file;
})();

const anyKey = (context: AuthContext): void => (context.method === "publickey" ? context.accept() : context.reject(["publickey"]));

async function serve(options: ServerOptions = {}): Promise<TestServer> {
  const server = await startServer({ login: anyKey, ...options });
  closing.push(server.close);
  return server;
}

async function gate(options: GateOptions = {}): Promise<Gate> {
  const server = await startGate({ login: anyKey, ...options });
  closing.push(server.close);
  return server;
}

const hop = ({ port }: { readonly port: number }, name = "127.0.0.1"): string => `admin@${name}:${port}`;

/** A target that is reached by key, and whose password nobody else may see. */
const behind = (server: TestServer, jumps: readonly string[], more: Partial<Target> = {}): Target => {
  const { password: _, ...target } = targetFor(server, { privateKeyFile: keyFile, sshConfig: "none", jumps, ...more });
  return target;
};

const from = { name: "ann", home: "/no/home" };

async function open(target: Target, connect = createConnect(from)): Promise<Connection> {
  const connection = await connect(target);
  closing.unshift(() => connection.close());
  return connection;
}

const say = async (connection: Connection): Promise<string> => (await connection.exec(["echo", "in"], { timeout: 5 })).stdout;

describe("through jump hosts", () => {
  test("one", async () => {
    const [server, bastion] = [await serve(), await gate()];
    expect(await say(await open(behind(server, [hop(bastion)])))).toBe("in\n");
    expect([bastion.forwarded, bastion.commands]).toEqual([[`127.0.0.1:${server.port}`], []]);
  });

  test("three, each through the one before it", async () => {
    const [server, first, second, third] = [await serve(), await gate(), await gate(), await gate()];
    expect(
      await say(
        await open(
          behind(
            server,
            [first, second, third].map((one) => hop(one)),
          ),
        ),
      ),
    ).toBe("in\n");
    expect([first, second, third].map(({ forwarded }) => forwarded)).toEqual(
      [second, third, server].map(({ port }) => [`127.0.0.1:${port}`]),
    );
  });

  test("many hosts share one connection, and only some start at a time", async () => {
    const [server, bastion] = [await serve(), await gate({ delay: 30 })];
    const connect = createConnect(from);
    const targets = Array.from({ length: 20 }, (_, index) => ({ ...behind(server, [hop(bastion)]), name: `web${index}` }));
    const connections = await Promise.all(targets.map((target) => open(target, connect)));
    expect(await Promise.all(connections.map(say))).toEqual(targets.map(() => "in\n"));
    expect([bastion.sockets.size, bastion.forwarded.length]).toEqual([1, 20]);
    expect(bastion.mostStarting).toBeLessThanOrEqual(16);
  });

  test("the connection is kept for a while, then closed, and opened anew", async () => {
    const [server, bastion] = [await serve(), await gate()];
    const connect = createConnect(from);
    await (await connect(behind(server, [hop(bastion)]))).close();
    expect(bastion.sockets.size).toBe(1);
    await vi.waitFor(() => expect(bastion.sockets.size).toBe(0), { timeout: 3000 });
    expect(await say(await open(behind(server, [hop(bastion)]), connect))).toBe("in\n");
  });

  test("a bastion that dies is lost for all behind it, and they can be reached again", async () => {
    const [server, bastion] = [await serve(), await gate()];
    const connect = createConnect(from);
    const connections = await Promise.all(["a", "b"].map((name) => open({ ...behind(server, [hop(bastion)]), name }, connect)));
    const running = connections.map((connection) => connection.exec(["sleep", "5"], { timeout: 10 }));
    const cut = Promise.allSettled(running);
    await vi.waitFor(() => expect(server.commands).toHaveLength(2));
    for (const socket of bastion.sockets) socket.resetAndDestroy();
    for (const outcome of await cut) expect(outcome).toMatchObject({ status: "rejected", reason: { reason: "lost" } });
    expect(await say(await open(behind(server, [hop(bastion)]), connect))).toBe("in\n");
  });

  test("a bastion that drops starts is tried again, once for all", async () => {
    const [server, bastion] = [await serve(), await gate({ onSocket: (socket, count) => count <= 2 && socket.destroy() !== undefined })];
    const connect = createConnect(from);
    const answers = await Promise.all(
      ["a", "b", "c"].map(async (name) => say(await open({ ...behind(server, [hop(bastion)]), name }, connect))),
    );
    expect(answers).toEqual(["in\n", "in\n", "in\n"]);
  });

  test("a jump host's key is checked, and kept, as the target's own", async () => {
    const [server, bastion] = [await serve(), await gate({ hostKeys: [newKey().private] })];
    const file = join(scratch(), "known_hosts");
    writeFileSync(file, `[127.0.0.1]:${server.port} ${keyText(publicKeyOf(hostKey))}\n`);
    const strict = { knownHostsFiles: [file], hostKeyPolicy: "strict" } as const;
    await expect(open(behind(server, [hop(bastion)], strict))).rejects.toMatchObject({
      reason: "host-key",
      message: expect.stringMatching(/nobody knows yet.*kofleet trust 127\.0\.0\.1/),
    });
    await open(behind(server, [hop(bastion)], { ...strict, hostKeyPolicy: "accept-new" }));
    await open(behind(server, [hop(bastion)], strict));
  });

  test("a password is for the target alone", async () => {
    const methods: string[] = [];
    const bastion = await gate({
      login: (context) => {
        methods.push(context.method);
        context.reject(["password", "keyboard-interactive"]);
      },
    });
    const { privateKeyFile: _, ...target } = behind(await serve(), [hop(bastion)], { password: new Secret("right") });
    await expect(open(target)).rejects.toMatchObject({ reason: "auth" });
    expect(methods).toEqual([]);
  });

  test("a refusal is not tried again for the next host", async () => {
    let logins = 0;
    const bastion = await gate({
      login: (context) => {
        logins += 1;
        context.reject(["publickey"]);
      },
    });
    const [connect, target] = [createConnect(from), behind(await serve(), [hop(bastion)])];
    for (const _ of [1, 2]) await expect(connect(target)).rejects.toMatchObject({ reason: "auth" });
    expect(logins).toBe(1);
  });
});

test("a host that never answers, behind a bastion that waits for it, ends with the deadline", async () => {
  const waiting = await gate({ delay: 60_000 });
  await expect(open(behind(await serve(), [hop(waiting)], { connectTimeout: 0.5 }))).rejects.toMatchObject({ reason: "timeout" });
});

describe("a hop that fails is named", () => {
  test("nobody listens on the jump host", async () => {
    const nobody = await startServer();
    await nobody.close();
    await expect(open(behind(await serve(), [hop(nobody)]))).rejects.toMatchObject({
      reason: "refused",
      message: expect.stringContaining(`the jump host 127.0.0.1: cannot reach 127.0.0.1:${nobody.port}`),
    });
  });

  test("the jump host says nothing", async () => {
    const silent = await serve({ onSocket: (socket) => socket.resume() !== undefined });
    await expect(open(behind(await serve(), [hop(silent)], { connectTimeout: 0.3 }))).rejects.toMatchObject({
      reason: "timeout",
      message: expect.stringContaining("the jump host 127.0.0.1"),
    });
  });

  test("jump hosts that lead in a circle", async () => {
    const config = join(scratch(), "config");
    writeFileSync(config, "Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n");
    await expect(open(behind(await serve(), ["a"], { sshConfig: config }))).rejects.toThrow("the jump hosts lead in a circle: a, b, a");
  });

  test("what is no jump host", async () => {
    await expect(open(behind(await serve(), ["-oProxyCommand=id"]))).rejects.toThrow("is no jump host");
  });
});
