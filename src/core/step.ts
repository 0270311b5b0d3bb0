import type { Argv } from "./answer.ts";
import type { Provenance } from "./artifact.ts";
import type { Fact } from "./fact.ts";
import type { Input } from "./input.ts";
import type { EvidenceOrigin } from "./kernel_evidence.ts";

/** In check mode: a value that only the host could tell, after a step that was not applied. */
export const unknown: unique symbol = Symbol("unknown");

/** What a step does to a fact of its host, or to an input of the whole run, so that check mode can go on with it. */
export interface Change {
  readonly of: "fact" | "input";
  readonly name: string;
  to(before: unknown): unknown;
}

/** States what a step does to a fact; `unknown` where only the host can tell. */
export const change = <T>(fact: Fact<T>, to: (before: T) => T | typeof unknown): Change => ({
  of: "fact",
  name: fact.name,
  to: (before) => to(before as T),
});

/** States what a step does to an input, for every host that reads it from then on. */
export const changeInput = <T>(input: Input<T>, to: (before: T) => T | typeof unknown): Change => ({
  of: "input",
  name: input.name,
  to: (before) => to(before as T),
});

/** How a step is taken back: an inverse command, paths saved before it, or not at all. Data, because a host must be able to do it without kofleet. */
export type Undo = { readonly run: Argv } | { readonly restore: readonly string[] } | "irreversible";

interface Effect {
  /** For people: what the step does, in the infinitive ("install dkms"). Without it a step is shown as its command or path. */
  readonly title?: string;
  /** Absent: the step may change anything on its host, and check mode knows nothing of that host afterwards. */
  readonly changes?: readonly Change[];
  /** Absent: irreversible. */
  readonly undo?: Undo;
  /** Survives its connection: own session, log and exit-code file on the host, followed and re-attached. */
  readonly detached?: true;
  /** Names what is done once for all hosts: who plans a step of the same name waits, and looks again at what the one before it left to do. */
  readonly turn?: string;
  /** Seconds until it is given up, on the control machine's clock; the runner has a default. */
  readonly timeout?: number;
}

/** Runs a program; `codes` are the exit codes that mean success (default: 0). */
export interface RunStep extends Effect {
  readonly kind: "run";
  readonly argv: Argv;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly codes?: readonly number[];
}

/** Runs a constant POSIX sh script; values reach it as positional arguments only. */
export interface ScriptStep extends Effect {
  readonly kind: "script";
  readonly script: string;
  readonly args: readonly string[];
}

/** Puts contents known by their sha256 at a path: written beside it, checked, synced, renamed. `mode` is octal permission bits, 0o644. */
export interface WriteStep extends Effect {
  readonly kind: "write";
  readonly path: string;
  readonly sha256: string;
  /** Its contents are shown to nobody. */
  readonly isSecret?: true;
  readonly mode: number;
  readonly owner?: string;
  readonly group?: string;
}

/** What becomes of the bytes that a fetch brings. */
export type Destination =
  /** A module, compressed or not, goes into the artifact store, with its build's log; refused where it is not the provenance's. */
  | { readonly kind: "artifact"; readonly provenance: Provenance }
  /** A module, compressed or not, is looked into for the rest of the run, and kept nowhere. */
  | { readonly kind: "examination" }
  /** What tells of a kernel goes to the evidence; gzip-compressed. */
  | { readonly kind: "evidence"; readonly origin: EvidenceOrigin };

/** Brings a file of the host here. */
export interface FetchStep extends Effect {
  readonly kind: "fetch";
  readonly path: string;
  /** Bytes: a host that sends more is cut off, and the step fails. */
  readonly limit: number;
  /** What prints the bytes; absent: they are the file's. */
  readonly read?: Argv;
  /** Absent: whoever asked takes the bytes from the answer. */
  readonly into?: Destination;
  /** Where the host keeps the log of the build, to be stored beside the artifact. */
  readonly log?: string;
}

/** Removes a file, or a folder with all that is in it. */
export interface RemoveStep extends Effect {
  readonly kind: "remove";
  readonly path: string;
}

/** Restarts the host; done only on a new connection, with another boot id than `from` and the kernel release `expect`. */
export interface RebootStep extends Effect {
  readonly kind: "reboot";
  readonly from: string;
  readonly expect: string;
}

/** What a plan asks the runner to do: plain data, handled completely by whoever handles it. */
export type Step = RunStep | ScriptStep | WriteStep | FetchStep | RemoveStep | RebootStep;

/** One line for people: what the step does. */
export function describeStep(step: Step): string {
  if (step.title !== undefined) return step.title;
  switch (step.kind) {
    case "run":
      return step.argv.join(" ");
    case "script":
      return `run a script (${step.args.join(" ")})`;
    case "write":
      return `write ${step.path}`;
    case "fetch":
      return `fetch ${step.path}`;
    case "remove":
      return `remove ${step.path}`;
    case "reboot":
      return `reboot into ${step.expect}`;
    default:
      return step satisfies never;
  }
}
