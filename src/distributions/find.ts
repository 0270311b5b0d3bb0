import type { Host } from "../core/host.ts";
import { debian } from "./debian.ts";
import type { Distribution } from "./distribution.ts";
import { redhat } from "./redhat.ts";

/** A version that is no number, as rolling releases have none, counts as too old. */
const isTooOld = (host: Host): boolean => !(Number.parseInt(host.distributionVersion, 10) >= 8);

/** What kofleet knows of a host's distribution; undefined where it does not support it, and `unsupportedReason` says why. */
export function distributionOf(host: Host): Distribution | undefined {
  switch (host.family) {
    case "debian":
      return debian;
    case "redhat":
      return isTooOld(host) ? undefined : redhat(host);
    case "suse":
    case "other":
      return undefined;
    default:
      return host.family satisfies never;
  }
}

/** Why kofleet cannot roll modules out to a host's distribution; undefined: it can. */
export function unsupportedReason(host: Host): string | undefined {
  const title = host.distributionTitle || host.distribution || "this host";
  switch (host.family) {
    case "debian":
      return undefined;
    case "redhat":
      return isTooOld(host) ? `${title}: of the Red Hat family, 8 and later are supported` : undefined;
    case "suse":
      return `${title}: the SUSE family is not supported yet`;
    case "other":
      return `${title}: kofleet knows the Debian and Red Hat families only`;
    default:
      return host.family satisfies never;
  }
}
