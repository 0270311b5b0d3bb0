import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { exec } from "../../src/commands/exec.ts";
import { startGate } from "../remote/gate.ts";
import { hostKey, keyText, newKey, publicKeyOf, startServer } from "../remote/ssh_server.ts";
import { testConsole } from "./console_fixture.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.allSettled(closing.splice(0).map((close) => close()));
});

/** A fleet of three behind a bastion that the inventory knows nothing of; the user's own OpenSSH configuration says all. */
async function setUp(login: "key" | "questions") {
  const user = newKey();
  const server = await startServer({
    login: (context) => {
      if (login === "key") context.method === "publickey" ? context.accept() : context.reject(["publickey"]);
      else if (context.method !== "keyboard-interactive") context.reject(["keyboard-interactive"]);
      else context.prompt([{ prompt: "Code: ", echo: true }], ([code]) => (code === "123" ? context.accept() : context.reject()));
    },
  });
  const gate = await startGate({ login: (context) => (context.method === "publickey" ? context.accept() : context.reject(["publickey"])) });
  closing.push(server.close, gate.close);
  const console = testConsole(login === "questions" ? ["123"] : []);
  console.folders(".ssh");
  console.write(".ssh/id_ed25519", user.private);
  const key = keyText(publicKeyOf(hostKey));
  console.write(".ssh/known_hosts", `[127.0.0.1]:${gate.port} ${key}\nfleet ${key}\n`);
  console.write(
    ".ssh/config",
    `Host web*
  HostName 127.0.0.1
  Port ${server.port}
  User admin
  HostKeyAlias fleet
  ProxyJump gate
Host gate
  HostName 127.0.0.1
  Port ${gate.port}
  User admin
`,
  );
  return { console, gate, inventory: ["web[1:3],"] };
}

describe.runIf(spawnSync("ssh", ["-V"]).error === undefined)("a fleet that only OpenSSH's configuration knows the way to", () => {
  test("is reached with nothing but its names", async () => {
    const { console, gate, inventory } = await setUp("key");
    expect(await exec("all", ["echo", "hi"], { color: true, inventory }, console)).toBe(0);
    expect(console.printed()).toContain("web[1-3] (3)");
    expect([gate.forwarded.length, gate.sockets.size]).toEqual([3, 1]);
  });

  test("puts what a server asks to the person", async () => {
    const { console, inventory } = await setUp("questions");
    expect(await exec("web2", ["echo", "hi"], { color: true, inventory }, console)).toBe(0);
    expect(console.told()).toBe("web2: Code: ");
  });
});
