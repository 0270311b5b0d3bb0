import { readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Target } from "../../src/core/connection.ts";
import { createConnect } from "../../src/remote/connect.ts";
import { noSshd, type RealSshd, startSshd } from "../remote/real_sshd.ts";
import { targetFor } from "../remote/ssh_server.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.allSettled(closing.splice(0).map((close) => close()));
});

describe.skipIf(noSshd !== undefined)(`through OpenSSH's own server${noSshd ? ` (${noSshd})` : ""}`, () => {
  const real = async (...options: readonly string[]): Promise<RealSshd> => {
    const sshd = await startSshd(...options);
    closing.push(sshd.close);
    return sshd;
  };
  const through = (sshd: RealSshd, more: Partial<Target>): Target => {
    const {
      password: _,
      user: _user,
      ...target
    } = targetFor(sshd, { sshConfig: "none", privateKeyFile: sshd.key, knownHostsFiles: [sshd.knownHosts], ...more });
    return { ...target, hostKeyPolicy: "strict", jumps: [`127.0.0.1:${sshd.port}`] };
  };
  const open = async (target: Target) => {
    const connection = await createConnect({ name: userInfo().username, home: "/no/home" })(target);
    closing.unshift(() => connection.close());
    return connection;
  };

  test("to itself, and back", async () => {
    const sshd = await real();
    expect((await (await open(through(sshd, {}))).exec(["echo", "in"], { timeout: 5 })).stdout).toBe("in\n");
  });

  test.each([
    ["nobody listens", { port: 1 }, [], { reason: "refused", message: /cannot reach 127\.0\.0\.1:1: .*refused/ }],
    ["a name it can't look up", { address: "no-such-host.invalid" }, [], { reason: "dns", message: /cannot reach no-such-host\.invalid/ }],
    ["it forwards nothing", {}, ["AllowTcpForwarding no"], { reason: "protocol", message: /AllowTcpForwarding/ }],
  ] as const)("%s", async (_, more, options, { reason, message }) => {
    const sshd = await real(...options);
    await expect(open(through(sshd, more))).rejects.toMatchObject({ reason, message: expect.stringMatching(message) });
  });

  test.each(["::1", "[::1]"])("over IPv6, to %s and through it", async (address) => {
    const sshd = await real("ListenAddress ::1");
    const known = join(sshd.folder, "known_hosts_6");
    writeFileSync(known, readFileSync(sshd.knownHosts, "utf8").replace("127.0.0.1", "::1"));
    const { jumps: _, ...target } = through(sshd, { address, knownHostsFiles: [known] });
    for (const jumps of [[], [`[::1]:${sshd.port}`]])
      expect((await (await open({ ...target, jumps })).exec(["echo", "in"], { timeout: 10 })).stdout).toBe("in\n");
  });
});
