import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Network } from "./network.ts";
import { canMakeNetworks } from "./prerequisites.ts";
import { Program, type Seen } from "./program.ts";

/** Hosts that can't be reached, each in its own way, and some that can: all in one run. */
describe.runIf(canMakeNetworks)("hosts that can't be reached, and some that can, in one run", () => {
  let network: Network;
  let program: Program;
  let seen: Readonly<Record<string, Seen>>;
  const hosts: Record<string, Readonly<Record<string, unknown>>> = {};

  /** Seconds that a connection may take, as the run is told. */
  const timeout = 4;
  /** Seconds that a busy machine may be late. */
  const slack = 3;

  async function host(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const address = await network.address();
    hosts[name] = { ansible_host: address, ...more };
    return address;
  }

  /** All on one sshd, each with its own trouble. */
  async function addHealthyServer(): Promise<void> {
    const otherKeys = join(network.keys.folder, "other_known_hosts");
    writeFileSync(otherKeys, "* ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
    const first = await host("healthy1");
    const addresses = [first, await host("healthy2"), await host("healthy3")];
    addresses.push(await host("changed-key", { known_hosts: [otherKeys] }));
    addresses.push(await host("stranger", { ansible_user: "root", ansible_ssh_private_key_file: join(network.keys.folder, "host_key") }));
    addresses.push(await host("no-sudo", { ansible_become: true }));
    for (const trouble of ["silent", "resetting", "prohibited", "lossy"] as const) {
      const address = await host(trouble);
      addresses.push(address);
      await network.trouble(trouble, address);
    }
    await network.sshd(addresses);
    network.odd("late", await host("late"), first, "150");
    network.odd("names", network.nameServer, `healthy.test=${first}`);
    hosts["known-name"] = { ansible_host: "healthy.test" };
    hosts["unknown-name"] = { ansible_host: "nowhere.test" };
    for (let count = 1; count <= 5; count++) hosts[`silent-name-server-${count}`] = { ansible_host: `host${count}.silent.test` };
  }

  async function addOddServers(): Promise<void> {
    (await network.sshd([await host("frozen")])).freeze();
    await network.sshd([await host("no-sessions")], "MaxSessions 0");
    const busy = await host("always-too-busy");
    await network.sshd([busy], "MaxStartups 1:100:1");
    network.odd("idler", busy);
    await host("nobody-listens");
    for (const kind of [
      "says-nothing",
      "speaks-http",
      "garbage",
      "endless-lines",
      "endless-line",
      "banner-only",
      "dripping-banner",
      "full-backlog",
    ])
      network.odd(kind, await host(kind));
  }

  async function addRoutes(): Promise<void> {
    hosts["switched-off"] = { ansible_host: "10.0.250.1" };
    hosts["no-route"] = { ansible_host: "203.0.113.1" };
    for (const [index, kind] of ["blackhole", "unreachable", "prohibit"].entries()) {
      const address = `192.0.2.${index + 1}`;
      await network.client.run("ip", "route", "add", kind, address);
      hosts[`${kind}-route`] = { ansible_host: address };
    }
  }

  beforeAll(async () => {
    network = await Network.create();
    program = new Program(network);
    await addHealthyServer();
    await addOddServers();
    await addRoutes();
    await sleep(500); // the odd servers start meanwhile
    const { ended, seen: all } = await program.play(hosts, "    - command: uname -s\n", ["--timeout", String(timeout)]);
    expect(ended, ended.stderr).toMatchObject({ code: 4 });
    seen = all;
  });

  afterAll(async () => {
    program?.remove();
    await network?.close();
  });

  const refused = (problem: string): RegExp => new RegExp(`^refused: cannot reach .*: ${problem}`);
  const unanswered = new RegExp(`^timeout: cannot reach .*: it does not answer within ${timeout} s$`);

  /** By name: why it can't be reached, and the seconds it must take at least and at most. */
  const unreachable: readonly (readonly [name: string, reason: RegExp, least: number, most: number])[] = [
    ["unknown-name", /^dns: cannot reach nowhere\.test:22: the name is not known/, 0, 1],
    ...Array.from(
      { length: 5 },
      (_, index) => [`silent-name-server-${index + 1}`, /^dns: .*: the name server does not answer within 4 s$/, timeout, timeout] as const,
    ),
    ["nobody-listens", refused("nothing listens there"), 0, 1],
    ["resetting", refused("nothing listens there"), 0, 1],
    ["prohibited", refused("no route to the host"), 0, 1],
    ["no-route", refused("no route to its network"), 0, 1],
    ["blackhole-route", refused("its route leads nowhere"), 0, 1],
    ["unreachable-route", refused("no route to the host"), 0, 1],
    ["prohibit-route", refused("a route or a firewall of this machine forbids it"), 0, 1],
    // Three unanswered requests for its hardware address, a second each.
    ["switched-off", refused("no route to the host"), 2, timeout],
    ["silent", unanswered, timeout, timeout],
    ["frozen", unanswered, timeout, timeout],
    ["full-backlog", unanswered, timeout, timeout],
    ["says-nothing", unanswered, timeout, timeout],
    ["banner-only", unanswered, timeout, timeout],
    ["dripping-banner", unanswered, timeout, timeout],
    ["garbage", /^protocol: cannot agree with .* on how to speak: /, 0, 1],
    ["endless-line", /^protocol: cannot agree with .* on how to speak: Header line too long/, 0, 1],
    ["endless-lines", /^protocol: cannot agree with .* on how to speak: Max greeting lines exceeded/, 0, 1],
    ["speaks-http", /^protocol: .* is no SSH server: it says "HTTP\/1.1 400 Bad Request": check the port$/, 0, 1],
    ["always-too-busy", /^lost: .* hangs up before it says anything: .*MaxStartups/, timeout, timeout],
    ["changed-key", /^host-key: /, 0, 1],
    ["stranger", /^auth: .* refuses to log root in/, 0, 1],
    ["no-sudo", /^sudo: /, 0, 2],
    ["no-sessions", /^protocol: .* does not run a command/, 0, 1],
  ];

  test.each(unreachable)("%s is told in time, and why", (name, reason, least, most) => {
    expect(seen[name]).toMatchObject({ verdict: "unreachable", reason: expect.stringMatching(reason) });
    expect(seen[name]?.seconds).toBeGreaterThanOrEqual(least);
    expect(seen[name]?.seconds).toBeLessThan(most + slack);
  });

  const reached = ["healthy1", "healthy2", "healthy3", "known-name", "lossy", "late"];

  test.each(reached)("%s is reached all the same", (name) => {
    expect(seen[name]).toMatchObject({ verdict: "changed" });
  });

  test("every host was heard of, and each row above is one", () => {
    expect(Object.keys(seen).sort()).toEqual(Object.keys(hosts).sort());
    expect(unreachable.length + reached.length).toBe(Object.keys(hosts).length);
  });
});
