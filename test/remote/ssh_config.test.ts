import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Target } from "../../src/core/connection.ts";
import { resolveEndpoint } from "../../src/remote/endpoint.ts";
import { SshConfig } from "../../src/remote/ssh_config.ts";
import { readBlocks } from "../../src/remote/ssh_config_blocks.ts";
import { scratch } from "./asking.ts";

const path = process.env.PATH;
afterEach(() => {
  process.env.PATH = path;
});

/** A home with configuration files, by their names in .ssh. */
function homeWith(files: Readonly<Record<string, string>>): string {
  const home = scratch();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, ".ssh", name)), { recursive: true });
    writeFileSync(join(home, ".ssh", name), text);
  }
  return home;
}

/** Puts a program named ssh before the real one that counts how often it is called. */
function countSsh(): () => readonly string[] {
  const folder = scratch();
  const real = String(spawnSync("sh", ["-c", "command -v ssh"]).stdout).trim();
  writeFileSync(join(folder, "ssh"), `#!/bin/sh\necho "$*" >>${folder}/calls\nexec ${real} "$@"\n`);
  chmodSync(join(folder, "ssh"), 0o755);
  writeFileSync(join(folder, "calls"), "");
  process.env.PATH = `${folder}:${path}`;
  return () => readFileSync(join(folder, "calls"), "utf8").split("\n").filter(Boolean);
}

const target = (address: string, more: Partial<Target> = {}): Target => ({
  name: address,
  transport: "ssh",
  address,
  connectTimeout: 5,
  ...more,
});

/** What comes of targets for a user with that home. */
async function resolveAll(home: string, targets: readonly Target[]) {
  const from = { name: "ann", home, agent: "/run/agent" };
  const config = new SshConfig(from);
  return Promise.all(targets.map(async (one) => resolveEndpoint(one, from, await config.optionsFor(one))));
}

const resolve = async (files: Readonly<Record<string, string>>, one: Target) => (await resolveAll(homeWith(files), [one]))[0];

const hasSsh = spawnSync("ssh", ["-V"]).error === undefined;

describe.runIf(hasSsh)("what ssh -G says", () => {
  test("of a host behind an alias", async () => {
    const config = `Host db
  HostName 10.0.0.7
  User deploy
  Port 2222
  IdentityFile ~/keys/%h
  IdentitiesOnly yes
  IdentityAgent ~/agent
  HostKeyAlias database
  StrictHostKeyChecking accept-new
  UserKnownHostsFile ~/.ssh/known
  GlobalKnownHostsFile none
  ServerAliveInterval 30
  ServerAliveCountMax 5
  AddressFamily inet
`;
    const home = homeWith({ config });
    const [endpoint] = await resolveAll(home, [target("db")]);
    expect(endpoint).toMatchObject({
      address: "10.0.0.7",
      port: 2222,
      user: "deploy",
      identityFiles: [{ path: join(home, "keys/10.0.0.7"), isNamed: true }],
      identitiesOnly: true,
      agent: join(home, "agent"),
      hostKeyAlias: "database",
      hostKeyPolicy: "accept-new",
      knownHostsFiles: [join(home, ".ssh/known")],
      keepalive: { interval: 30, count: 5 },
      way: { kind: "direct", family: 4 },
    });
  });

  test("counts less than what the target says, and more than the defaults", async () => {
    const config =
      "Host *\n  User deploy\n  Port 2222\n  IdentityFile ~/own\n  ProxyJump gate\n  StrictHostKeyChecking no\n  ServerAliveInterval 30\n";
    const trust = { hostKeyPolicy: "strict", knownHostsFiles: ["/kh"] } as const;
    const said = { user: "root", port: 22, privateKeyFile: "/k", jumps: [], aliveInterval: 60, aliveCountMax: 1, ...trust };
    const home = homeWith({ config });
    const [own, other] = await resolveAll(home, [target("web", said), target("web")]);
    expect(own).toMatchObject({
      user: "root",
      port: 22,
      keepalive: { interval: 60, count: 1 },
      identityFiles: [{ path: "/k" }, { path: join(home, "own") }],
      identitiesOnly: true,
      way: { kind: "direct" },
      hostKeyPolicy: "strict",
      knownHostsFiles: ["/kh"],
    });
    expect(other).toMatchObject({ user: "deploy", port: 2222, identitiesOnly: false, hostKeyPolicy: "accept-new" });
    expect(other?.way).toMatchObject({ kind: "jump", host: { name: "gate" } });
  });

  test("keys that ssh looks for on its own are named by nobody", async () => {
    const home = homeWith({ config: "Host *\n  User x\n" });
    const [endpoint] = await resolveAll(home, [target("web")]);
    expect(endpoint?.identityFiles).toContainEqual({ path: join(home, ".ssh/id_ed25519"), isNamed: false });
    expect(endpoint?.identityFiles.some(({ isNamed }) => isNamed)).toBe(false);
    const [known] = endpoint?.knownHostsFiles ?? [];
    expect(known).toBe(join(home, ".ssh/known_hosts"));
  });

  test.each([
    ["ProxyJump a,b@c:2", { kind: "jump", host: { name: "c", user: "b", port: 2, jumps: ["a"] } }],
    ["ProxyCommand nc -x gate %h %p # %r %n %%", { kind: "command", command: "nc -x gate web.lan 22 # ann@corp web %" }],
    ["ProxyJump none", { kind: "direct" }],
    ["ProxyCommand none", { kind: "direct" }],
  ])("of the way: %s", async (line, way) => {
    const endpoint = await resolve({ config: `Host web\n  HostName web.lan\n  User ann@corp\n  ${line}\n` }, target("web"));
    expect(endpoint?.way).toMatchObject(way);
  });

  test.each([
    ["ForwardAgent yes", undefined, undefined],
    ["ForwardAgent yes", false, undefined],
    ["ForwardAgent yes", true, "/run/agent"],
    ["ForwardAgent no", true, "/run/agent"],
    ["ForwardAgent /other", true, "/other"],
    ["IdentityAgent SSH_AUTH_SOCK", true, "/run/agent"],
    ["IdentityAgent /mine", true, "/mine"],
  ])("of the agent that is forwarded: %s, and %s for the target", async (line, forwardAgent, expected) => {
    const more = forwardAgent === undefined ? {} : { forwardAgent };
    expect((await resolve({ config: `Host web\n ${line}\n` }, target("web", more)))?.forwardedAgent).toBe(expected);
  });

  test("an agent by a variable, or one to be forwarded that is not there, is refused", async () => {
    const named = resolve({ config: "IdentityAgent $OTHER_AGENT\n" }, target("web"));
    await expect(named).rejects.toMatchObject({ reason: "auth", message: expect.stringContaining("$OTHER_AGENT") });
    const wanted = resolve({ config: "IdentityAgent none\n" }, target("web", { forwardAgent: true }));
    await expect(wanted).rejects.toMatchObject({ reason: "auth", message: expect.stringContaining("no agent is there to be forwarded") });
  });

  test("a name that a shell would read differently is no argument of a ProxyCommand", async () => {
    const refused = resolve({ config: "ProxyCommand nc %h %p\n" }, target("web", { user: "a;id" }));
    await expect(refused).rejects.toThrow('"a;id" is not safe in a ProxyCommand');
  });

  test.each([["-oProxyCommand=id"], ["ann@web"], ["a b"]])("%s is no host", async (address) => {
    await expect(resolve({}, target(address))).rejects.toMatchObject({ reason: "dns", message: expect.stringContaining("is no host") });
  });

  test("a configuration with a mistake is an error that names its line", async () => {
    const broken = resolve({ config: "Host web\n  Prot 22\n" }, target("web"));
    await expect(broken).rejects.toMatchObject({
      name: "ConnectError",
      message: expect.stringMatching(/config: line 2: Bad configuration option: prot/),
    });
  });

  test("a file of one's own replaces the others; none is none", async () => {
    const file = join(scratch(), "other");
    writeFileSync(file, "User other\n");
    const files = { config: "User mine\n" };
    expect((await resolve(files, target("web", { sshConfig: file })))?.user).toBe("other");
    expect((await resolve(files, target("web", { sshConfig: "none" })))?.user).toBe("ann");
    await expect(resolve(files, target("web", { sshConfig: "/no/config" }))).rejects.toThrow("/no/config");
  });

  test("IPv6 in brackets, with a port", async () => {
    const endpoint = await resolve({ config: "Host *\n  Port 33\n" }, target("[fe80::1%lo]:2222"));
    expect(endpoint).toMatchObject({ address: "fe80::1%lo", port: 2222 });
  });
});

describe.runIf(hasSsh)("how often ssh is asked", () => {
  const fleet = (count: number) => Array.from({ length: count }, (_, index) => target(`web${index}.lan`, { port: 22 + index }));

  test("never where there is no configuration file", async () => {
    const calls = countSsh();
    const [first] = await resolveAll(scratch(), fleet(3));
    expect([calls(), first?.user, first?.address]).toEqual([[], "ann", "web0.lan"]);
  });

  test("once for all hosts that no line names, and each keeps its own name", async () => {
    const calls = countSsh();
    const home = homeWith({ config: "Host *.lan\n  ProxyJump gate\n  ControlPath /x/%C\nHost *\n  User x\n" });
    const endpoints = await resolveAll(home, fleet(5));
    expect(endpoints.map(({ address }) => address)).toEqual(fleet(5).map(({ address }) => address));
    expect(endpoints.every(({ way }) => way.kind === "jump")).toBe(true);
    expect(calls()).toHaveLength(1);
  });

  test("once for each set of lines, and for each host that gets another name", async () => {
    const calls = countSsh();
    const folder = scratch();
    writeFileSync(join(folder, "a"), "Host web2.lan web3.lan\n  HostName web2.lan\n");
    const home = homeWith({ config: `Include ${folder}/*\nHost web1.lan\n  User one\n` });
    const endpoints = await resolveAll(home, fleet(5));
    expect(endpoints.map(({ user }) => user === "one")).toEqual([false, true, false, false, false]);
    expect(endpoints.map(({ address }) => address)).toEqual(["web0.lan", "web1.lan", "web2.lan", "web2.lan", "web4.lan"]);
    expect(calls()).toHaveLength(4);
  });

  test("for each host, port and user where a Match line may look at them", async () => {
    const calls = countSsh();
    const home = homeWith({ config: "Match user deploy\n  ProxyJump gate\n" });
    const endpoints = await resolveAll(home, [target("a"), target("a", { user: "deploy" }), target("a"), target("b", { user: "deploy" })]);
    expect(endpoints.map(({ way }) => way.kind)).toEqual(["direct", "jump", "direct", "jump"]);
    expect(calls()).toHaveLength(3);
  });

  test("never where there is none", async () => {
    process.env.PATH = scratch();
    expect((await resolve({ config: "User x\n" }, target("web")))?.user).toBe("ann");
  });

  test("the account's own home is as ssh sees it", async () => {
    const calls = countSsh();
    await resolveAll(userInfo().homedir, [target("kofleet-test.invalid")]);
    expect(calls().every((line) => !line.includes("-F"))).toBe(true);
  });
});

describe("which hosts get the same answer", () => {
  const keys = async (files: Readonly<Record<string, string>>, hosts: readonly string[]) => {
    const home = homeWith(files);
    const blocks = await readBlocks([join(home, ".ssh/config")], join(home, ".ssh"));
    return blocks && new Set(hosts.map((host) => blocks.keyOf(host))).size;
  };

  test.each<[string, number | undefined]>([
    ["Host *\n  User x", 1],
    ["Host a b\n  User x", 2],
    ["Host a\n  User x\nHost b\n  User y", 3],
    ['Host "a" b\n  HostName x', 3],
    ["Host = a\n", 2],
    ["Host * !a\n  User x", 2],
    ["host ?\n", 1],
    ["HostName x\n", 3],
    ["Match all\n  User x", 1],
    ["Match host a\n  User x", undefined],
    ["Match exec true\n", undefined],
    ["CanonicalizeHostname yes\n", undefined],
    ["CanonicalizeHostname no\n", 1],
    ["UserKnownHostsFile ~/%h\n", undefined],
    ["IdentityFile ~/%h\nProxyCommand nc %h\n", 1],
    ["Include ~/other\n", undefined],
    ["Include /no/such/*\n", 1],
    ["Include loop\n", 1],
  ])("%j", async (config, expected) => {
    expect(await keys({ config }, ["a", "b", "c"])).toBe(expected);
  });

  test("a file that includes itself, or can't be read", async () => {
    expect(await keys({ config: "Include config\n" }, ["a"])).toBeUndefined();
    expect(await readBlocks(["/no/file"], "/no")).toBeUndefined();
  });
});
