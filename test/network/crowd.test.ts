import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Network } from "./network.ts";
import { canMakeNetworks } from "./prerequisites.ts";
import { Program } from "./program.ts";

/** Many hosts behind one sshd that hangs up on some of those who come at once. */
describe.runIf(canMakeNetworks)("an sshd that hangs up on some of those who come at once", () => {
  let network: Network;
  let program: Program;

  beforeAll(async () => {
    network = await Network.create();
    program = new Program(network);
  });

  afterAll(async () => {
    program?.remove();
    await network?.close();
  });

  test.each(["10:30:60", "5:50:30"])("a hundred hosts, 50 at once, MaxStartups %s: all are reached", async (startups) => {
    const address = await network.address();
    await network.sshd([address], `MaxStartups ${startups}`);
    const hosts = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`host${index + 1}`, { ansible_host: address }]));
    const { code, stdout, stderr } = await program.run(hosts, [
      "exec",
      "all",
      "--json",
      "--forks",
      "50",
      "--timeout",
      "30",
      "--",
      "echo",
      "in",
    ]);
    const failed = stdout.split("\n").filter((line) => line !== "" && !line.includes('"stdout":"in\\n"'));
    expect(failed, stderr).toEqual([]);
    expect(code).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength(100);
  });
});
