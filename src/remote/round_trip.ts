import type { Become } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import { type Channel, type ChannelListener, lost, type Transport } from "./channel.ts";
import { type Deadline, withDeadline } from "./deadline.ts";
import { ElevationWatch } from "./elevation.ts";
import { createNonce } from "./nonce.ts";
import { commandLine, type Elevation, type Payload } from "./shell.ts";

/** One exec from its start to its end. */
export interface RoundTrip extends ChannelListener, Omit<Deadline, "expired"> {
  readonly payload: Payload;
  readonly become?: Become | undefined;
  /** Sends what the command is to read. */
  send?(channel: Channel): Promise<void>;
  /** Resolves when all was said, though the command may leave something running that keeps its output open. */
  readonly finished?: Promise<void>;
}

/** Runs one exec; resolves with its exit code, or with undefined where `finished` came first. Throws a ConnectError. */
export async function makeRoundTrip(transport: Transport, trip: RoundTrip): Promise<number | undefined> {
  const elevation = elevationFor(trip.become, transport.user);
  const watch = elevation && new ElevationWatch(elevation, transport.place, trip.stderr);
  const stderr = (chunk: Buffer) => (watch ?? trip).stderr(chunk);
  const opening = transport.open(commandLine(trip.payload, elevation), { stdout: trip.stdout, stderr });
  const expired = () => watch?.unanswered() ?? tooLong(transport.place, trip.timeout);
  const cancel = () => void opening.then((channel) => channel.kill()).catch(() => undefined);
  return withDeadline(run(transport, trip, opening, watch), { ...trip, expired }, cancel);
}

async function run(transport: Transport, trip: RoundTrip, opening: Promise<Channel>, watch?: ElevationWatch): Promise<number | undefined> {
  const channel = await opening;
  watch?.attach(channel);
  const [code] = await Promise.all([settle(transport, trip, channel), converse(trip, channel, watch)]);
  return code;
}

/** A password may be asked for: then nothing else is sent before the rights are there. */
async function converse(trip: RoundTrip, channel: Channel, watch?: ElevationWatch): Promise<void> {
  if (watch?.mayAsk) await watch.ready;
  await trip.send?.(channel);
  await watch?.ready;
}

async function settle(transport: Transport, { finished }: RoundTrip, channel: Channel): Promise<number | undefined> {
  const closed = channel.closed.then((code) => code ?? gone(transport.place));
  const code = await (finished === undefined ? closed : Promise.race([closed, finished]));
  if (typeof code === "number") return code;
  channel.release();
  return undefined;
}

function elevationFor(become: Become | undefined, user: string): Elevation | undefined {
  if (become === undefined || become.user === user) return undefined;
  return { become, prompt: createNonce(), ready: createNonce() };
}

function gone(place: string): never {
  throw lost(place);
}

const tooLong = (place: string, timeout: number): ConnectError =>
  new ConnectError("timeout", `${place}: a command did not end within ${timeout} s, and was told to`);
