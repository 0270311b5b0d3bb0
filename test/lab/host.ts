import type { Output } from "./run.ts";
import { type Login, ssh } from "./ssh.ts";

export type User = "root" | "deploy" | "admin";

/** What the inventory says of a host of the lab. */
export interface HostRecord {
  readonly name: string;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly builder: boolean | "only";
}

/** Where a lab keeps what its hosts share. */
export interface Place {
  readonly folder: string;
  readonly key: string;
  readonly knownHosts: string;
}

/** Whatever of the lab answers to ssh. */
export class Host<Record extends HostRecord = HostRecord> {
  constructor(
    readonly record: Record,
    protected readonly place: Place,
  ) {}

  get name(): string {
    return this.record.name;
  }

  get port(): number {
    return this.record.port;
  }

  login(user: User = "root"): Login {
    return { port: this.port, user, key: this.place.key, knownHosts: this.place.knownHosts };
  }

  /** Runs a command line as `user`, for the test's own checks; `code` is 255 where there is no connection. */
  ssh(line: string, { user = "root", input = "" }: { user?: User; input?: string } = {}): Promise<Output> {
    return ssh(this.login(user), line, input);
  }

  /** The command's stdout without the last line end; throws unless it exits 0. */
  async read(line: string): Promise<string> {
    const { code, stdout, stderr } = await this.ssh(line);
    if (code !== 0) throw new Error(`${this.name}: ${line} ended with ${code}: ${stderr.trim()}`);
    return stdout.trimEnd();
  }
}
