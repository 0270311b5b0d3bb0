import type { Fact } from "../core/fact.ts";
import type { Host } from "../core/host.ts";

/** What is known of a host before any task asks; the inventory adds its name. */
export declare const hostProfile: Fact<Omit<Host, "name">>;
