import type { Channel, ChannelListener, Transport } from "./channel.ts";
import type { Elevation } from "./elevation.ts";
import { ElevationWatch } from "./elevation_watch.ts";
import type { PasswordTrials } from "./password_trials.ts";
import { commandLine, type Payload } from "./shell.ts";

/** Where commands are started: a host's transport, and what became of the passwords it was given. */
export interface Access {
  readonly transport: Transport;
  readonly passwords: PasswordTrials;
}

/** A command that is being started, and what watches over the rights it needs. */
export interface Opening {
  readonly channel: Promise<Channel>;
  readonly watch: ElevationWatch | undefined;
}

/** Starts a command, with another user's rights where there is an elevation; its stderr begins once it has them. */
export function openWithRights(access: Access, payload: Payload, elevation: Elevation | undefined, listener: ChannelListener): Opening {
  return elevation === undefined
    ? { channel: access.transport.open(commandLine(payload), listener), watch: undefined }
    : openElevated(access, payload, elevation, listener);
}

function openElevated({ transport, passwords }: Access, payload: Payload, elevation: Elevation, listener: ChannelListener): Opening {
  const watch = new ElevationWatch(elevation, transport.place, listener.stderr);
  const watched = { stdout: listener.stdout, stderr: (chunk: Buffer) => watch.stderr(chunk) };
  const open = () => transport.open(elevation.commandLine(payload), watched);
  const hasPassword = elevation.become.password !== undefined;
  const channel = hasPassword ? passwords.admit(elevation.become, watch, open) : open();
  void watch.attach(channel);
  return { channel, watch };
}
