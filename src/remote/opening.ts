import type { Become } from "../core/connection.ts";
import type { Channel, ChannelListener, Transport } from "./channel.ts";
import { ElevationWatch } from "./elevation.ts";
import { createNonce } from "./nonce.ts";
import { commandLine, type Elevation, type Payload } from "./shell.ts";

/** A command that is being started, and what watches over the rights it needs. */
export interface Opening {
  readonly channel: Promise<Channel>;
  readonly watch: ElevationWatch | undefined;
}

/** Starts a command with another user's rights, or with one's own where that is the same; its stderr begins once it has them. */
export function openWithRights(transport: Transport, payload: Payload, become: Become | undefined, listener: ChannelListener): Opening {
  const elevation = elevationFor(become, transport.user);
  const watch = elevation && new ElevationWatch(elevation, transport.place, listener.stderr);
  const stderr = watch === undefined ? listener.stderr : (chunk: Buffer) => watch.stderr(chunk);
  const opening = transport.open(commandLine(payload, elevation), { stdout: listener.stdout, stderr });
  const channel = opening.then((open) => {
    watch?.attach(open);
    return open;
  });
  return { channel, watch };
}

function elevationFor(become: Become | undefined, user: string): Elevation | undefined {
  if (become === undefined || become.user === user) return undefined;
  return { become, prompt: createNonce(), ready: createNonce() };
}
