import satisfies from "semver/functions/satisfies.js";
import validRange from "semver/ranges/valid.js";
import { ConfigError, FactError } from "../core/error.ts";
import type { Family } from "../core/host.ts";
import { compareDebianVersions } from "./debian_version.ts";
import { compareRpmVersions } from "./rpm_version.ts";

/** A kernel release, as `uname -r` prints it. */
export interface KernelRelease {
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  /** 0 where the release has none. */
  readonly patch: number;
  /** "generic", "cloud-amd64", "default", "debug"; absent where the name has none. */
  readonly flavour?: string;
}

// The kernel keeps releases within 64 bytes.
const form = /^(?=.{3,64}$)(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:[-+._~][\w.+~-]*)?$/;
const architecture = /\.(?:x86_64|aarch64|ppc64le|s390x)(?:\+(\S+))?$/;
const trailing = /-(?!rc\d)([A-Za-z][A-Za-z0-9]*(?:-\w+)*)$/;

/** Reads a kernel release; throws a FactError for what is none. */
export function parseRelease(text: string): KernelRelease {
  const numbers = form.exec(text);
  if (numbers === null) throw new FactError(`"${text}" is not a kernel release: expected one like 6.8.0-62-generic, as uname -r prints it`);
  const rpm = architecture.exec(text);
  const flavour = rpm === null ? trailing.exec(text)?.[1] : rpm[1];
  return {
    text,
    major: Number(numbers[1]),
    minor: Number(numbers[2]),
    patch: Number(numbers[3] ?? 0),
    ...(flavour !== undefined && { flavour }),
  };
}

/** Orders two kernel releases by the rules of the family's package manager: -62 before -153, 553.el8 before 553.5.1.el8. Negative, zero or positive. */
export const compareReleases = (a: string, b: string, family: Family): number =>
  family === "debian" || family === "other" ? compareDebianVersions(a, b) : compareRpmVersions(a, b);

/** Whether a kernel release lies in a range of kernel versions, such as ">=5.15 <=6.8". The build number and the flavour do not count: 6.8.0-62-generic satisfies <=6.8. */
export function satisfiesKernel(release: string, range: string): boolean {
  const { major, minor, patch } = parseRelease(release);
  if (range.trim() === "" || /\d-/.test(range) || validRange(range) === null) {
    throw new ConfigError(`"${range}" is not a range of kernel versions: write for example ">=5.15 <=6.8"`);
  }
  return satisfies(`${major}.${minor}.${patch}`, range);
}
