import { quote } from "./shell.ts";

/** What a session runs that can be sent no signal: tells on stderr which process group it is, and its last word is the exit code. */
const inGroup = 'read -r _ _ _ _ group _ </proc/$$/stat; echo "$0 $group" >&2; eval "$1"; exit $?';

/** A command line that tells its process group behind the given word, for any login shell. */
export const groupLine = (word: string, command: string): string => quote(["sh", "-c", inGroup, word, command]);

/** A command line that sends TERM to a process group, for any login shell. */
export const killLine = (group: string): string => quote(["sh", "-c", 'kill -s TERM -- "-$0"', group]);

/** Takes the line with the process group out of stderr; what a login shell says before it is passed on. */
export class GroupWatch {
  #held: Buffer | undefined = Buffer.alloc(0);
  #tell: (group: string) => void = () => undefined;
  /** Resolves with the number of the process group, once its command starts. */
  readonly group = new Promise<string>((resolve) => {
    this.#tell = resolve;
  });

  constructor(
    private readonly word: string,
    private readonly onStderr: (chunk: Buffer) => void,
  ) {}

  push(chunk: Buffer): void {
    if (this.#held === undefined) this.onStderr(chunk);
    else this.#find(Buffer.concat([this.#held, chunk]));
  }

  /** Passes on what was held back for a line that never came. */
  end(): void {
    this.#pass(this.#held);
    this.#held = undefined;
  }

  #find(text: Buffer): void {
    this.#held = text;
    const [line, group] = new RegExp(`${this.word} (\\d+)\n`).exec(text.toString("latin1")) ?? [];
    if (line === undefined || group === undefined) return;
    const at = text.indexOf(line);
    this.#held = undefined;
    this.#pass(text.subarray(0, at));
    this.#pass(text.subarray(at + line.length));
    this.#tell(group);
  }

  #pass(chunk: Buffer | undefined): void {
    if (chunk !== undefined && chunk.length > 0) this.onStderr(chunk);
  }
}
