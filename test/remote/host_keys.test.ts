import { afterEach, expect, test, vi } from "vitest";
import { fingerprint } from "../../src/remote/host_key.ts";
import { collectHostKeys } from "../../src/remote/host_keys.ts";
import { openSocket } from "../../src/remote/socket.ts";
import { rogueKey } from "./rogue_key.ts";
import { hostKey, newKey, publicKeyOf, type ServerOptions, startServer } from "./ssh_server.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.allSettled(closing.splice(0).map((close) => close()));
});

async function collect(options: ServerOptions, timeout = 30) {
  const server = await startServer(options);
  closing.push(server.close);
  const open = (signal: AbortSignal) => openSocket("127.0.0.1", server.port, signal);
  return collectHostKeys({ place: "web01:22", timeout, open });
}

test("collects all that a server shows, and asks for no login", async () => {
  const login = vi.fn();
  const hostKeys = [newKey("rsa").private, newKey("ecdsa").private, hostKey];
  const keys = await collect({ hostKeys, login });
  expect(keys.map(({ type }) => type)).toEqual(["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"]);
  expect(new Set(keys.map(fingerprint))).toEqual(new Set(hostKeys.map((key) => fingerprint(publicKeyOf(key)))));
  expect(login).not.toHaveBeenCalled();
});

test("starts that a busy server drops are tried again", async () => {
  const keys = await collect({ onSocket: (socket, count) => count === 1 && socket.destroy() !== undefined });
  expect(keys).toEqual([publicKeyOf(hostKey)]);
});

test("a key that the server does not hold is no key of it", async () => {
  const stolen = rogueKey(
    () => hostKey,
    () => newKey().private,
  );
  await expect(collect({ hostKeys: [stolen] })).rejects.toMatchObject({
    reason: "host-key",
    message: expect.stringContaining("does not hold"),
  });
});

test.each([
  ["says nothing", { onSocket: (socket) => socket.resume() !== undefined }, "timeout", 0.2],
  ["hangs up", { onSocket: (socket) => socket.destroy() !== undefined }, "lost", 3],
  ["is no SSH server", { onSocket: (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n".repeat(20)) !== undefined }, "lost", 3],
] satisfies [string, ServerOptions, string, number][])("collects nothing from who %s", async (_, options, reason, timeout) => {
  await expect(collect(options, timeout)).rejects.toMatchObject({ name: "ConnectError", reason });
});
