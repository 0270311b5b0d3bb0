import type { Become } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import { lastLines } from "../core/printable.ts";
import { type Channel, lost } from "./channel.ts";
import type { Elevation } from "./shell.ts";

/**
 * Watches stderr until a command has another user's rights: answers the one prompt, takes a second for a wrong password,
 * and passes on only what comes after the ready mark. So a password is never read as a script, nor a script as a password.
 */
export class ElevationWatch {
  #seen = "";
  #isOpen = false;
  #prompts = 0;
  #channel: Channel | undefined;
  #open: () => void = () => undefined;
  #refuse: (error: ConnectError) => void = () => undefined;
  /** Resolves with the rights, rejects with a ConnectError of reason "sudo" or "lost". */
  readonly ready = new Promise<void>((resolve, reject) => {
    this.#open = resolve;
    this.#refuse = reject;
  });

  constructor(
    private readonly elevation: Elevation,
    private readonly place: string,
    private readonly onStderr: (chunk: Buffer) => void,
  ) {
    this.ready.catch(() => undefined);
  }

  /** Whether stdin may be read as a password. */
  get mayAsk(): boolean {
    return this.elevation.become.password !== undefined;
  }

  /** The channel to answer on; where it closes without the rights, that is the answer. */
  attach(channel: Channel): void {
    this.#channel = channel;
    void channel.closed.then((code) => this.#refuse(code === undefined ? lost(this.place) : this.#refusal()));
    this.#meetPrompt();
  }

  stderr(chunk: Buffer): void {
    if (this.#isOpen) this.onStderr(chunk);
    else this.#wait(chunk);
  }

  /** The error for a deadline that passed before there was an answer. */
  unanswered(): ConnectError | undefined {
    return this.#isOpen ? undefined : this.#refusal();
  }

  #wait(chunk: Buffer): void {
    this.#seen += chunk.toString("latin1");
    const mark = `${this.elevation.ready}\n`;
    const at = this.#seen.indexOf(mark);
    if (at === -1) this.#meetPrompt();
    else this.#start(Buffer.from(this.#seen.slice(at + mark.length), "latin1"));
  }

  #start(rest: Buffer): void {
    this.#isOpen = true;
    this.#open();
    if (rest.length > 0) this.onStderr(rest);
  }

  #meetPrompt(): void {
    const { become, prompt } = this.elevation;
    const prompts = this.#seen.split(prompt).length - 1;
    if (prompts === this.#prompts || this.#channel === undefined) return;
    this.#prompts = prompts;
    if (prompts === 1) void this.#channel.write(Buffer.from(`${become.password?.reveal()}\n`));
    else this.#refuse(new ConnectError("sudo", `${this.place}: sudo refused the password: check the become password (--ask-become-pass)`));
  }

  #refusal(): ConnectError {
    const said = Buffer.from(this.#seen.replaceAll(this.elevation.prompt, ""), "latin1").toString();
    return refusal(this.elevation.become, this.place, said);
  }
}

/** What sudo says, in its own words, and what can be done about it. */
const advice: readonly (readonly [said: RegExp, todo: string])[] = [
  [/password is required|terminal is required/, "give the password with --ask-become-pass, or allow it without one (NOPASSWD)"],
  [/must have a tty/, "remove requiretty from its sudoers"],
  [/not in the sudoers|not allowed|may not run/, "allow it in its sudoers"],
  [/sudo.*not found|not found.*sudo|unknown command.*sudo/i, "install sudo there, or log in as that user"],
  [/unknown user/, "check the become user"],
  [/incorrect password|try again/, "check the become password (--ask-become-pass)"],
];

function refusal({ user }: Become, place: string, said: string): ConnectError {
  const todo = advice.find(([pattern]) => pattern.test(said))?.[1] ?? "try sudo there by hand";
  const words = lastLines(said, 3).replaceAll("\n", "; ") || "it said nothing";
  return new ConnectError("sudo", `${place}: no rights of ${user} through sudo: ${words}: ${todo}`);
}
