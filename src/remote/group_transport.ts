import type { Channel, ChannelListener, Transport } from "./channel.ts";
import { Kills } from "./kills.ts";
import { createNonce } from "./nonce.ts";
import { GroupWatch, groupLine, killLine } from "./process_group.ts";

const silent: ChannelListener = { stdout: () => undefined, stderr: () => undefined };

/**
 * A transport whose commands are ended by a second command. For logins as root: their sshd has given up its monitor, and takes no signals
 * without one ("session signalling requires privilege separation").
 */
export function killedByGroup(transport: Transport): Transport {
  const kills = new Kills();
  return {
    user: transport.user,
    place: transport.place,
    async open(command, listener) {
      const word = createNonce();
      const watch = new GroupWatch(word, listener.stderr);
      const stderr = (chunk: Buffer) => watch.push(chunk);
      const channel = await transport.open(groupLine(word, command), { stdout: listener.stdout, stderr });
      const closed = channel.closed.finally(() => watch.end());
      return { ...channel, closed, kill: () => kills.add(killing(transport, { ...channel, closed }, watch)) };
    },
    async close() {
      await kills.settled();
      await transport.close();
    },
  };
}

/** Lets go of the command at once; a command that ends before it is known which group it is needs no signal. */
function killing(transport: Transport, { closed, release }: Channel, { group }: GroupWatch) {
  const known = Promise.race([group, closed.then(() => undefined)]);
  const ended = known.then(async (found) => {
    const session = found === undefined ? undefined : await transport.open(killLine(found), silent);
    release();
    await session?.closed;
  });
  return { ended, release };
}
