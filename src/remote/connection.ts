import pLimit from "p-limit";
import type { Connection } from "../core/connection.ts";
import { ask } from "./ask.ts";
import type { Transport } from "./channel.ts";
import { runCommand } from "./command.ts";
import { SharedContents } from "./shared_contents.ts";
import { ShellPool } from "./shell_pool.ts";

/** OpenSSH's MaxSessions is 10, and two shells may be at rest. */
const mostAtOnce = 8;

/** Commands and batches over whatever carries them. */
export function createConnection(transport: Transport, contents = new SharedContents()): Connection {
  const limit = pLimit(mostAtOnce);
  let execs = 0;
  const count = () => {
    execs += 1;
  };
  const shells = new ShellPool(transport, count);
  return {
    exec: (command, options) =>
      limit(() => {
        count();
        return runCommand(transport, command, options);
      }),
    ask: (batch, options) => limit(() => ask({ place: transport.place, shells, contents }, batch, options)),
    get execs() {
      return execs;
    },
    close() {
      shells.close();
      return transport.close();
    },
  };
}
