import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import type { AuthContext, Connection as ServerConnection, Session } from "ssh2";
import ssh2 from "ssh2";
import type { Target } from "../../src/core/connection.ts";
import { Secret } from "../../src/core/secret.ts";
import { type HostKey, hostKeyOf } from "../../src/remote/host_key.ts";

export interface ServerOptions {
  readonly hostKeys?: readonly string[];
  /** Decides about a login; password "right" by default. */
  login?(context: AuthContext): void;
  /** Meets a command instead of a real shell. */
  onExec?(command: string, client: ServerConnection, session: Session): void;
  /** Meets a TCP connection before SSH; `true` when it took it. */
  onSocket?(socket: Socket, count: number): boolean;
  readonly path?: string;
}

export interface TestServer {
  readonly port: number;
  readonly commands: string[];
  readonly sockets: Set<Socket>;
  close(): Promise<void>;
}

export const newKey = (type: "ed25519" | "ecdsa" | "rsa" = "ed25519") =>
  type === "rsa"
    ? ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 })
    : type === "ecdsa"
      ? ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 })
      : ssh2.utils.generateKeyPairSync("ed25519");

export const publicKeyOf = (privateKey: string): HostKey => {
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  return hostKeyOf(parsed.getPublicSSH())!;
};

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
  const ssh = new ssh2.Server({ hostKeys: [...(options.hostKeys ?? [hostKey])] }, (client) => {
    client.on("error", () => undefined);
    client.on("authentication", options.login ?? rightPassword);
    client.on("session", (accept) => {
      const session = accept();
      session.on("exec", (acceptExec, _reject, { command }) => {
        commands.push(command);
        if (options.onExec) options.onExec(command, client, session);
        else run(command, acceptExec(), options.path);
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
  return { port, commands, sockets, close };
}

function run(command: string, channel: ssh2.ServerChannel, path = process.env.PATH ?? ""): void {
  const child = spawn("/bin/sh", ["-c", command], { env: { ...process.env, PATH: path } });
  child.stdin.on("error", () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on("close", (code, signal) => {
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
  connectTimeout: 5,
  ...more,
});
