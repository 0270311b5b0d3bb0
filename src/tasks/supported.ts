import type { Host } from "../core/host.ts";
import { type Stop, stop } from "../core/task.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { distributionOf, unsupportedReason } from "../distributions/find.ts";

/** The host's distribution, or why kofleet can't work with it. */
export const supportedDistribution = (host: Host): Distribution | Stop =>
  distributionOf(host) ?? stop("failed", unsupportedReason(host) ?? `kofleet does not know ${host.distributionTitle}`);

/** Tells a refusal from a distribution. */
export const isStop = (found: Distribution | Stop): found is Stop => "verdict" in found;
