import type { Become } from "../core/connection.ts";
import type { Channel, ChannelListener, Transport } from "./channel.ts";
import { type Elevation, elevationFor } from "./elevation.ts";
import { ElevationWatch } from "./elevation_watch.ts";
import type { Kills } from "./kills.ts";
import type { PasswordTrials } from "./password_trials.ts";
import { commandLine, framedScript, type Payload } from "./shell.ts";

/** Where commands are started: a host's transport, what became of the passwords it was given, and the kills that are under way. */
export interface Access {
  readonly transport: Transport;
  readonly passwords: PasswordTrials;
  readonly kills: Kills;
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

function openElevated(access: Access, payload: Payload, elevation: Elevation, listener: ChannelListener): Opening {
  const { transport, passwords } = access;
  const watch = new ElevationWatch(elevation, transport.place, listener.stderr);
  const watched = { stdout: listener.stdout, stderr: (chunk: Buffer) => watch.stderr(chunk) };
  const open = () => transport.open(elevation.commandLine(payload), watched);
  const hasPassword = elevation.become.password !== undefined;
  const opening = hasPassword ? passwords.admit(elevation.become, watch, open) : open();
  const channel = opening.then((own) => ({ ...own, kill: () => kill(access, own, elevation, watch) }));
  void watch.attach(channel);
  return { channel, watch };
}

/** A signal of one's own reaches nothing that has another user's rights, nor anything on a terminal of its own: those rights must end it. */
function kill(access: Access, channel: Channel, { become }: Elevation, { group }: ElevationWatch): void {
  if (group === undefined) channel.kill();
  else access.kills.add({ ended: endGroup(access, become, group).finally(channel.release), release: channel.release });
}

async function endGroup(access: Access, become: Become, group: string): Promise<void> {
  const { channel, watch } = openWithRights(access, "script", elevationFor(become, access.transport.user), silent);
  const open = await channel;
  await watch?.ready;
  await open.write(framedScript(`kill -s TERM -- -${group}`));
  await open.closed;
}

const silent: ChannelListener = { stdout: () => undefined, stderr: () => undefined };
