import { join } from "node:path";
import { ConnectError } from "../core/error.ts";
import { lastLines } from "../core/printable.ts";
import { type Channel, type ChannelListener, lost, type Transport } from "./channel.ts";
import { withDeadline } from "./deadline.ts";
import { Kills } from "./kills.ts";
import { createNonce } from "./nonce.ts";
import type { OpensshMaster } from "./openssh_master.ts";
import { type Session, startSession } from "./openssh_session.ts";
import { GroupWatch, groupLine, killLine } from "./process_group.ts";

/** A master connection that stands. */
export interface MasterConnection {
  readonly master: OpensshMaster;
  readonly folder: string;
  readonly socket: string;
  /** The user that commands run as. */
  readonly user: string;
  readonly address: string;
  /** Address and port, for messages. */
  readonly place: string;
  /** Seconds that a login shell may take to start a command. */
  readonly startTimeout: number;
}

/** Runs commands over a master connection, each in an ssh of its own. */
export class OpensshTransport implements Transport {
  readonly user: string;
  readonly place: string;
  readonly #connection: MasterConnection;
  readonly #kills = new Kills();
  #sessions = 0;

  constructor(connection: MasterConnection) {
    this.user = connection.user;
    this.place = connection.place;
    this.#connection = connection;
  }

  async open(command: string, listener: ChannelListener): Promise<Channel> {
    const word = createNonce();
    const watch = new GroupWatch(word, listener.stderr);
    const session = this.#start(groupLine(word, command), { stdout: listener.stdout, stderr: (chunk) => watch.push(chunk) });
    const closed = session.ended.then(({ code }) => {
      watch.end();
      return code;
    });
    const group = await this.#untilStarted(session, watch.group);
    return {
      write: session.write,
      kill: () => {
        if (group !== undefined) this.#kills.add(this.#start(killLine(group), silent));
        session.release();
      },
      release: session.release,
      closed,
    };
  }

  async close(): Promise<void> {
    await this.#kills.settled();
    await this.#connection.master.stop();
  }

  #start(command: string, listener: ChannelListener): Session {
    const { folder, socket, address, master } = this.#connection;
    this.#sessions += 1;
    const log = join(folder, `session-${this.#sessions}`);
    return startSession({ socket, log, address, command, isAlive: () => master.isAlive() }, listener);
  }

  /** The command's process group; undefined where it ended before it told. */
  async #untilStarted(session: Session, group: Promise<string>): Promise<string | undefined> {
    const timeout = this.#connection.startTimeout;
    const expired = () => new ConnectError("timeout", `${this.place}: its login shell starts no command within ${timeout} s`);
    const started = await withDeadline(Promise.race([group, session.ended]), { timeout, expired }, session.release);
    if (typeof started === "string") return started;
    if (started.code === undefined || !(await this.#connection.master.isAlive())) throw this.#refusal(started.said);
    return undefined;
  }

  #refusal(said: string): ConnectError {
    if (said === "") return lost(this.place);
    return new ConnectError("protocol", `${this.place} does not run a command: ssh says: ${lastLines(said, 3).replaceAll("\n", "; ")}`);
  }
}

const silent: ChannelListener = { stdout: () => undefined, stderr: () => undefined };
