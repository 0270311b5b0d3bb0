import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { Secret } from "../core/secret.ts";
import { quote } from "./shell.ts";

/** What ssh asks; undefined leaves the question without an answer. Must not throw. */
export type AnswerPrompt = (prompt: string) => Promise<Secret | undefined>;

/** A program that ssh asks its questions (SSH_ASKPASS), and that puts them to this process. */
export interface Askpass {
  readonly program: string;
  close(): void;
}

/** Sends the question, prints the answer; without one its exit code is 1. ssh shows notices the same way, which it expects no answer to. */
const client = `
const [, path, prompt] = process.argv;
const socket = require("node:net").connect(path);
process.exitCode = 1;
socket.on("error", () => undefined).on("data", (answer) => {
  process.stdout.write(answer);
  process.exitCode = 0;
});
if (process.env.SSH_ASKPASS_PROMPT !== "none") socket.end(prompt);
`;

/** Makes such a program in a folder that only this user may enter: answers go through a socket there, and are in no file, argv or environment. */
export async function openAskpass(folder: string, answer: AnswerPrompt): Promise<Askpass> {
  const [program, path] = [join(folder, "askpass"), join(folder, "answers")];
  await writeFile(program, `#!/bin/sh\nexec ${quote([process.execPath, "-e", client, path])} "$1"\n`, { mode: 0o700 });
  const server = createServer({ allowHalfOpen: true }, (socket) => void reply(socket, answer).catch(() => socket.destroy()));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return { program, close: () => void server.close() };
}

async function reply(socket: Socket, answer: AnswerPrompt): Promise<void> {
  const prompt: Buffer[] = [];
  socket.on("error", () => undefined).on("data", (chunk: Buffer) => prompt.push(chunk));
  await once(socket, "end");
  const secret = await answer(Buffer.concat(prompt).toString());
  socket.end(secret === undefined ? "" : `${secret.reveal()}\n`);
}
