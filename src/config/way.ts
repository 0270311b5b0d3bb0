import type { Target } from "../core/connection.ts";
import { ConfigError } from "../core/error.ts";
import type { ConnectionSource } from "./connection_values.ts";
import type { Settings } from "./settings.ts";
import type { SshArguments } from "./ssh_arguments.ts";

type Way = Pick<Target, "jumps" | "proxyCommand">;

/** What lies between here and a host: as its variables say, and else as the settings do; "none" is nothing. Throws a ConfigError where it is two things. */
export function wayFrom(name: string, values: ConnectionSource, fromArguments: SshArguments, settings: Settings): Way {
  const own = {
    jumps: values.texts("jumps") ?? fromArguments.jumps,
    proxyCommand: values.text("proxyCommand") ?? fromArguments.proxyCommand,
  };
  const { jumps, proxyCommand } = own.jumps === undefined && own.proxyCommand === undefined ? settings : own;
  const hops = jumps
    ?.flatMap((hop) => hop.split(","))
    .map((hop) => hop.trim())
    .filter((hop) => hop !== "none");
  if (hops && hops.length > 0 && proxyCommand !== undefined && proxyCommand !== "none")
    throw new ConfigError(`${name} has both jump_host and proxy_command: set one of them to none`);
  return { ...(hops && { jumps: hops }), ...(proxyCommand !== undefined && { proxyCommand }) };
}
