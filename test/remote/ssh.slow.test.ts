import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { AuthContext } from "ssh2";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Connection, Target } from "../../src/core/connection.ts";
import { Secret } from "../../src/core/secret.ts";
import { createConnect } from "../../src/remote/connect.ts";
import { resolveEndpoint } from "../../src/remote/endpoint.ts";
import { fingerprint } from "../../src/remote/host_key.ts";
import { createHostVerifier } from "../../src/remote/host_verifier.ts";
import { askOptions, scratch, sha256 } from "./asking.ts";
import { hostKey, newKey, publicKeyOf, type ServerOptions, startServer, type TestServer, targetFor } from "./ssh_server.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.allSettled(closing.splice(0).map((close) => close()));
});

async function serve(options: ServerOptions = {}): Promise<TestServer> {
  const server = await startServer(options);
  closing.push(server.close);
  return server;
}

const from = { name: "ann", home: "/no/home" };

async function open(server: { port: number }, more: Partial<Target> = {}, signal?: AbortSignal): Promise<Connection> {
  const connection = await createConnect(from)(targetFor(server, more), signal);
  closing.unshift(() => connection.close());
  return connection;
}

const line = (server: TestServer, privateKey: string) => {
  const key = publicKeyOf(privateKey);
  return `[127.0.0.1]:${server.port} ${key.type} ${key.blob.toString("base64")}\n`;
};

function knownHosts(content: string): string {
  const file = join(scratch(), "known_hosts");
  writeFileSync(file, content);
  return file;
}

describe("commands", () => {
  test("one exec is one command, as it is", async () => {
    const server = await serve();
    const connection = await open(server);
    const chunks: string[] = [];
    const answer = await connection.exec(["sh", "-c", "printf 'out\\n'; printf ' err' >&2; exit 3"], {
      timeout: 5,
      onOutput: (stream, chunk) => chunks.push(`${stream} ${chunk}`),
    });
    expect(answer).toEqual({ code: 3, stdout: "out\n", stderr: " err" });
    expect(chunks.sort()).toEqual(["stderr  err", "stdout out\n"]);
    expect([server.commands, connection.execs]).toEqual([
      ["sh -c 'printf '\\''out'\\\\'n'\\''; printf '\\'' err'\\'' >&2; exit 3' </dev/null"],
      1,
    ]);
  });

  test("a signal is 128 and its number", async () => {
    const connection = await open(await serve());
    expect((await connection.exec(["sh", "-c", "kill -TERM $$"], { timeout: 5 })).code).toBe(143);
  });

  test.each([1, 2])("a quiet host that answers signs of life is not given up, ServerAliveCountMax %d", async (aliveCountMax) => {
    const connection = await open(await serve(), { aliveInterval: 1, aliveCountMax });
    const { code, stdout } = await connection.exec(["sh", "-c", "sleep 3.5; echo done"], { timeout: 20 });
    expect([code, stdout]).toEqual([0, "done\n"]);
  });

  // Never both beyond the window of 2 MB: ssh2's server, which no user has, then mixes its two streams up.
  test.each([
    ["on stdout", 5_000_000, 0],
    ["on stderr", 0, 3_000_000],
    ["on both streams", 1_500_000, 400_000],
  ])("an output of megabytes arrives whole, %s", async (_, out, error) => {
    const connection = await open(await serve());
    const line = `head -c ${out} /dev/zero | tr '\\0' o; head -c ${error} /dev/zero | tr '\\0' e >&2`;
    const answer = await connection.exec(["sh", "-c", line], { timeout: 20 });
    expect([answer.stdout.length, answer.stderr.length]).toEqual([out, error]);
  });

  test("a batch, with an upload", async () => {
    const [server, folder, bytes] = [await serve(), scratch(), Buffer.alloc(5_000_000, "ko")];
    const connection = await open(server);
    const write = { kind: "write", path: join(folder, "file.ko"), sha256: sha256(bytes), mode: 0o644 } as const;
    const { steps, answers } = await connection.ask({ steps: [write], questions: [["echo", "on"]] }, askOptions(folder, [bytes]));
    expect([steps, answers]).toEqual([[{ code: 0, stdout: "", stderr: "" }], [{ code: 0, stdout: "on\n", stderr: "" }]]);
    expect(sha256(readFileSync(join(folder, "file.ko")))).toBe(write.sha256);
    expect(server.commands).toHaveLength(1);
  });

  test("an upload behind a failed step hangs nobody", async () => {
    const [folder, bytes] = [scratch(), Buffer.alloc(8_000_000)];
    const connection = await open(await serve());
    const write = { kind: "write", path: join(folder, "file"), sha256: sha256(bytes), mode: 0o644 } as const;
    const { steps } = await connection.ask(
      { steps: [{ kind: "run", argv: ["false"] }, write], questions: [] },
      askOptions(folder, [bytes]),
    );
    expect(steps).toHaveLength(1);
  });

  test("more at a time than a server allows wait for each other", async () => {
    const server = await serve();
    const connection = await open(server);
    await Promise.all(Array.from({ length: 20 }, () => connection.exec(["sleep", "0.1"], { timeout: 10 })));
    expect([connection.execs, server.mostAtOnce]).toEqual([20, 6]);
  });

  test("what takes too long is ended with all its children, and the connection serves on", async () => {
    const connection = await open(await serve());
    const file = join(scratch(), "ended");
    const script = `trap 'echo ended >${file}; exit' TERM; sleep 30 & wait`;
    await expect(connection.exec(["sh", "-c", script], { timeout: 0.5 })).rejects.toMatchObject({ reason: "timeout" });
    await vi.waitFor(() => expect(readFileSync(file, "utf8")).toBe("ended\n"), { timeout: 3000 });
    expect((await connection.exec(["echo", "on"], { timeout: 5 })).stdout).toBe("on\n");
  });

  test("what is called off is ended, and throws the caller's own reason", async () => {
    const connection = await open(await serve());
    const reason = new Error("interrupted");
    const stop = new AbortController();
    const asking = connection.ask(
      { steps: [{ kind: "run", argv: ["sleep", "30"] }], questions: [] },
      { ...askOptions(scratch()), signal: stop.signal, onStep: () => stop.abort(reason) },
    );
    await expect(asking).rejects.toBe(reason);
    await expect(connection.exec(["id"], { timeout: 5, signal: stop.signal })).rejects.toBe(reason);
  });
});

describe("what goes wrong meanwhile", () => {
  test("a connection cut in the middle of a command is lost, never a success", async () => {
    const server = await serve();
    const connection = await open(server);
    const cut = () => {
      for (const socket of server.sockets) socket.resetAndDestroy();
    };
    const asking = connection.ask(
      { steps: [{ kind: "run", argv: ["sleep", "5"] }], questions: [] },
      { ...askOptions(scratch()), onStep: cut },
    );
    await expect(asking).rejects.toMatchObject({ reason: "lost" });
    await expect(connection.exec(["id"], { timeout: 5 })).rejects.toMatchObject({ reason: "lost" });
    await connection.close();
  });

  test("a channel closed without an exit code is lost", async () => {
    const server = await serve({ onExec: (client) => client.end() });
    await expect((await open(server)).exec(["id"], { timeout: 5 })).rejects.toMatchObject({ reason: "lost" });
  });

  test("a server that runs no commands", async () => {
    const server = await serve({ onExec: (_client, reject) => reject() });
    await expect((await open(server)).exec(["id"], { timeout: 5 })).rejects.toMatchObject({
      reason: "protocol",
      message: expect.stringContaining("does not run a command"),
    });
  });

  test("a server that never closes its side is hung up on", async () => {
    const server = await serve();
    const connection = await open(server);
    for (const socket of server.sockets) socket.pause();
    const started = Date.now();
    await connection.close();
    await connection.close();
    expect(Date.now() - started).toBeLessThan(2500);
  });
});

describe("reaching a host", () => {
  test("a name that nobody knows", async () => {
    await expect(open({ port: 22 }, { address: "no-such-host.invalid" })).rejects.toMatchObject({ reason: "dns" });
  });

  test("nobody listens", async () => {
    const server = await startServer();
    await server.close();
    await expect(open(server)).rejects.toMatchObject({ reason: "refused", message: expect.stringContaining("whether sshd runs") });
  });

  test("somebody listens, and says nothing", async () => {
    const server = await serve({ onSocket: (socket) => socket.resume() !== undefined });
    await expect(open(server, { connectTimeout: 0.4 })).rejects.toMatchObject({
      reason: "timeout",
      message: expect.stringContaining("within 0.4 s"),
    });
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });

  test("somebody listens who is no SSH server", async () => {
    const server = await serve({ onSocket: (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n".repeat(20)) !== undefined });
    await expect(open(server)).rejects.toMatchObject({
      reason: "protocol",
      message: expect.stringContaining('is no SSH server: it says "HTTP/1.1 400 Bad Request"'),
    });
  });

  test("starts that a busy server drops are tried again, whether it says why or not", async () => {
    const drop = (socket: Socket, count: number) => (count === 1 ? socket.destroy() : socket.end("Exceeded MaxStartups\r\n"));
    const server = await serve({ onSocket: (socket, count) => count <= 2 && drop(socket, count) !== undefined });
    expect((await (await open(server)).exec(["echo", "there"], { timeout: 5 })).stdout).toBe("there\n");
  });

  test("a server that drops all of them", async () => {
    const server = await serve({ onSocket: (socket) => socket.destroy() !== undefined });
    await expect(open(server, { connectTimeout: 0.5 })).rejects.toMatchObject({
      reason: "lost",
      message: expect.stringContaining("MaxStartups"),
    });
  });

  test("is called off", async () => {
    const server = await serve({ onSocket: (socket) => socket.resume() !== undefined });
    const reason = new Error("interrupted");
    await expect(open(server, {}, AbortSignal.abort(reason))).rejects.toBe(reason);
    const stop = new AbortController();
    setTimeout(() => stop.abort(reason), 100);
    await expect(open(server, {}, stop.signal)).rejects.toBe(reason);
  });
});

describe("logging in", () => {
  const user = newKey();

  const keyFile = (content: string): string => {
    const file = join(scratch(), "id");
    writeFileSync(file, content, { mode: 0o600 });
    return file;
  };

  /** Accepts one key and nothing else. */
  const serveKey = (accepted: string) => {
    const { blob } = publicKeyOf(accepted);
    return serve({
      login: (context) =>
        context.method === "publickey" && context.key.data.equals(blob) ? context.accept() : context.reject(["publickey"]),
    });
  };

  async function login(server: TestServer, ways: Partial<Target>, agent?: string): Promise<string> {
    const { password: _, ...target } = targetFor(server);
    const connection = await createConnect({ ...from, ...(agent && { agent }) })({ ...target, ...ways });
    closing.unshift(() => connection.close());
    return (await connection.exec(["echo", "in"], { timeout: 5 })).stdout.trim();
  }

  test("with a key", async () => {
    expect(await login(await serveKey(user.public), { privateKeyFile: keyFile(user.private) })).toBe("in");
  });

  test("with an encrypted key", async () => {
    const pair = newKey("ed25519", "open sesame");
    const privateKeyFile = keyFile(pair.private);
    const server = await serveKey(pair.public);
    expect(await login(server, { privateKeyFile, privateKeyPassphrase: new Secret("open sesame") })).toBe("in");
    await expect(login(server, { privateKeyFile })).rejects.toMatchObject({
      reason: "auth",
      message: expect.stringContaining("passphrase"),
    });
  });

  test("with a password, also where only keyboard-interactive takes it", async () => {
    const prompts = [{ prompt: "Password: ", echo: false }];
    const login_ = (context: AuthContext) => {
      if (context.method !== "keyboard-interactive") context.reject(["keyboard-interactive"]);
      else context.prompt(prompts, ([answer]) => (answer === "right" ? context.accept() : context.reject(["keyboard-interactive"])));
    };
    const server = await serve({ login: login_ });
    expect(await login(server, { password: new Secret("right") })).toBe("in");
    await expect(login(server, { password: new Secret("wrong") })).rejects.toMatchObject({ reason: "auth" });
  });

  test("a second question gets no password", async () => {
    const answers: string[] = [];
    const login_ = (context: AuthContext) => {
      if (context.method !== "keyboard-interactive") return context.reject(["keyboard-interactive"]);
      context.prompt([{ prompt: "Password: ", echo: false }], (first) => {
        answers.push(...first);
        context.prompt([{ prompt: "Code: ", echo: true }], (second) => answers.push(...second));
      });
    };
    await expect(login(await serve({ login: login_ }), { password: new Secret("right") })).rejects.toMatchObject({
      reason: "auth",
      message: expect.stringContaining('web01 asks "Code:", and gets no answer'),
    });
    expect(answers).toEqual(["right"]);
  });

  test.runIf(spawnSync("ssh-agent", ["-k"]).error === undefined)("with an agent", async () => {
    const agent = join(scratch(), "agent");
    const process_ = spawn("ssh-agent", ["-D", "-a", agent], { stdio: "ignore" });
    closing.push(async () => process_.kill());
    await vi.waitFor(() =>
      expect(spawnSync("ssh-add", [keyFile(user.private)], { env: { ...process.env, SSH_AUTH_SOCK: agent } }).status).toBe(0),
    );
    expect(await login(await serveKey(user.public), {}, agent)).toBe("in");
  });

  test("an agent that is gone is no obstacle to a key", async () => {
    expect(await login(await serveKey(user.public), { privateKeyFile: keyFile(user.private) }, "/no/agent")).toBe("in");
  });

  test("a refusal is tried once, and names what was of no use", async () => {
    let attempts = 0;
    const server = await serve({
      login: (context) => {
        attempts += 1;
        context.reject(["password"]);
      },
    });
    const asking = login(server, { privateKeyFile: "/no/key", password: new Secret("wrong") }, "/no/agent");
    await expect(asking).rejects.toMatchObject({
      reason: "auth",
      message: expect.stringMatching(/refuses to log admin in .*the agent at \/no\/agent.*\/no\/key.*/),
    });
    expect(attempts).toBe(1);
  });

  test("nothing to log in with", async () => {
    await expect(login(await serve(), {})).rejects.toMatchObject({
      reason: "auth",
      message: expect.stringContaining("--private-key, ssh-agent or --ask-pass"),
    });
  });
});

describe("host keys", () => {
  test.each(["strict", "accept-new"] as const)("%s believes a known key", async (hostKeyPolicy) => {
    const server = await serve();
    const file = knownHosts(line(server, hostKey));
    await open(server, { knownHostsFiles: [file], hostKeyPolicy });
    expect(readFileSync(file, "utf8")).toBe(line(server, hostKey));
  });

  test("strict refuses an unknown key, once, and says how to trust it", async () => {
    const sockets: unknown[] = [];
    const server = await serve({ onSocket: (socket) => sockets.push(socket) < 0 });
    const message = expect.stringMatching(/nobody knows yet \(ssh-ed25519 SHA256:.*run `kofleet trust web01`/);
    await expect(open(server, { knownHostsFiles: ["/no/file"], hostKeyPolicy: "strict" })).rejects.toMatchObject({
      reason: "host-key",
      message,
    });
    expect(sockets).toHaveLength(1);
  });

  test("accept-new keeps an unknown key, once for many connections, and only after a login", async () => {
    const server = await serve();
    const file = join(scratch(), "known_hosts");
    const more = { knownHostsFiles: [file], hostKeyPolicy: "accept-new" } as const;
    await expect(open(server, { ...more, password: new Secret("wrong") })).rejects.toMatchObject({ reason: "auth" });
    expect(existsSync(file)).toBe(false);
    const connect = createConnect(from);
    const connections = await Promise.all(Array.from({ length: 5 }, () => connect(targetFor(server, more))));
    await Promise.all(connections.map((connection) => connection.close()));
    expect(readFileSync(file, "utf8")).toBe(line(server, hostKey));
  });

  test.each(["strict", "accept-new"] as const)("%s refuses a changed key, and shows both", async (hostKeyPolicy) => {
    const server = await serve();
    const before = newKey();
    const file = knownHosts(`# mine\n${line(server, before.private)}`);
    const refused = await open(server, { knownHostsFiles: [file], hostKeyPolicy }).catch((error: Error) => error);
    expect(refused).toMatchObject({ reason: "host-key" });
    for (const part of [`${file}:2`, fingerprint(publicKeyOf(before.public)), fingerprint(publicKeyOf(hostKey))])
      expect(String(refused)).toContain(part);
  });

  test("refuses what was revoked, or stands behind an authority", async () => {
    const server = await serve();
    const key = line(server, hostKey).split(" ").slice(1).join(" ");
    for (const [content, problem] of [
      [`@revoked * ${key}`, /revoked/],
      [`@cert-authority * ${key}`, /can't check certificates/],
    ] as const) {
      const more = { knownHostsFiles: [knownHosts(content)], hostKeyPolicy: "strict" } as const;
      await expect(open(server, more)).rejects.toMatchObject({ reason: "host-key", message: expect.stringMatching(problem) });
    }
  });

  test("a server with several keys is asked for the known one", async () => {
    const rsa = newKey("rsa").private;
    const server = await serve({ hostKeys: [hostKey, rsa] });
    await open(server, { knownHostsFiles: [knownHosts(line(server, rsa))], hostKeyPolicy: "strict" });
  });

  test("a key that changes in the middle of a connection, or can't be read, is refused", async () => {
    const verifier = createHostVerifier(await resolveEndpoint(targetFor({ port: 22 }), from), { named: [], portless: [] });
    expect(verifier.verify(publicKeyOf(hostKey).blob)).toBe(true);
    expect(verifier.verify(publicKeyOf(newKey().public).blob)).toBe(false);
    expect(verifier.refusal?.message).toContain("in the middle of a connection");
    expect(verifier.verify(Buffer.from("garbage"))).toBe(false);
  });
});
