import type { LocalUser } from "../remote/endpoint.ts";
import type { Console } from "./console.ts";

/** Who connections start from, as the environment says. */
export function localUser({ user: name, home, environment: { SSH_AUTH_SOCK: agent } }: Console): LocalUser {
  return { name, home, ...(agent && { agent }) };
}
