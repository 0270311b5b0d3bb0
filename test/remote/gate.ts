import { connect } from "node:net";
import type { ServerChannel, Connection as ServerConnection } from "ssh2";
import { type ServerOptions, startServer, type TestServer } from "./ssh_server.ts";

export interface GateOptions extends ServerOptions {
  /** Milliseconds that a way takes to open. */
  readonly delay?: number;
}

export interface Gate extends TestServer {
  /** Places that were asked for. */
  readonly forwarded: readonly string[];
  /** How many ways were opening beside each other. */
  readonly mostStarting: number;
}

/** An SSH server on loopback that is the way to others. */
export async function startGate(options: GateOptions = {}): Promise<Gate> {
  const forwarded: string[] = [];
  const counts = { starting: 0, most: 0 };
  const onClient = (client: ServerConnection) =>
    client.on("tcpip", (accept, reject, { destIP, destPort }) => {
      forwarded.push(`${destIP}:${destPort}`);
      counts.starting += 1;
      counts.most = Math.max(counts.most, counts.starting);
      const socket = connect(destPort, destIP);
      socket.once("error", () => reject());
      socket.once("connect", () =>
        setTimeout(() => {
          counts.starting -= 1;
          const channel: ServerChannel | undefined = accept();
          if (channel === undefined) return void socket.destroy();
          channel
            .on("error", () => undefined)
            .pipe(socket.on("error", () => undefined))
            .pipe(channel);
        }, options.delay ?? 0).unref(),
      );
    });
  const server = await startServer({ ...options, onClient });
  return {
    ...server,
    forwarded,
    get mostStarting() {
      return counts.most;
    },
    get mostAtOnce() {
      return server.mostAtOnce;
    },
  };
}
