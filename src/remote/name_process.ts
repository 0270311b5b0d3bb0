import { type ChildProcess, spawn } from "node:child_process";
import type { LookupAddress } from "node:dns";
import { z } from "zod";

const Reply = z.object({
  name: z.string(),
  /** Of an error, such as "ENOTFOUND"; "EAI_AGAIN" where nobody could be asked. */
  code: z.string().default("EAI_AGAIN"),
  addresses: z.array(z.object({ address: z.string(), family: z.number() })).default([]),
});

/** What the system says of a name; no addresses: its code tells why. */
export interface NameReply {
  readonly code: string;
  readonly addresses: readonly LookupAddress[];
}

/** Ends with the process that asks, however that ends, and does not wait for a name server then. */
const program = `
const { lookup } = require("node:dns");
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
process.on("message", (name) =>
  lookup(name, { all: true }, (error, addresses) => process.send({ name, code: error?.code, addresses })));
`;

/** libuv gives half of them to names: more than hosts are ever at work at once. */
const threads = "512";

/**
 * Looks names up in a process of its own. A name server that is silent holds a thread for ten seconds and more: here two such names
 * would keep all others waiting, and this process from its end.
 */
export class NameProcess {
  readonly #waiting = new Map<string, { readonly reply: Promise<NameReply>; settle(reply: NameReply): void }>();
  #child: ChildProcess | undefined;

  /** Asks for a name, once at a time; never rejects, and may take as long as the system likes. */
  ask(name: string): Promise<NameReply> {
    const asked = this.#waiting.get(name);
    if (asked !== undefined) return asked.reply;
    let settle: (reply: NameReply) => void = () => undefined;
    const reply = new Promise<NameReply>((resolve) => {
      settle = resolve;
    });
    this.#waiting.set(name, { reply, settle });
    this.#child ??= this.#start();
    this.#child.send(name);
    return reply;
  }

  /** Whether somebody waits for this name. */
  isWaiting(name: string): boolean {
    return this.#waiting.has(name);
  }

  #start(): ChildProcess {
    const env = { ...process.env, NODE_OPTIONS: "", UV_THREADPOOL_SIZE: threads };
    const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "ignore", "ignore", "ipc"], env });
    child.unref();
    child.channel?.unref();
    child.on("message", (message) => {
      const { name, ...reply } = Reply.parse(message);
      this.#settle(name, reply);
    });
    child.on("error", () => this.#giveUp(child));
    child.on("exit", () => this.#giveUp(child));
    return child;
  }

  /** Whoever asks next starts another one. */
  #giveUp(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    for (const name of this.#waiting.keys()) this.#settle(name, { code: "EAI_AGAIN", addresses: [] });
  }

  #settle(name: string, reply: NameReply): void {
    this.#waiting.get(name)?.settle(reply);
    this.#waiting.delete(name);
  }
}
