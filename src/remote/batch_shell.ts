import type { Become } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import { lastLines } from "../core/printable.ts";
import { shellScript } from "./batch_script.ts";
import { type Channel, type ChannelListener, lost, upload } from "./channel.ts";
import { elevationFor } from "./elevation.ts";
import { createNonce } from "./nonce.ts";
import { type Access, type Opening, openWithRights } from "./opening.ts";
import { framedScript } from "./shell.ts";

/** How much of stderr is kept to tell why a shell ended, in characters. */
const keptStderr = 1000;

/**
 * A shell on the host that runs one batch after the other: a session, a login shell and sudo cost more than a small step.
 * Where it ends before its batch does, `run` throws a ConnectError.
 */
export class BatchShell {
  readonly #place: string;
  /** Unlike a batch's nonce it is never printed. */
  readonly #token = createNonce();
  readonly #opening: Opening;
  readonly #started: Promise<Channel>;
  readonly #ended: Promise<never>;
  #listener: ChannelListener | undefined;
  #said = "";
  isOpen = true;

  constructor(access: Access, become: Become | undefined) {
    this.#place = access.transport.place;
    this.#opening = openWithRights(access, "script", elevationFor(become, access.transport.user), {
      stdout: (chunk) => this.#listener?.stdout(chunk),
      stderr: (chunk) => this.#hear(chunk),
    });
    this.#started = this.#start();
    this.#ended = Promise.race([this.#untilRefused(), this.#untilClosed()]);
    for (const promise of [this.#started, this.#ended]) promise.catch(() => undefined);
    const close = () => {
      this.isOpen = false;
    };
    this.#ended.catch(close);
  }

  /** Runs a batch: its line, then the contents that its steps take from stdin. Ends with `finished`, which the streams tell. */
  async run(line: Buffer, contents: Iterable<Uint8Array>, listener: ChannelListener, finished: Promise<unknown>): Promise<void> {
    this.#listener = listener;
    this.#send(line, contents).catch(() => undefined);
    await Promise.race([finished, this.#ended]).finally(() => {
      this.#listener = undefined;
    });
  }

  /** The error for a deadline that passed before the rights were there. */
  unanswered(): ConnectError | undefined {
    return this.#opening.watch?.unanswered();
  }

  /** Ends the shell with what it runs. */
  kill(): void {
    this.#close((channel) => channel.kill());
  }

  /** Lets the shell end without harm to what it left running. */
  release(): void {
    this.#close((channel) => channel.release());
  }

  #close(how: (channel: Channel) => void): void {
    this.isOpen = false;
    this.#opening.channel.then(how).catch(() => undefined);
  }

  #hear(chunk: Buffer): void {
    this.#said = (this.#said + chunk.toString()).slice(-keptStderr);
    this.#listener?.stderr(chunk);
  }

  /** Where a password may be asked for, nothing is sent before the rights are there. */
  async #start(): Promise<Channel> {
    const { channel, watch } = this.#opening;
    const open = await channel;
    if (watch?.mayAsk) await watch.ready;
    await open.write(framedScript(shellScript(this.#token)));
    return open;
  }

  async #send(line: Buffer, contents: Iterable<Uint8Array>): Promise<void> {
    const channel = await this.#started;
    await channel.write(Buffer.concat([Buffer.from(`${this.#token} `), line]));
    for (const bytes of contents) await upload(channel, bytes);
  }

  #untilRefused(): Promise<never> {
    return new Promise((_, reject) => this.#opening.watch?.ready.catch(reject));
  }

  async #untilClosed(): Promise<never> {
    const channel = await this.#opening.channel;
    const code = await channel.closed;
    await this.#opening.watch?.ready;
    if (code === undefined) throw lost(this.#place);
    const said = lastLines(this.#said, 3).replaceAll("\n", "; ") || "it said nothing";
    throw new ConnectError("protocol", `${this.#place}: its shell broke off with exit code ${code}: ${said}`);
  }
}
