import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { messageOf } from "../core/error.ts";
import { LineSplitter } from "./lines.ts";
import { opensshEnvironment } from "./openssh_environment.ts";

/**
 * Runs ssh until it ends, or descriptor 3 does: when this process stops it, or is gone, however it went. Then its whole process group ends,
 * a ProxyCommand too. Arguments: the folder to remove at the end, then ssh's.
 */
const watchedSsh = `
ssh "$@" </dev/null 3<&- &
ssh=$!
{ read -r _ <&3; kill "$ssh"; sleep 1; rm -rf -- "$0"; kill -KILL 0; } &
wait "$ssh"
rm -rf -- "$0"
kill -KILL 0
`;

/** How much of stderr is kept to tell why ssh ended, in characters. */
const keptStderr = 8000;

/** What a master connection is started with. */
export interface MasterStart {
  /** Removed at its end. */
  readonly folder: string;
  /** Path of the control socket. */
  readonly socket: string;
  /** The arguments of ssh. */
  readonly words: readonly string[];
  /** The program that answers its questions. */
  readonly askpass?: string | undefined;
}

/** An ssh of its own process group that holds one connection; it ends with this process. */
export class OpensshMaster {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #socket: string;
  #said = "";

  constructor({ folder, socket, words, askpass }: MasterStart) {
    this.#socket = socket;
    this.#child = spawn("/bin/sh", ["-c", watchedSsh, folder, ...words], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      env: opensshEnvironment(askpass),
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", () => resolve());
    });
    this.#child.on("error", (error) => this.#hear(messageOf(error)));
    this.#child.stdio[3]?.on("error", () => undefined);
    this.#child.stderr?.on("data", (chunk: Buffer) => this.#hear(chunk.toString()));
  }

  /** Resolves once it has printed the line: true, or false where it ended before. */
  async isReady(line: string): Promise<boolean> {
    const ready = new Promise<boolean>((resolve) => {
      const lines = new LineSplitter((printed) => printed === line && resolve(true));
      this.#child.stdout?.on("data", (chunk: Buffer) => lines.push(chunk));
    });
    return Promise.race([ready, this.#ended.then(() => false)]);
  }

  /** What it wrote on stderr. */
  get said(): string {
    return this.#said;
  }

  /** Whether it takes sessions: it removes its socket before it lets go of those it has. */
  async isAlive(): Promise<boolean> {
    const probe = connect(this.#socket);
    const isOpen = await once(probe, "connect").then(
      () => true,
      () => false,
    );
    probe.destroy();
    return isOpen;
  }

  /** Ends it, within a second. */
  async stop(): Promise<void> {
    this.#child.stdio[3]?.destroy();
    await this.#ended;
  }

  #hear(text: string): void {
    this.#said = (this.#said + text).slice(-keptStderr);
  }
}
