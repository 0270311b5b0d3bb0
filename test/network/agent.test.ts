import { spawn, spawnSync } from "node:child_process";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Target } from "../../src/core/connection.ts";
import { createConnect } from "../../src/remote/connect.ts";
import { scratch } from "../remote/asking.ts";
import { noSshd, type RealSshd, startSshd } from "../remote/real_sshd.ts";
import { targetFor } from "../remote/ssh_server.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.allSettled(closing.splice(0).map((close) => close()));
});

async function real(...options: readonly string[]): Promise<RealSshd> {
  const sshd = await startSshd(...options);
  closing.push(sshd.close);
  return sshd;
}

async function agentWith(key: string): Promise<string> {
  const agent = join(scratch(), "agent");
  const process_ = spawn("ssh-agent", ["-D", "-a", agent], { stdio: "ignore" });
  closing.push(async () => process_.kill());
  await vi.waitFor(() => expect(spawnSync("ssh-add", [key], { env: { ...process.env, SSH_AUTH_SOCK: agent } }).status).toBe(0));
  return agent;
}

describe.skipIf(noSshd !== undefined)(`agents, and OpenSSH's own server${noSshd ? ` (${noSshd})` : ""}`, () => {
  /** What commands on the host see of an agent. */
  async function lent(sshd: RealSshd, more: Partial<Target>): Promise<string> {
    const { password: _, user: _user, ...target } = targetFor(sshd, { sshConfig: "none", knownHostsFiles: [sshd.knownHosts], ...more });
    const connect = createConnect({ name: userInfo().username, home: "/no/home", agent: await agentWith(sshd.key) });
    const connection = await connect({ ...target, hostKeyPolicy: "strict" });
    closing.unshift(() => connection.close());
    const { stdout } = await connection.exec(["sh", "-c", 'ssh-add -l >/dev/null 2>&1 && echo "lent" || echo "none"'], { timeout: 10 });
    return stdout.trim();
  }

  test.each([
    [{}, "none"],
    [{ forwardAgent: false }, "none"],
    [{ forwardAgent: true }, "lent"],
  ])("with %j commands see: %s", async (more, expected) => {
    expect(await lent(await real(), more)).toBe(expected);
  });

  test("a server that takes no agent says so", async () => {
    await expect(lent(await real("AllowAgentForwarding no"), { forwardAgent: true })).rejects.toMatchObject({
      reason: "protocol",
      message: expect.stringContaining("forward"),
    });
  });
});
