import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createConnect } from "../../src/remote/connect.ts";
import { knownHostsFile } from "./asking.ts";
import { rogueKey } from "./rogue_key.ts";
import { hostKey, keyText, newKey, publicKeyOf, type ServerOptions, startServer, targetFor } from "./ssh_server.ts";
import { reach, refused, unsureVerifiers } from "./unsure_verifiers.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.allSettled(closing.splice(0).map((close) => close()));
});

async function serve(options: ServerOptions = {}) {
  const server = await startServer(options);
  closing.push(server.close);
  return server;
}

describe("a host key is accepted by the literal true alone", () => {
  test("by a verifier that says true", async () => {
    expect(await reach((await serve()).port, () => true)).toEqual(["handshake", "All configured authentication methods failed"]);
  });

  test.each(unsureVerifiers)("not by one that says %s", async (_, verify) => {
    const login = vi.fn();
    const server = await serve({ login });
    expect([await reach(server.port, verify), login.mock.calls.length]).toEqual([refused, 0]);
  });
});

describe("the whole of a connection is to one host", () => {
  const swapping = async (isSwapped: boolean) => {
    let key = hostKey;
    const server = await serve({
      hostKeys: [
        rogueKey(
          () => key,
          () => key,
        ),
      ],
      onClient: (client) =>
        client.once("session", () => {
          if (isSwapped) key = newKey().private;
          client.rekey();
        }),
    });
    return createConnect({ name: "ann", home: "/no/home" })(targetFor(server));
  };

  test("keys may be exchanged anew", async () => {
    const connection = await swapping(false);
    expect((await connection.exec(["echo", "on"], { timeout: 60 })).stdout).toBe("on\n");
    await connection.close();
  });

  test("another host key in the middle ends it, though any would have been accepted at the start", async () => {
    const connection = await swapping(true);
    await expect(connection.exec(["sleep", "30"], { timeout: 60 })).rejects.toMatchObject({ reason: "lost" });
    await connection.close();
  });

  test("a host that does not hold the key it shows is refused before a login", async () => {
    const login = vi.fn();
    const server = await serve({
      hostKeys: [
        rogueKey(
          () => hostKey,
          () => newKey().private,
        ),
      ],
      login,
    });
    const known = knownHostsFile(`[127.0.0.1]:${server.port} ${keyText(publicKeyOf(hostKey))}\n`);
    const target = targetFor(server, { hostKeyPolicy: "strict", knownHostsFiles: [known] });
    await expect(createConnect({ name: "ann", home: "/no/home" })(target)).rejects.toThrow("signature verification failed");
    expect(login).not.toHaveBeenCalled();
  });
});

describe("new keys are kept", () => {
  test("each once, though fifty connections bring them at a time", async () => {
    const [one, two] = [await serve(), await serve({ hostKeys: [newKey().private] })];
    const file = knownHostsFile("");
    const connect = createConnect({ name: "ann", home: "/no/home" });
    const more = { knownHostsFiles: [file], hostKeyPolicy: "accept-new" } as const;
    const connections = await Promise.all(Array.from({ length: 50 }, (_, index) => connect(targetFor(index % 2 ? one : two, more))));
    await Promise.all(connections.map((connection) => connection.close()));
    expect(
      readFileSync(file, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => line.split(" ")[0])
        .sort(),
    ).toEqual([one, two].map(({ port }) => `[127.0.0.1]:${port}`).sort());
  });

  test("not where the login fails, nor where the server does not hold them", async () => {
    const file = knownHostsFile("");
    const more = { knownHostsFiles: [file], hostKeyPolicy: "accept-new" } as const;
    const connect = createConnect({ name: "ann", home: "/no/home" });
    const stranger = await serve({ login: (context) => context.reject() });
    await expect(connect(targetFor(stranger, more))).rejects.toMatchObject({ reason: "auth" });
    const thief = await serve({
      hostKeys: [
        rogueKey(
          () => hostKey,
          () => newKey().private,
        ),
      ],
    });
    await expect(connect(targetFor(thief, more))).rejects.toThrow("signature verification failed");
    expect(readFileSync(file, "utf8")).toBe("");
  });

  test("and where they can't be, there is no connection", async () => {
    const server = await serve();
    const more = { knownHostsFiles: ["/dev/null/known_hosts"], hostKeyPolicy: "accept-new" } as const;
    await expect(createConnect({ name: "ann", home: "/no/home" })(targetFor(server, more))).rejects.toMatchObject({ reason: "host-key" });
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });
});

test.each(["strict", "accept-new", "off"] as const)("a revoked key is refused under %s", async (hostKeyPolicy) => {
  const server = await serve();
  const file = knownHostsFile(`@revoked * ${keyText(publicKeyOf(hostKey))}\n`);
  const target = targetFor(server, { hostKeyPolicy, knownHostsFiles: [file] });
  await expect(createConnect({ name: "ann", home: "/no/home" })(target)).rejects.toMatchObject({
    reason: "host-key",
    message: expect.stringContaining(`revoked by ${file}:1`),
  });
});
