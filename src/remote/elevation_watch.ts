import type { ConnectError } from "../core/error.ts";
import { type Channel, lost } from "./channel.ts";
import type { Elevation } from "./elevation.ts";
import { askedWithoutPassword, isWrongPassword, passwordRefusal, refusalOf, unsendablePassword } from "./elevation_refusal.ts";

/**
 * Watches stderr until a command has another user's rights: answers the one prompt, takes a second for a wrong password,
 * and passes on only what comes after the ready mark. So a password is never read as a script, nor a script as a password.
 */
export class ElevationWatch {
  readonly #ready: RegExp;
  #seen = "";
  #isOpen = false;
  #group: string | undefined;
  #prompts = 0;
  #channel: Channel | undefined;
  #open: () => void = () => undefined;
  #refuse: (error: unknown) => void = () => undefined;
  /** The error where it was the password that was refused. */
  refusedPassword: ConnectError | undefined;
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
    this.#ready = new RegExp(`${elevation.ready} (\\d*)\\r?\\n`);
    this.ready.catch(() => undefined);
  }

  /** Whether stdin may be read as a password. */
  get mayAsk(): boolean {
    return this.elevation.mayAsk;
  }

  /** The process group that has the rights, once they are there. */
  get group(): string | undefined {
    return this.#group;
  }

  /** The channel to answer on; where it closes without the rights, that is the answer. */
  async attach(opening: Promise<Channel>): Promise<void> {
    try {
      this.#channel = await opening;
      this.#meetPrompt();
      const code = await this.#channel.closed;
      this.#refuse(code === undefined ? lost(this.place) : this.#ended());
    } catch (error) {
      this.#refuse(error);
    }
  }

  stderr(chunk: Buffer): void {
    if (this.#isOpen) this.onStderr(chunk);
    else this.#wait(chunk);
  }

  /** The error for a deadline that passed before there was an answer. */
  unanswered(): ConnectError | undefined {
    return this.#isOpen ? undefined : refusalOf(this.elevation.become, this.place, this.#said());
  }

  #wait(chunk: Buffer): void {
    this.#seen += chunk.toString("latin1");
    const mark = this.#ready.exec(this.#seen);
    if (mark) {
      this.#group = mark[1] || undefined;
      this.#start(Buffer.from(this.#seen.slice(mark.index + mark[0].length), "latin1"));
    } else if (this.elevation.refusal?.test(this.#seen)) this.#refuse(this.#ended());
    else this.#meetPrompt();
  }

  #start(rest: Buffer): void {
    this.#isOpen = true;
    this.#open();
    if (rest.length > 0) this.onStderr(rest);
  }

  #meetPrompt(): void {
    const prompts = [...this.#seen.matchAll(this.elevation.prompt)].length;
    if (prompts === this.#prompts || this.#channel === undefined) return;
    this.#prompts = prompts;
    if (prompts === 1) this.#answer(this.#channel);
    else this.#refuse(this.#answerRefused());
  }

  #answer(channel: Channel): void {
    const { become, answer } = this.elevation;
    const password = become.password?.reveal();
    if (password === undefined) this.#refuse(askedWithoutPassword(become, this.place));
    else if (!isOneLine(password)) this.#refuse(unsendablePassword(become, this.place));
    else void channel.write(answer(password));
  }

  /** It gave up: after an answer that may be because of the password. */
  #ended(): ConnectError {
    const said = this.#said();
    if (this.#prompts > 0 && /incorrect password|authentication fail/i.test(said)) return this.#answerRefused();
    return refusalOf(this.elevation.become, this.place, said);
  }

  #answerRefused(): ConnectError {
    const said = this.#said();
    if (!isWrongPassword(said)) return refusalOf(this.elevation.become, this.place, said);
    const [first] = this.#seen.matchAll(this.elevation.prompt);
    this.refusedPassword = passwordRefusal(this.elevation.become, this.place, first?.[1]);
    return this.refusedPassword;
  }

  /** What is left of stderr without the questions. */
  #said(): string {
    return Buffer.from(this.#seen.replaceAll(this.elevation.prompt, "\n"), "latin1").toString();
  }
}

/** A line break would end the password and begin a command; what else controls a terminal would not arrive. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
const isOneLine = (password: string): boolean => !/[\u0000-\u001f\u007f]/.test(password);
