import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Network, type Trouble } from "./network.ts";
import { canMakeNetworks } from "./prerequisites.ts";
import { Program } from "./program.ts";
import type { Sshd } from "./sshd.ts";

/** Connections that break while something runs over them. All at once: most of these seconds are spent waiting. */
describe.runIf(canMakeNetworks)("connections that break while something runs over them", () => {
  let network: Network;
  let program: Program;
  /** Where the hosts leave what a test looks at. */
  let folder: string;

  beforeAll(async () => {
    network = await Network.create();
    program = new Program(network);
    folder = network.keys.home;
  });

  afterAll(async () => {
    program?.remove();
    await network?.close();
  });

  /** Seconds within which a keepalive finds out that nobody is there any more. */
  const noticed = 45;
  /** Seconds that a busy machine may be late, or takes to start. */
  const slack = 5;

  /** Two hosts on a server of their own: what happens to the first must not touch the other. */
  async function pair(): Promise<{ readonly bad: string; readonly good: string; readonly server: Sshd }> {
    const [bad, good] = [await network.address(), await network.address()];
    await network.sshd([good]);
    return { bad, good, server: await network.sshd([bad]) };
  }

  /** Starts, leaves a sign of its host, and on the bad one never ends. */
  const commandFor = (bad: string): string =>
    `set -- $SSH_CONNECTION; : >${folder}/$3; case $3 in ${bad}) sleep 600 ;; *) echo done ;; esac`;

  const untilSeen = (name: string): Promise<void> =>
    vi.waitUntil(() => existsSync(join(folder, name)), { timeout: 30_000 }).then(() => undefined);

  interface Broken {
    readonly reason: string;
    /** Since it broke. */
    readonly seconds: number;
  }

  /** Runs a command over a pair, breaks the bad one's connection once it runs there, and tells how that ended. The good one must not mind. */
  async function breakCommand(how: (bad: string, server: Sshd) => unknown, ...options: string[]): Promise<Broken> {
    const { bad, good, server } = await pair();
    const hosts = { bad: { ansible_host: bad }, good: { ansible_host: good } };
    const run = program.run(hosts, ["exec", "all", "--json", ...options, "--", commandFor(bad)]);
    await untilSeen(bad);
    await how(bad, server);
    const broken = Date.now();
    const { stdout, stderr, code } = await run;
    const results = stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    expect(results, stderr).toContainEqual({ host: "good", answer: { code: 0, stdout: "done\n", stderr: "" } });
    expect(code).toBe(4);
    return { reason: results.find(({ host }) => host === "bad").unreachable, seconds: (Date.now() - broken) / 1000 };
  }

  const trouble = (kind: Trouble) => (bad: string) => network.trouble(kind, bad);

  const cases: readonly (readonly [
    name: string,
    how: (bad: string, server: Sshd) => unknown,
    options: readonly string[],
    reason: RegExp,
    most: number,
  ])[] = [
    ["its server is ended", (_, server) => server.close(), [], /^lost: /, 0],
    ["a firewall resets it, as the next keepalive finds out", trouble("resetting"), [], /^lost: /, 15],
    ["it falls silent, and so do resets of it", trouble("silent"), [], /^lost: /, noticed],
    ["its server freezes", (_, server) => server.freeze(), [], /^lost: /, noticed],
    ["it falls silent, and the command has a deadline", trouble("silent"), ["--command-timeout", "5"], /^timeout: /, 5],
  ];

  test.concurrent.each(cases)("a command, and %s", async (_case, how, options, reason, most) => {
    const broken = await breakCommand(how, ...options);
    expect(broken.reason).toMatch(reason);
    expect(broken.seconds).toBeLessThan(most + slack);
  });

  const sha256 = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");

  /** Whether contents arrive in a folder: beside their destination, under a name that begins with a dot. */
  const arrives = (into: string): boolean => existsSync(into) && readdirSync(into).some((name) => name.startsWith(".kofleet."));

  /** Uploads slowly, does something to the packets in the middle of it until the program notices, and expects the same run to end well. */
  async function breakUpload(kind: Trouble): Promise<void> {
    const address = await network.address();
    // Otherwise it finds out by TCP's own keepalive, after two hours.
    await network.sshd([address], "ClientAliveInterval 2", "ClientAliveCountMax 1");
    await network.trouble("slow", address);
    const source = program.write("whole.bin", Buffer.alloc(12_000_000, address));
    const into = join(folder, `into-${address}`);
    const tasks = `    - file: { path: ${into}, state: directory }\n    - copy: { src: ${source}, dest: ${into}/whole.bin }\n`;
    const hosts = { upload: { ansible_host: address } };
    let mending: Promise<void> | undefined;
    const run = program.play(hosts, tasks, ["--timeout", "5"], (text) => {
      if (text.includes('"type":"retrying"')) mending ??= network.mend(kind, address);
    });
    await Promise.race([run, vi.waitUntil(() => arrives(into), { timeout: 30_000 })]);
    await network.trouble(kind, address);
    const { seen, ended } = await run;
    await mending;
    expect(seen.upload, ended.stderr + ended.stdout).toMatchObject({ verdict: "changed" });
    expect(sha256(join(into, "whole.bin"))).toBe(sha256(source));
    await vi.waitFor(() => expect(readdirSync(into)).toEqual(["whole.bin"]), { timeout: 20_000 });
  }

  test.concurrent.each(["resetting", "silent"] as const)(
    "an upload, %s: the same run finds the host again, and what arrives is whole",
    breakUpload,
  );
});
