import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { AuthContext, ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Target } from "../../src/core/connection.ts";
import { Secret } from "../../src/core/secret.ts";
import { createConnect } from "../../src/remote/connect.ts";
import { type KeyOffer, keyOffers, mostKeys } from "../../src/remote/login_order.ts";
import type { Ask } from "../../src/remote/person.ts";
import { scratch } from "./asking.ts";
import { newKey, publicKeyOf, type ServerOptions, startServer, type TestServer, targetFor } from "./ssh_server.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.allSettled(closing.splice(0).map((close) => close()));
});

async function serve(options: ServerOptions): Promise<TestServer> {
  const server = await startServer(options);
  closing.push(server.close);
  return server;
}

const user = newKey();
const locked = ssh2.utils.generateKeyPairSync("ed25519", { passphrase: "open sesame", cipher: "aes256-cbc", rounds: 1 });

function fileOf(key: { readonly private: string; readonly public?: string }, folder = scratch()): string {
  const file = join(folder, "id");
  writeFileSync(file, key.private, { mode: 0o600 });
  if (key.public !== undefined) writeFileSync(`${file}.pub`, key.public);
  return file;
}

/** Lets in who holds a key, and keeps the keys it was shown. */
async function serveKey(accepted: string): Promise<TestServer & { readonly shown: readonly string[] }> {
  const { blob } = publicKeyOf(accepted);
  const shown: string[] = [];
  const server = await serve({
    login(context) {
      if (context.method !== "publickey") return context.reject(["publickey"]);
      if (context.signature === undefined) shown.push(context.key.data.toString("base64"));
      if (context.key.data.equals(blob)) context.accept();
      else context.reject(["publickey"]);
    },
  });
  return { ...server, shown, mostAtOnce: 0 };
}

/** A person who gives these answers, one after the other, and the questions put to them. */
function person(...answers: readonly string[]): { readonly ask: Ask; readonly asked: string[] } {
  const [asked, left]: [string[], string[]] = [[], [...answers]];
  return {
    asked,
    async ask(question, { isSecret }) {
      asked.push(`${isSecret ? "hidden " : ""}${question}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      const answer = left.shift();
      if (answer === undefined) throw new Error("standard input is no terminal");
      return answer;
    },
  };
}

const from = { name: "ann", home: "/no/home" };

/** Logs in, as that person, and says so. */
async function login(server: TestServer, ways: Partial<Target>, { ask, agent }: { ask?: Ask; agent?: string } = {}): Promise<string> {
  const { password: _, ...target } = targetFor(server, { sshConfig: "none" });
  const connect = createConnect({ ...from, ...(agent && { agent }) }, ask ? { ask } : {});
  const connection = await connect({ ...target, ...ways });
  closing.unshift(() => connection.close());
  return (await connection.exec(["echo", "in"], { timeout: 5 })).stdout.trim();
}

describe("which keys are shown, and when", () => {
  const keys = Array.from({ length: 9 }, () => {
    const parsed = ssh2.utils.parseKey(newKey().public);
    if (parsed instanceof Error) throw parsed;
    return parsed;
  });
  const names = new Map<ParsedKey | undefined, string>(keys.map((key, index) => [key, "abcdefghi"[index] ?? ""]));
  const key = (name: string) => keys["abcdefghi".indexOf(name)];
  const file = (name: string) => ({
    file: { path: name.toLowerCase(), isNamed: name === name.toUpperCase() },
    key: key(name.toLowerCase()),
  });
  const shown = (offer: KeyOffer) => (offer.kind === "agent" ? `agent:${names.get(offer.key)}` : offer.file.path);

  /** Capitals are files that somebody named. */
  test.each([
    ["", "", false, ""],
    ["a", "", false, "a"],
    ["", "ab", false, "agent:a agent:b"],
    ["B", "abc", false, "agent:b agent:a agent:c"],
    ["B", "abc", true, "agent:b"],
    ["Bd", "abc", false, "agent:b agent:a agent:c d"],
    ["D", "ab", true, "D"],
    ["D", "abcefg", false, "agent:a agent:b agent:c agent:e D"],
    ["d", "abcefg", false, "agent:a agent:b agent:c agent:e agent:f"],
    ["ABCDEFG", "", true, "A B C D E"],
  ])("files %j, agent %j, only these %s: %s", (files, agent, only, expected) => {
    const offers = keyOffers(
      [...files].map(file),
      [...agent].flatMap((name) => key(name) ?? []),
      only,
    );
    expect(offers.map(shown).join(" ")).toBe(expected.toLowerCase());
  });

  test("never more than a server listens to, never one twice, and with no others than allowed", () => {
    const names_ = fc.uniqueArray(fc.constantFrom(..."abcdefghi"));
    fc.assert(
      fc.property(names_, names_, fc.boolean(), (files, agent, only) => {
        const offers = keyOffers(
          files.map(file),
          agent.flatMap((name) => key(name) ?? []),
          only,
        );
        expect(offers.length).toBeLessThanOrEqual(mostKeys);
        expect(new Set(offers.map(({ key: one }) => one)).size).toBe(offers.length);
        if (only) expect(offers.every(({ key: one }) => files.includes(names.get(one) ?? ""))).toBe(true);
      }),
    );
  });
});

test("keys that ssh looks for are found in the user's home, and those that are missing are no mistake", async () => {
  const home = scratch();
  mkdirSync(join(home, ".ssh"));
  writeFileSync(join(home, ".ssh/id_ed25519"), user.private, { mode: 0o600 });
  const { password: _, ...target } = targetFor(await serveKey(user.public));
  const connection = await createConnect({ ...from, home })(target);
  closing.unshift(() => connection.close());
  await expect(createConnect(from)(target)).rejects.toThrow("no key, agent or password is given");
});

describe("a key with a passphrase", () => {
  test("is asked about once, however many connections wait for it", async () => {
    const [server, one] = [await serveKey(locked.public), person("open sesame")];
    const connect = createConnect(from, { ask: one.ask });
    const { password: _, ...target } = targetFor(server, { privateKeyFile: fileOf(locked) });
    const connections = await Promise.all(Array.from({ length: 5 }, () => connect(target)));
    closing.unshift(...connections.map((connection) => () => connection.close()));
    expect(one.asked).toEqual([`hidden ${target.privateKeyFile}: passphrase: `]);
  });

  test("is asked about only where the server wants the key", async () => {
    const [server, one] = [await serveKey(user.public), person()];
    await expect(login(server, { privateKeyFile: fileOf(locked) }, one)).rejects.toMatchObject({ reason: "auth" });
    expect(one.asked).toEqual([]);
  });

  test("without its public half is asked about at once", async () => {
    const one = person("open sesame");
    expect(await login(await serveKey(locked.public), { privateKeyFile: fileOf({ private: locked.private }) }, one)).toBe("in");
    expect(one.asked).toHaveLength(1);
  });

  test("a wrong passphrase is asked again, twice", async () => {
    const [server, privateKeyFile, second, never] = [
      await serveKey(locked.public),
      fileOf(locked),
      person("x", "open sesame"),
      person("x", "y", "z", "w"),
    ];
    expect(await login(server, { privateKeyFile }, second)).toBe("in");
    expect(second.asked[1]).toContain("wrong passphrase, try again:");
    await expect(login(server, { privateKeyFile }, never)).rejects.toMatchObject({
      reason: "auth",
      message: expect.stringContaining(`${privateKeyFile}: `),
    });
    expect(never.asked).toHaveLength(3);
  });

  test("where nobody can be asked the error names the key", async () => {
    const privateKeyFile = fileOf(locked);
    await expect(login(await serveKey(locked.public), { privateKeyFile }, person())).rejects.toMatchObject({
      reason: "auth",
      message: expect.stringContaining(`${privateKeyFile} asks "passphrase:", and gets no answer`),
    });
  });

  test("takes the time that people take", async () => {
    const slow: Ask = async () => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      return "open sesame";
    };
    expect(await login(await serveKey(locked.public), { privateKeyFile: fileOf(locked), connectTimeout: 0.6 }, { ask: slow })).toBe("in");
  });
});

describe("an agent", () => {
  const agentWith = async (...keys: readonly { readonly private: string }[]): Promise<string> => {
    const agent = join(scratch(), "agent");
    const process_ = spawn("ssh-agent", ["-D", "-a", agent], { stdio: "ignore" });
    closing.push(async () => process_.kill());
    for (const key of keys)
      await vi.waitFor(() => expect(spawnSync("ssh-add", [fileOf(key)], { env: { ...process.env, SSH_AUTH_SOCK: agent } }).status).toBe(0));
    return agent;
  };
  const hasAgent = spawnSync("ssh-agent", ["-k"]).error === undefined;

  test.runIf(hasAgent)("is shown the named key first, and no other where one is named", async () => {
    const [agent, server] = [await agentWith(newKey(), user), await serveKey(user.public)];
    expect(await login(server, { privateKeyFile: `${fileOf(user)}.pub` }, { agent })).toBe("in");
    expect(server.shown).toHaveLength(1);
    const other = await serveKey(newKey().public);
    await expect(login(other, { privateKeyFile: fileOf(user) }, { agent })).rejects.toMatchObject({ reason: "auth" });
    expect(other.shown).toHaveLength(1);
  });

  test.runIf(hasAgent)("with many keys leaves the password its turn", async () => {
    const agent = await agentWith(...Array.from({ length: 7 }, () => newKey()));
    let failures = 0;
    const server = await serve({
      login(context) {
        if (context.method === "password" && context.password === "right") return context.accept();
        failures += 1;
        context.reject(["publickey", "password"]);
      },
    });
    expect(await login(server, { password: new Secret("right") }, { agent })).toBe("in");
    expect(failures).toBe(5);
  });
});

describe("what a server asks for", () => {
  type Prompts = readonly { readonly prompt: string; readonly echo: boolean }[];
  const asking = (rounds: readonly Prompts[], right: readonly string[]) => {
    const given: string[] = [];
    return (context: AuthContext) => {
      if (context.method !== "keyboard-interactive") return context.reject(["keyboard-interactive"]);
      const round = (index: number): void => {
        const prompts = rounds[index];
        if (prompts === undefined && given.join() === right.join()) context.accept();
        else if (prompts === undefined) context.reject();
        else
          context.prompt([...prompts], "Corp", "Two things", (answers) => {
            given.push(...answers);
            round(index + 1);
          });
      };
      round(0);
    };
  };
  const password = { prompt: "Password: ", echo: false };
  const code = { prompt: "Code: ", echo: true };

  test("is answered by the password, and by the person for the rest", async () => {
    const [server, one] = [await serve({ login: asking([[password], [code]], ["right", "123"]) }), person("123")];
    expect(await login(server, { password: new Secret("right") }, one)).toBe("in");
    expect(one.asked).toEqual(["web01: Corp Two things Code: "]);
  });

  test("is put to the person where no password is known, and where it stands with others", async () => {
    const [server, one] = [await serve({ login: asking([[password, code]], ["right", "123"]) }), person("right", "123")];
    expect(await login(server, { password: new Secret("other") }, one)).toBe("in");
    expect(one.asked).toEqual(["hidden web01: Corp Two things Password: ", "web01: Corp Two things Code: "]);
  });

  test("a hidden question for a second time is put to the person", async () => {
    const [server, one] = [await serve({ login: asking([[password], [password]], ["right", "token"]) }), person("token")];
    expect(await login(server, { password: new Secret("right") }, one)).toBe("in");
    expect(one.asked).toHaveLength(1);
  });

  test("where nobody answers the error names the question, without its escape sequences", async () => {
    const login_ = asking([[{ prompt: "\u001b[2JToken\r\nfor\u0007 you: ", echo: false }]], []);
    await expect(login(await serve({ login: login_ }), {}, person())).rejects.toMatchObject({
      reason: "auth",
      message: 'web01 asks "Corp Two things Token for you:", and gets no answer: standard input is no terminal',
    });
  });

  test("one host at a time, though all of them ask", async () => {
    let [open, most] = [0, 0];
    const ask: Ask = async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 20));
      open -= 1;
      return "123";
    };
    const servers = await Promise.all(Array.from({ length: 3 }, () => serve({ login: asking([[code]], ["123"]) })));
    const connect = createConnect(from, { ask });
    const connections = await Promise.all(servers.map((server) => connect(targetFor(server, { sshConfig: "none" }))));
    closing.unshift(...connections.map((connection) => () => connection.close()));
    expect(most).toBe(1);
  });

  test("comes also after a key, and keys that are left don't use up the server's patience", async () => {
    const shown: string[] = [];
    const server = await serve({
      login(context) {
        shown.push(context.method);
        if (context.method === "publickey" && context.signature) context.reject(["keyboard-interactive"], true);
        else if (context.method === "publickey") context.accept();
        else if (context.method === "keyboard-interactive") context.prompt([{ prompt: "Code: ", echo: true }], () => context.accept());
        else context.reject();
      },
    });
    expect(await login(server, { privateKeyFile: fileOf(locked) }, person("open sesame", "123"))).toBe("in");
    expect(shown).toEqual(["publickey", "publickey", "keyboard-interactive"]);
  });
});
