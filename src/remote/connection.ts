import pLimit from "p-limit";
import type { Connection } from "../core/connection.ts";
import { ask } from "./ask.ts";
import type { Transport } from "./channel.ts";
import { runCommand } from "./command.ts";
import { Kills } from "./kills.ts";
import { PasswordTrials } from "./password_trials.ts";
import { SharedContents } from "./shared_contents.ts";
import { ShellPool } from "./shell_pool.ts";

/** OpenSSH allows ten sessions (MaxSessions): two shells may be at rest, and what has just ended or is being ended still counts for a while. */
const mostAtOnce = 6;

/** What connections may have in common: the contents under upload, and with others to the same host the passwords it was given. */
export interface Shared {
  readonly contents?: SharedContents;
  readonly passwords?: PasswordTrials;
}

/** Commands and batches over whatever carries them. */
export function createConnection(
  transport: Transport,
  { contents = new SharedContents(), passwords = new PasswordTrials() }: Shared = {},
): Connection {
  const limit = pLimit(mostAtOnce);
  let execs = 0;
  const count = () => {
    execs += 1;
  };
  const kills = new Kills();
  const access = { transport, passwords, kills };
  const shells = new ShellPool(access, count);
  return {
    exec: (command, options) =>
      limit(() => {
        count();
        return runCommand(access, command, options);
      }),
    ask: (batch, options) => limit(() => ask({ place: transport.place, shells, contents }, batch, options)),
    get execs() {
      return execs;
    },
    async close() {
      shells.close();
      await kills.settled();
      await transport.close();
    },
  };
}
