import { ConnectError, type ConnectReason } from "../core/error.ts";
import { lastLines } from "../core/printable.ts";

/**
 * What OpenSSH's client says when it can't connect (9.2, in no language), and what can be done about it. The first row that matches counts:
 * behind a jump host or a ProxyCommand the cause is followed by "kex_exchange_identification" and "UNKNOWN port 65535".
 */
const failures: readonly (readonly [reason: ConnectReason, said: RegExp, todo: string])[] = [
  ["protocol", /ssh: (command )?not found/, "install OpenSSH's client here, or connect without `transport: openssh`"],
  ["protocol", /ssh_askpass: exec/, "no program can run in the folder for temporary files (noexec): set TMPDIR to one where they can"],
  ["protocol", /configuration option|user config file|Bad owner or permissions/, "correct OpenSSH's configuration"],
  ["dns", /Could not resolve hostname/, "check the address in the inventory, and those of its jump hosts"],
  ["host-key", /Host key verification failed/, "compare its key with its administrator, then run `kofleet trust` for it"],
  ["auth", /Permission denied \(|Too many authentication failures/, "check user, key, certificate and password"],
  ["refused", /Connection refused|No route to host|Network is unreachable/, "check address and port, and whether sshd runs"],
  ["timeout", /timed out/, "check whether the host is up, and what is between"],
  ["protocol", /Unable to negotiate/, "allow what it offers in OpenSSH's configuration"],
  ["protocol", /invalid format|protocol version|ssh_dispatch_run_fatal/, "is it an SSH server?"],
  ["protocol", /^(?!kex_exchange_identification).*UNKNOWN port 65535/s, "check its ProxyCommand or jump host"],
  ["lost", /kex_exchange_identification/, "it may have too many connections (MaxStartups), or ban this address"],
  ["protocol", /(closed|reset) by|Received disconnect/, "it hung up during the login: its log tells why (a locked user, a full disk)"],
];

/** Lines that tell nothing of a failure: warnings, and the frames around them. */
const noise = /^(Warning: |@)/;

/** The error for an ssh that ended before it was connected, by what it wrote on stderr. */
export function opensshFailure(place: string, stderr: string): ConnectError {
  const said = stderr
    .split(/\r?\n/)
    .filter((line) => !noise.test(line))
    .join("\n");
  const [reason, , todo] = failures.find(([, pattern]) => pattern.test(said)) ?? (["protocol", /./, "try ssh by hand"] as const);
  const words = lastLines(said, 4).replaceAll("\n", "; ") || "it said nothing";
  return new ConnectError(reason, `cannot reach ${place}: ssh says: ${words}: ${todo}`);
}
