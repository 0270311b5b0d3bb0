import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import type { AuthContext, ServerChannel, Connection as ServerConnection, Session } from "ssh2";
import ssh2 from "ssh2";
import type { Target } from "../../src/core/connection.ts";
import { Secret } from "../../src/core/secret.ts";
import { type HostKey, hostKeyOf } from "../../src/remote/host_key.ts";

export interface ServerOptions {
  readonly hostKeys?: readonly string[];
  /** Decides about a login; password "right" by default. */
  login?(context: AuthContext): void;
  /** Meets a command instead of a real shell. */
  onExec?(client: ServerConnection, reject: () => void): void;
  /** Meets a client once keys are exchanged. */
  onClient?(client: ServerConnection): void;
  /** Meets a TCP connection before SSH; `true` when it took it. */
  onSocket?(socket: Socket, count: number): boolean;
}

export interface TestServer {
  readonly port: number;
  readonly commands: string[];
  readonly sockets: Set<Socket>;
  /** Commands that ran beside each other. */
  readonly mostAtOnce: number;
  close(): Promise<void>;
}

function generate(type: "ed25519" | "ecdsa" | "rsa", passphrase: string | undefined) {
  if (passphrase !== undefined) return ssh2.utils.generateKeyPairSync("ed25519", { passphrase, cipher: "aes256-cbc", rounds: 1 });
  if (type === "rsa") return ssh2.utils.generateKeyPairSync("rsa", { bits: 1024 });
  return type === "ecdsa" ? ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 }) : ssh2.utils.generateKeyPairSync("ed25519");
}

/** A new pair of keys; encrypted ones are ed25519. ssh2 writes one ed25519 key in some hundred too short to be read, that with a zero at its beginning: those are left out. */
export function newKey(type: "ed25519" | "ecdsa" | "rsa" = "ed25519", passphrase?: string) {
  for (;;) {
    const pair = generate(type, passphrase);
    const isWhole = [pair.public, pair.private].every((text) => !(ssh2.utils.parseKey(text, passphrase) instanceof Error));
    if (isWhole) return pair;
  }
}

/** Of a private or a public key, as files have it. */
export const publicKeyOf = (text: string): HostKey => {
  const parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error) throw parsed;
  return hostKeyOf(parsed.getPublicSSH())!;
};

/** As known_hosts and authorized_keys have it. */
export const keyText = ({ type, blob }: HostKey): string => `${type} ${blob.toString("base64")}`;

export const hostKey = newKey().private;

/** Key "right" or password "right". */
function rightPassword(context: AuthContext): void {
  if (context.method === "password" && context.password === "right") context.accept();
  else context.reject(["password"]);
}

/** An SSH server on loopback whose commands run in a real shell on this machine. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  let running = 0;
  let mostAtOnce = 0;
  const ssh = new ssh2.Server({ hostKeys: [...(options.hostKeys ?? [hostKey])] }, (client) => {
    client.on("error", () => undefined);
    options.onClient?.(client);
    client.on("authentication", options.login ?? rightPassword);
    client.on("session", (accept) => {
      const session = accept();
      session.on("exec", (acceptExec, reject, { command }) => {
        commands.push(command);
        if (options.onExec) options.onExec(client, reject);
        else {
          running += 1;
          mostAtOnce = Math.max(mostAtOnce, running);
          run(command, acceptExec(), session).once("close", () => {
            running -= 1;
          });
        }
      });
    });
  });
  let count = 0;
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    count += 1;
    if (!options.onSocket?.(socket, count)) ssh.injectSocket(socket);
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => listener.close(resolve));
  };
  return {
    port,
    commands,
    sockets,
    close,
    get mostAtOnce() {
      return mostAtOnce;
    },
  };
}

/** Like sshd: the command leads a process group, and signals go to all of it. */
function run(command: string, channel: ServerChannel, session: Session): ChildProcess {
  const child = spawn("/bin/sh", ["-c", command], { detached: true });
  child.stdin.on("error", () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  session.on("signal", (_accept, _reject, { name }) => void (child.pid && process.kill(-child.pid, `SIG${name}`)));
  return child.on("close", (code, signal) => {
    if (code === null) channel.exit(String(signal).slice(3), false, "");
    else channel.exit(code);
    channel.end();
  });
}

export const targetFor = (server: { readonly port: number }, more: Partial<Target> = {}): Target => ({
  name: "web01",
  transport: "ssh",
  address: "127.0.0.1",
  port: server.port,
  user: "admin",
  password: new Secret("right"),
  knownHostsFiles: [],
  hostKeyPolicy: "off",
  connectTimeout: 30,
  ...more,
});
