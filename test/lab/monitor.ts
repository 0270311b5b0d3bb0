import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const Reply = z.union([
  z.object({ return: z.unknown() }),
  z.object({ error: z.object({ desc: z.string() }) }),
  z.object({ QMP: z.unknown() }),
  z.object({ event: z.string() }),
]);

/** One command of QEMU's machine protocol (QMP), over a connection of its own; throws with what QEMU says. */
export async function command(path: string, execute: string, args: object = {}): Promise<unknown> {
  const socket = await connect(path);
  try {
    const replies = repliesOf(socket);
    await ask(socket, replies, { execute: "qmp_capabilities" });
    return await ask(socket, replies, { execute, arguments: args });
  } finally {
    socket.destroy();
  }
}

/** One command of the human monitor, for what the machine protocol lacks. */
export async function humanCommand(path: string, line: string): Promise<string> {
  return String(await command(path, "human-monitor-command", { "command-line": line }));
}

/**
 * Writes a machine's memory and devices to a file; it stands still from the beginning. QEMU can save one that runs on, and sends again what is
 * written meanwhile, but a state that an emulated machine saved so for long had a scheduler tree that led in a circle, each time it was continued.
 */
export async function saveState(path: string, file: string): Promise<void> {
  await command(path, "stop");
  await command(path, "migrate-set-parameters", { "max-bandwidth": 0 });
  await command(path, "migrate", { uri: `exec:cat > '${file}'` });
  for (;;) {
    const { status } = z.object({ status: z.string() }).parse(await command(path, "query-migrate"));
    if (status === "completed") return;
    if (status === "failed" || status === "cancelled") throw new Error(`saving the machine's state to ${file} ${status}`);
    await sleep(100);
  }
}

/** Lets a machine go on that was started from such a file, as soon as that is read. */
export async function continueState(path: string): Promise<void> {
  while ((await statusOf(path)) === "inmigrate") await sleep(20);
  await command(path, "cont");
}

const statusOf = async (path: string): Promise<string> =>
  z.object({ status: z.string() }).parse(await command(path, "query-status")).status;

/** Ends the machine as if its power failed, and waits until it is gone; well if it already is. */
export async function quit(path: string): Promise<void> {
  await command(path, "quit").catch(() => {});
  while (await isListening(path)) await sleep(20);
}

/** Whether a machine answers at its monitor socket. */
export async function isListening(path: string): Promise<boolean> {
  try {
    (await connect(path)).destroy();
    return true;
  } catch {
    return false;
  }
}

async function connect(path: string): Promise<Socket> {
  const socket = createConnection(path);
  await once(socket, "connect");
  return socket;
}

async function* repliesOf(socket: Socket): AsyncGenerator<z.output<typeof Reply>, undefined> {
  for await (const line of createInterface({ input: socket })) yield Reply.parse(JSON.parse(line));
}

async function ask(socket: Socket, replies: ReturnType<typeof repliesOf>, question: object): Promise<unknown> {
  socket.write(`${JSON.stringify(question)}\n`);
  for (;;) {
    const { value } = await replies.next();
    if (value === undefined) throw new Error(`QEMU closed its monitor at ${JSON.stringify(question)}`);
    if ("error" in value) throw new Error(`QEMU refuses ${JSON.stringify(question)}: ${value.error.desc}`);
    if ("return" in value) return value.return;
  }
}
