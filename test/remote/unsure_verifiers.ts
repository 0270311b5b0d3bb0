import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { startClient } from "../../src/remote/ssh_client.ts";

type Verify = (...args: unknown[]) => unknown;

/** Ways in which a verifier may fail to say `true`; ssh2 itself takes most of them for a yes. */
export const unsureVerifiers: readonly (readonly [string, Verify])[] = [
  ["1", () => 1],
  ['"true"', () => "true"],
  ["an object", () => ({})],
  ["new Boolean(true)", () => Object(true)],
  ["false", () => false],
  ["0", () => 0],
  ["null", () => null],
  ["nothing", () => undefined],
  ["a promise of true", () => Promise.resolve(true)],
  ["true, asynchronously", async () => true],
  ["true, too late", (_blob, accept) => void setTimeout(() => typeof accept === "function" && accept(true), 5)],
  ["nothing, since it throws", () => fail()],
  ["nothing, since it throws asynchronously", async () => sleep(1).then(fail)],
];

const fail = (): never => {
  throw new Error("broken");
};

/** How far the product's client comes with a server on loopback when its host key is judged that way. */
export async function reach(port: number, verify: Verify): Promise<readonly string[]> {
  const stream = connectTcp({ port, host: "127.0.0.1" });
  await once(stream, "connect");
  const events: string[] = [];
  const judge = (...args: unknown[]) => {
    const verdict = verify(...args);
    if (verdict instanceof Promise) verdict.catch(() => undefined);
    return verdict;
  };
  const client = startClient({ stream, user: "admin", algorithms: {}, verify: judge });
  client.on("handshake", () => events.push("handshake")).on("ready", () => events.push("ready"));
  client.on("error", ({ message }) => events.push(message));
  await new Promise<void>((resolve) => client.on("close", () => resolve()));
  await sleep(10);
  return events;
}

/** What `reach` gives where the host key was refused. */
export const refused = ["Host denied (verification failed)"];
