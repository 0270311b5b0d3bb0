import type { KeyboardInteractiveCallback, Prompt } from "ssh2";
import type { Secret } from "../core/secret.ts";
import type { Patience } from "./patience.ts";
import type { Person } from "./person.ts";

/** How the questions of one login are answered. */
export interface KeyboardAnswers {
  /** Who asks, for the person: the host's name. */
  readonly host: string;
  /** Answers a hidden question that stands alone, once. */
  readonly password: Secret | undefined;
  readonly person: Person;
  readonly patience: Patience;
  /** Takes the error of a question without an answer. */
  fail(error: unknown): void;
}

type Prompter = (name: string, instructions: string, language: string, prompts: Prompt[], finish: KeyboardInteractiveCallback) => void;

/** Answers keyboard-interactive: the password where it is asked for alone, and all else by the person. */
export function keyboardPrompter({ host, password, person, patience, fail }: KeyboardAnswers): Prompter {
  let isGiven = false;
  const answer = async (instructions: string, prompts: readonly Prompt[]): Promise<string[]> => {
    const [only] = prompts;
    if (password !== undefined && !isGiven && prompts.length === 1 && only?.echo !== true) {
      isGiven = true;
      return [password.reveal()];
    }
    const answers: string[] = [];
    for (const { prompt, echo } of prompts)
      answers.push((await patience.during(person.answer(host, `${instructions} ${prompt}`, echo !== true))).reveal());
    return answers;
  };
  return (name, instructions, _language, prompts, finish) => void answer(`${name} ${instructions}`, prompts).then(finish, fail);
}
