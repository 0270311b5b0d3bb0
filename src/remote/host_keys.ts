import type { ServerHostKeyAlgorithm } from "ssh2";
import ssh2 from "ssh2";
import { ConnectError, messageOf } from "../core/error.ts";
import { hostKeyAlgorithms } from "./algorithms.ts";
import { withDeadline } from "./deadline.ts";
import { type HostKey, hostKeyOf } from "./host_key.ts";
import { openSocket } from "./socket.ts";

/** Of each type of key one algorithm, so that a server is asked once for each key it may have. */
const oneOfEachType = hostKeyAlgorithms.filter((algorithm) => algorithm !== "rsa-sha2-256");

/** The keys that a server shows, best type first; nothing is believed, and nobody logs in. Timeout in seconds. Throws a ConnectError. */
export async function collectHostKeys(address: string, port: number, timeout: number): Promise<readonly HostKey[]> {
  const stop = new AbortController();
  const expired = () => new ConnectError("timeout", `${address}:${port} shows no host key within ${timeout} s`);
  return withDeadline(askForKeys(address, port, stop.signal), { timeout, expired }, () => stop.abort());
}

/** One after the other: several starts at a time from one address may be dropped. */
async function askForKeys(address: string, port: number, signal: AbortSignal): Promise<readonly HostKey[]> {
  const keys: HostKey[] = [];
  for (const algorithm of oneOfEachType) {
    const key = await askForKey(address, port, algorithm, signal);
    if (key !== undefined) keys.push(key);
  }
  if (keys.length > 0) return keys;
  throw new ConnectError("protocol", `${address}:${port} shows no host key of a type that kofleet knows: is it an SSH server?`);
}

/** The key exchange is broken off once the key is seen; undefined where the server has none of that type. */
async function askForKey(
  address: string,
  port: number,
  algorithm: ServerHostKeyAlgorithm,
  signal: AbortSignal,
): Promise<HostKey | undefined> {
  const sock = await openSocket(address, port, signal);
  const client = new ssh2.Client();
  let seen: HostKey | undefined;
  const hostVerifier = (blob: Buffer) => {
    seen = hostKeyOf(blob);
    return false;
  };
  const ended = new Promise<void>((resolve, reject) => {
    client.on("close", resolve);
    client.on("error", (error) => (seen !== undefined || hasNoSuchKey(error) ? resolve() : reject(unexpected(address, port, error))));
  });
  client.connect({ sock, username: "kofleet", hostVerifier, algorithms: { serverHostKey: [algorithm] }, readyTimeout: 0 });
  await ended.finally(() => sock.destroy());
  return seen;
}

const hasNoSuchKey = (error: Error): boolean => error.message.includes("no matching host key format");

const unexpected = (address: string, port: number, cause: Error): ConnectError =>
  new ConnectError("protocol", `cannot ask ${address}:${port} for its host keys: ${messageOf(cause)}`, { cause });
