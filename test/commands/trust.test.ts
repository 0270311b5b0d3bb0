import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TrustOptions, trust } from "../../src/commands/trust.ts";
import { fingerprint } from "../../src/remote/host_key.ts";
import { hostKey, keyText, newKey, publicKeyOf, startServer, type TestServer } from "../remote/ssh_server.ts";
import { testConsole } from "./console_fixture.ts";

const [rsa, other] = [newKey("rsa").private, newKey().private];
const shown = publicKeyOf(hostKey);

let server: TestServer;
beforeEach(async () => {
  server = await startServer({ hostKeys: [hostKey, rsa] });
});
afterEach(() => server.close());

/** One server under two names in the inventory; what known_hosts has, and what is answered. */
function setUp(known: string | undefined, ...answers: readonly string[]) {
  const console = testConsole(answers);
  const file = join(console.folder, "known_hosts");
  if (known !== undefined) console.write("known_hosts", known);
  console.write(
    "inventory.yaml",
    `all:
  vars: { port: ${server.port}, known_hosts: [${file}], ssh_config: none, timeout: 30 }
  hosts: { web1: { host: 127.0.0.1 }, web2: { host: localhost }, gone: { host: 127.0.0.1, port: 1 }, here: { connection: local } }
`,
  );
  const run = (pattern: string, options: Partial<TrustOptions> = {}) => trust(pattern, { color: true, ...options }, console);
  return { console, run, known: () => readFileSync(file, "utf8").trimEnd().split("\n"), file };
}

const line = (host: string, key: string): string => `[${host}]:${server.port} ${keyText(publicKeyOf(key))}`;

test("shows what hosts show, asks once, and keeps it; then there is nothing to ask", async () => {
  const { console, run, known } = setUp(undefined, "y");
  expect(await run("web1,web2,here")).toBe(0);
  expect(console.printed().replaceAll(/SHA256:\S+/g, "SHA256:…")).toMatchInlineSnapshot(`
    "HOST      KEY      FINGERPRINT                               STATE
    web[1-2]  ED25519  SHA256:…  new
    web[1-2]  RSA      SHA256:…  new
    "
  `);
  expect(console.told()).toBe("Accept 4 new host keys: go on? [y/N] 4 host keys added\n");
  expect(known().sort()).toEqual(["127.0.0.1", "localhost"].flatMap((host) => [line(host, hostKey), line(host, rsa)]).sort());
  expect(await run("web1,web2")).toBe(0);
  expect(known()).toHaveLength(4);
});

test("what is declined, or nobody can be asked about, is not kept", async () => {
  const { run, file } = setUp(undefined, "n");
  expect(await run("web1")).toBe(1);
  const { run: runAlone } = setUp(undefined);
  await expect(runAlone("web1")).rejects.toThrow("give --yes");
  expect(existsSync(file)).toBe(false);
});

test("--yes trusts on first use, and a host that is away is told apart", async () => {
  const { console, run, known } = setUp("# mine\nbroken\n");
  expect(await run("web1,gone", { yes: true })).toBe(4);
  expect(known()).toHaveLength(4);
  expect(console.told()).toContain("gone: refused: ");
  expect(console.told()).toMatch(/warning: .*known_hosts:2 can't be read/);
});

describe("a changed key is accepted by nobody", () => {
  test.each([
    ["by a prompt", ["y"], {}],
    ["by --yes", [], { yes: true }],
  ])("%s", async (_, answers, options) => {
    const { console, run, known } = setUp(`${line("127.0.0.1", other)}\n`, ...answers);
    expect(await run("web1,web2", options)).toBe(2);
    expect(known()).toEqual([line("127.0.0.1", other), line("localhost", hostKey), line("localhost", rsa)]);
    expect(console.printed()).toMatch(
      /web1 .* changed .*known_hosts:1; if the host was set up anew: ssh-keygen -f .* -R '\[127\.0\.0\.1\]:/,
    );
  });

  test("by a list", async () => {
    const { console, run, known } = setUp(`${line("127.0.0.1", other)}\n`);
    const from = console.write("keys", line("127.0.0.1", hostKey));
    expect(await run("web1", { from })).toBe(2);
    expect(known()).toHaveLength(1);
  });
});

describe("with a list from elsewhere", () => {
  test("what is listed is accepted unasked, and nothing else", async () => {
    const { console, run, known } = setUp(undefined);
    console.write("keys", `# from the console\nweb1 ${fingerprint(shown)}\n256 ${fingerprint(shown)} root@localhost (ED25519)\n`);
    expect(await run("web1,web2", { from: "keys" })).toBe(0);
    expect(known().sort()).toEqual([line("127.0.0.1", hostKey), line("localhost", hostKey)].sort());
  });

  test("a mismatch is refused, and so is a host that is not listed", async () => {
    const { console, run, known, file } = setUp(undefined);
    console.write("keys", `web1 ${fingerprint(publicKeyOf(other))}\nweb2 ${fingerprint(shown)}\n`);
    expect(await run("web1,web2", { from: "keys", yes: true })).toBe(2);
    expect(known()).toEqual([line("localhost", hostKey)]);
    expect(console.printed()).toMatch(/web1 .* mismatch .*keys:1 lists another key/);
    console.write("keys", `web2 ${fingerprint(shown)}\n`);
    expect(await run("web1", { from: "keys", yes: true })).toBe(2);
    expect(readFileSync(file, "utf8")).not.toContain("127.0.0.1");
  });

  test("one that can't be read stops before any host is touched", async () => {
    const { console, run } = setUp(undefined);
    console.write("keys", "web1 MD5:00\n");
    await expect(run("web1", { from: "keys" })).rejects.toThrow("keys:1:1: MD5 fingerprints prove nothing");
    expect(server.sockets.size).toBe(0);
  });
});

test("--json has all of it", async () => {
  const { console, run, file } = setUp(
    `${line("127.0.0.1", hostKey)}\n[127.0.0.1]:${server.port} ${keyText(publicKeyOf(newKey("ecdsa").public))}\n`,
  );
  expect(await run("web1,gone", { json: true, yes: true })).toBe(4);
  const { keys, unreachable } = JSON.parse(console.printed()) as { keys: Record<string, string>[]; unreachable: unknown[] };
  expect(keys.map(({ host, type, state }) => [host, type, state])).toEqual([
    ["web1", "ssh-ed25519", "known"],
    ["web1", "ssh-rsa", "new"],
    ["web1", "ecdsa-sha2-nistp256", "missing"],
  ]);
  expect(keys[0]?.fingerprint).toBe(fingerprint(shown));
  expect(keys[2]?.place).toBe(`${file}:2`);
  expect(unreachable).toMatchObject([{ host: "gone", reason: "refused" }]);
});
