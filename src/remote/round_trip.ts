import type { Become } from "../core/connection.ts";
import { type Channel, type ChannelListener, lost, type Transport } from "./channel.ts";
import { type Deadline, withDeadline } from "./deadline.ts";
import { ElevationWatch, sendPassword } from "./elevation.ts";
import { createNonce } from "./nonce.ts";
import { commandLine, type Elevation, type Payload } from "./shell.ts";

/** One exec from its start to its end. */
export interface RoundTrip extends ChannelListener, Omit<Deadline, "what"> {
  readonly payload: Payload;
  readonly become?: Become | undefined;
  /** Sends what the command is to read, once it has its rights; stdin ends after it. */
  send?(channel: Channel): Promise<void>;
  /** Resolves when all was said, though the command may leave something running that keeps its output open. */
  readonly finished?: Promise<void>;
}

/** Runs one exec; resolves with its exit code, or with undefined when `finished` came first. Throws a ConnectError. */
export function makeRoundTrip(transport: Transport, trip: RoundTrip): Promise<number | undefined> {
  let channel: Channel | undefined;
  let isCancelled = false;
  const cancel = () => {
    isCancelled = true;
    channel?.kill();
  };
  const opened = (open: Channel) => {
    channel = open;
    if (isCancelled) open.kill();
  };
  return withDeadline(run(transport, trip, opened), { ...trip, what: transport.place }, cancel);
}

async function run(transport: Transport, trip: RoundTrip, opened: (channel: Channel) => void): Promise<number | undefined> {
  const elevation = elevationFor(trip.become, transport.user);
  const answer = (password: string) => channel.then((open) => sendPassword(open, password));
  const watch = elevation && new ElevationWatch(elevation, transport.place, answer, trip.stderr);
  const listener = watch ? { stdout: trip.stdout, stderr: (chunk: Buffer) => watch.push(chunk) } : trip;
  const channel = transport.open(commandLine(trip.payload, elevation), listener);
  const open = await channel;
  opened(open);
  void open.closed.then((code) => watch?.closed(code));
  const [code] = await Promise.all([settle(transport, trip, open), converse(trip, open, watch)]);
  return code;
}

/** Sends nothing before the rights are there, and nothing more once the command is over. */
async function converse(trip: RoundTrip, channel: Channel, watch: ElevationWatch | undefined): Promise<void> {
  await watch?.ready;
  await trip.send?.(channel);
  channel.end();
}

async function settle(transport: Transport, { finished }: RoundTrip, channel: Channel): Promise<number | undefined> {
  const closed = channel.closed.then((code) => {
    if (code === undefined) throw lost(transport.place);
    return code;
  });
  if (finished === undefined) return closed;
  const code = await Promise.race([closed, finished]);
  channel.release();
  return typeof code === "number" ? code : undefined;
}

function elevationFor(become: Become | undefined, user: string): Elevation | undefined {
  if (become === undefined || become.user === user) return undefined;
  return { become, prompt: createNonce(), ready: createNonce() };
}
