import { ConnectError } from "../core/error.ts";

/** Where the output of a running command goes, chunk by chunk. */
export interface ChannelListener {
  stdout(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
}

/** One running command. Its stdin stays open until it ends: ssh2 sends no signal behind an end of file. */
export interface Channel {
  /** Resolves once more may be written, or the command takes no more; never rejects. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the command with all its children: TERM to its process group. */
  kill(): void;
  /** Lets go of the command without harming what it left running. */
  release(): void;
  /** Once all output was delivered: the exit code, 128 + N for signal N; undefined where the connection went away first. */
  readonly closed: Promise<number | undefined>;
}

/** A way to run commands on one host. */
export interface Transport {
  /** The user that commands run as. */
  readonly user: string;
  /** Address and port, for messages. */
  readonly place: string;
  /** Hands a command line to the user's login shell. */
  open(command: string, listener: ChannelListener): Promise<Channel>;
  close(): Promise<void>;
}

/** Bytes of one write, one packet of SSH: encrypted copies of more would lie about in memory, a hundred hosts at a time. */
const sliceBytes = 32 * 1024;

/** Writes shared bytes in slices, each only when the one before was taken. */
export async function upload(channel: Channel, bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.length; from += sliceBytes) await channel.write(bytes.subarray(from, from + sliceBytes));
}

/** The connection went away under a command. */
export const lost = (place: string): ConnectError => new ConnectError("lost", `${place}: the connection was lost while a command ran`);
