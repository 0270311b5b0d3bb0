import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Holds `name` while `work` runs. The lock is a socket in Linux's abstract namespace, so it can't outlive its process. */
export async function whileLocked<T>(name: string, isBusy: () => void, work: () => Promise<T>): Promise<T> {
  const server = await acquire(`\0kofleet-lab-${createHash("sha256").update(name).digest("hex").slice(0, 32)}`, isBusy);
  try {
    return await work();
  } finally {
    server.close();
  }
}

async function acquire(path: string, isBusy: () => void): Promise<Server> {
  for (let attempt = 0; ; attempt++) {
    const server = await listen(path);
    if (server) return server;
    if (attempt % 60 === 0) isBusy();
    await sleep(500);
  }
}

async function listen(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  server.listen(path);
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return undefined;
    throw error;
  }
}
