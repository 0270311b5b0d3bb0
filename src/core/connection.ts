import type { Answer, Argv } from "./answer.ts";
import type { Secret } from "./secret.ts";
import type { Step } from "./step.ts";

/** How a host key that is not known yet is met. A changed key is refused under `strict` and `accept-new`. */
export type HostKeyPolicy = "strict" | "accept-new" | "off";

/** How another user's rights are got. */
export interface Become {
  readonly method: "sudo" | "doas" | "su";
  /** Whose rights: "root". */
  readonly user: string;
  readonly password?: Secret;
}

/** How a host is reached, as inventory, settings and command line say. What they leave out, OpenSSH's configuration says, and then the defaults. */
export interface Target {
  /** Its name in the inventory. */
  readonly name: string;
  /** "openssh" is the system's own ssh, for what the built-in client can't do. Never the one in place of the other. */
  readonly transport: "ssh" | "openssh" | "local";
  /** A name, an address, or an alias of OpenSSH's configuration. */
  readonly address: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: Secret;
  readonly privateKeyFile?: string;
  readonly privateKeyPassphrase?: Secret;
  /** Whether commands on the host may use the agent. */
  readonly forwardAgent?: boolean;
  /** Hosts to go through, the nearest first, each "user@host:port" as ProxyJump writes it; empty: none. */
  readonly jumps?: readonly string[];
  /** A command line whose standard input and output lead to the host's sshd, as ProxyCommand writes it. */
  readonly proxyCommand?: string;
  /** A file in place of OpenSSH's own configuration files; "none": neither. */
  readonly sshConfig?: string;
  readonly knownHostsFiles?: readonly string[];
  readonly hostKeyPolicy?: HostKeyPolicy;
  /** Seconds for TCP, key exchange and authentication together. */
  readonly connectTimeout: number;
  /** Seconds of silence until the host is asked whether it is there; 0 or absent: kofleet's own. */
  readonly aliveInterval?: number;
  /** How often it is asked without an answer before the connection counts as lost. */
  readonly aliveCountMax?: number;
}

/** One round trip: steps up to the first that fails, then questions, whatever the steps did. */
export interface Batch {
  readonly steps: readonly Step[];
  readonly questions: readonly Argv[];
}

/** What came of a step: not reached, its answer, and for a fetch the bytes. */
export type StepAnswer = Answer & { readonly bytes?: Uint8Array };

/** The answers of one round trip, in the order of the batch. Steps behind a failed one are absent. */
export interface BatchAnswers {
  readonly steps: readonly StepAnswer[];
  readonly answers: readonly Answer[];
}

/** How one round trip is made. */
export interface AskOptions {
  readonly become?: Become;
  /** Seconds for the whole round trip. */
  readonly timeout: number;
  /** Folder of detached jobs on the host: `/run/kofleet/RUN`. */
  readonly jobs: string;
  /** Folder for what steps save before they change it: `/var/lib/kofleet/RUN`. */
  readonly saved: string;
  /** The bytes of a write step. */
  contents(sha256: string): Promise<Uint8Array>;
  /** Each line as it comes, without its end: of the step at that index. */
  onLine?(step: number, line: string): void;
  /** A step begins: the index in `steps`. */
  onStep?(step: number): void;
  readonly signal?: AbortSignal;
}

/** How one plain command is run. */
export interface ExecOptions {
  readonly become?: Become;
  /** Seconds. */
  readonly timeout: number;
  onOutput?(stream: "stdout" | "stderr", chunk: Uint8Array): void;
  readonly signal?: AbortSignal;
}

/**
 * An open connection to one host. Every failure is a ConnectError with its reason, but a StepError or FactError where a step or question sends too much; a
 * command's own failure is an Answer.
 */
export interface Connection {
  /** Runs one command, nothing around it: one exec. */
  exec(command: Argv, options: ExecOptions): Promise<Answer>;
  /** Steps and questions in one exec. */
  ask(batch: Batch, options: AskOptions): Promise<BatchAnswers>;
  /** How many execs this connection has made: what benchmarks count. */
  readonly execs: number;
  close(): Promise<void>;
}

/** Opens connections. */
export type Connect = (target: Target, signal?: AbortSignal) => Promise<Connection>;
