import { describe, expect, test } from "vitest";
import type { Target } from "../../src/core/connection.ts";
import { Secret } from "../../src/core/secret.ts";
import { PromptAnswers, readPrompt } from "../../src/remote/openssh_prompts.ts";
import { targetFor } from "./ssh_server.ts";

describe("a question of ssh", () => {
  test.each([
    ["ann@web01's password: ", { kind: "login", account: "ann@web01", words: "password:" }],
    ["ann@corp.example@web01's password: ", { kind: "login", account: "ann@corp.example@web01", words: "password:" }],
    ["(ann@web01) Verification code: ", { kind: "login", account: "ann@web01", words: "Verification code: " }],
    ["(ann@web01) Welcome\nPassword: ", { kind: "login", account: "ann@web01", words: "Welcome\nPassword: " }],
    ["Enter passphrase for key '/home/ann/my key': ", { kind: "passphrase", file: "/home/ann/my key" }],
    [
      "This key is not known by any other names.\nAre you sure you want to continue connecting (yes/no/[fingerprint])? ",
      { kind: "host-key" },
    ],
    ["Enter PIN for ED25519-SK key /home/ann/.ssh/id_ed25519_sk: ", { kind: "other" }],
    ["", { kind: "other" }],
  ])("%j", (text, prompt) => {
    expect(readPrompt(text)).toEqual(prompt);
  });
});

describe("an answer", () => {
  const answers = (more: Partial<Target>, ask?: (question: string) => Promise<Secret>) =>
    new PromptAnswers({ target: targetFor({ port: 22 }, more), user: "ann", address: "Web01", place: "Web01:22", ...(ask && { ask }) });
  const passphrase = { privateKeyFile: "/key", privateKeyPassphrase: new Secret("open") };

  test("is the target's own password, once", async () => {
    const login = answers({});
    expect((await login.answer("ann@web01's password: "))?.reveal()).toBe("right");
    await expect(login.answer("(ann@web01) Password: ")).rejects.toMatchObject({
      reason: "auth",
      message: 'Web01:22 refuses the answer to "(ann@web01) Password:": check user and password',
    });
  });

  test.each([["bob@web01's password: "], ["ann@bastion's password: "], ["(ann@bastion) Password: "], ["(ann@web01) Verification code: "]])(
    "to %j is not the password",
    async (question) => {
      await expect(answers({}).answer(question)).rejects.toMatchObject({
        reason: "auth",
        message: /and nobody can answer: use --ask-pass/,
      });
    },
  );

  test("goes to names that ssh cuts off", async () => {
    const user = "firstname.lastname@corporation.example";
    const login = new PromptAnswers({ target: targetFor({ port: 22 }), user, address: "web01", place: "web01:22" });
    expect((await login.answer(`${user.slice(0, 30)}@web01's password: `))?.reveal()).toBe("right");
  });

  test("is the passphrase for the key it belongs to; others stay locked", async () => {
    expect((await answers(passphrase).answer("Enter passphrase for key '/key': "))?.reveal()).toBe("open");
    expect(await answers(passphrase).answer("Enter passphrase for key '/other': ")).toBeUndefined();
    expect(await answers(passphrase).answer("Enter PIN for ED25519-SK key /key: ")).toBeUndefined();
  });

  test("comes from the person where nothing is given", async () => {
    const asked: string[] = [];
    const ask = async (question: string) => new Secret(String(asked.push(question)));
    const login = answers({}, ask);
    const questions = ["(ann@web01) Code: ", "bob@bastion's password: ", "Enter PIN for ED25519-SK key /key: "];
    for (const question of questions) await login.answer(question);
    expect(asked).toEqual(questions);
  });

  test("never trusts a host key, whoever could be asked", async () => {
    const login = answers({}, async () => new Secret("yes"));
    await expect(login.answer("Are you sure you want to continue connecting (yes/no/[fingerprint])? ")).rejects.toMatchObject({
      reason: "host-key",
    });
  });

  test("is possible where there is a secret or a person", () => {
    const { password: _, ...open } = targetFor({ port: 22 });
    const possible = [{}, { password: new Secret("x") }, { privateKeyPassphrase: new Secret("x") }].map(
      (more) => new PromptAnswers({ target: { ...open, ...more }, user: "ann", address: "web01", place: "web01:22" }).isPossible,
    );
    expect(possible).toEqual([false, true, true]);
  });
});
