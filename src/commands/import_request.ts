import type { ImportedOrigin } from "../core/artifact.ts";
import { digestOf } from "../store/digest.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console } from "./console.ts";

/** The options of `artifacts import`. */
export interface ImportOptions extends CommonOptions {
  /** What vendors' packages don't say: "debian 12". */
  readonly distribution?: string;
  readonly kernelPackage?: string;
  /** A sha256, or "unknown". */
  readonly source?: string;
  readonly fromHost?: string;
  /** Of the module that is imported; packages may hold others too. */
  readonly manifest?: string;
  readonly force?: boolean;
}

/** Who imports which file, now. */
export const originOf = (from: string, bytes: Uint8Array, { user, now }: Console): ImportedOrigin => ({
  kind: "imported",
  by: user,
  from,
  file: digestOf(bytes).sha256,
  at: now().toISOString(),
});
