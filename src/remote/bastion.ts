import { addAbortSignal, type Duplex } from "node:stream";
import pLimit from "p-limit";
import type { ClientChannel } from "ssh2";
import { ConnectError } from "../core/error.ts";
import { type Address, placeOf } from "./address.ts";
import { forwardError } from "./forward_error.ts";
import type { SshSession } from "./ssh_handshake.ts";
import { tunnelOf } from "./tunnel.ts";

/** Sessions that start through one bastion at a time: its sshd looks names up one after the other. */
const mostStarts = 16;
/** Milliseconds that the connection is kept for the next host. */
const keptIdle = 1000;

/** A host that others are reached through: one connection for all of them, for as long as somebody uses it. */
export class Bastion {
  /** The queue of the sessions that start through it. */
  readonly starts = pLimit(mostStarts);
  #session: Promise<SshSession> | undefined;
  #users = 0;

  constructor(
    private readonly name: string,
    private readonly logIn: () => Promise<SshSession>,
  ) {}

  /** Waits until there is a connection. Throws the ConnectError of its login. */
  readonly ready = async (): Promise<void> => {
    const leave = this.#enter();
    await this.#connected().finally(leave);
  };

  /** A stream to a place, as the bastion reaches it. Throws a ConnectError. */
  async connect(to: Required<Address>, signal: AbortSignal): Promise<Duplex> {
    const leave = this.#enter();
    try {
      const channel = await this.#forward(await this.#connected(), to, signal);
      const tunnel = tunnelOf({ from: channel, to: channel, hangUp: () => channel.destroy() });
      return addAbortSignal(signal, tunnel.once("close", leave));
    } catch (error) {
      leave();
      throw error;
    }
  }

  #connected(): Promise<SshSession> {
    if (this.#session !== undefined) return this.#session;
    const session = this.logIn();
    this.#session = session;
    const forget = () => {
      if (this.#session === session) this.#session = undefined;
    };
    session.then(
      ({ socket }) => socket.once("close", forget),
      (error) => isFinal(error) || forget(),
    );
    return session;
  }

  #forward({ client, socket }: SshSession, { address, port }: Required<Address>, signal: AbortSignal): Promise<ClientChannel> {
    const failed = (cause: Error) =>
      forwardError(`the jump host ${this.name} cannot reach ${placeOf(address, port)}`, saidBy(cause), cause);
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (!socket.writable || socket.readableEnded) throw failed(new Error("Not connected"));
      const abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      client.forwardOut("127.0.0.1", 0, address, port, (error, channel) => {
        signal.removeEventListener("abort", abort);
        if (error) reject(failed(error));
        else if (signal.aborted) channel.destroy();
        else resolve(channel);
      });
    });
  }

  #enter(): () => void {
    this.#users += 1;
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      this.#users -= 1;
      if (this.#users === 0) setTimeout(() => this.#closeIfIdle(), keptIdle);
    };
  }

  #closeIfIdle(): void {
    const session = this.#session;
    if (this.#users > 0 || session === undefined) return;
    session.then(
      ({ client }) => {
        if (this.#users > 0) return;
        this.#session = undefined;
        client.end();
      },
      () => undefined,
    );
  }
}

/** sshd itself gives no words with a prohibition, only its code, 1 (RFC 4254 section 5.1). */
const saidBy = (error: Error): string => ("reason" in error && error.reason === 1 ? "prohibited" : error.message);

/** It would be the same for each host behind the bastion, and too many refusals lock people out. */
const isFinal = (error: unknown): boolean => error instanceof ConnectError && (error.reason === "auth" || error.reason === "host-key");
