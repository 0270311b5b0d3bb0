import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { KofleetError, messageOf } from "../core/error.ts";

/** What ssh-keygen did. */
export interface KeygenAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Seconds: an agent may have to ask for a touch. */
const deadline = 60;

/**
 * Runs the system's ssh-keygen. It is given no terminal, so that it never waits for a passphrase: keys that have one belong into an agent.
 * Throws a KofleetError where it is not installed, or does not end.
 */
export async function sshKeygen(args: readonly string[], input: string, { PATH, HOME, SSH_AUTH_SOCK }: Environment): Promise<KeygenAnswer> {
  const child = spawn("ssh-keygen", args, {
    detached: true,
    env: { PATH, HOME, SSH_AUTH_SOCK, LC_ALL: "C", SSH_ASKPASS_REQUIRE: "never" },
    timeout: deadline * 1000,
    killSignal: "SIGKILL",
  });
  const code = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  child.stdin.on("error", () => undefined).end(input);
  const [stdout, stderr, ended] = await Promise.all([text(child.stdout), text(child.stderr), code.catch(missing)]);
  if (ended === null) throw new KofleetError(`ssh-keygen did not end within ${deadline} seconds: is the agent waiting for somebody?`);
  return { code: ended, stdout, stderr };
}

function missing(cause: unknown): never {
  throw new KofleetError(
    `ssh-keygen can't be run, and without it no signature can be made or checked: install openssh-client (${messageOf(cause)})`,
    { cause },
  );
}
