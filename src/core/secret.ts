import { inspect } from "node:util";

const shown = "‹secret›";

/** A value that prints as ‹secret› wherever it is printed by accident: templates, JSON, console, errors. */
export class Secret {
  #read: () => string;

  /** From the value, or from what finds it when it is first revealed. */
  constructor(value: string | (() => string)) {
    this.#read = typeof value === "string" ? () => value : value;
  }

  /** The value itself; call it only where it is sent. Throws a ConfigError where it can't be found. */
  reveal(): string {
    const value = this.#read();
    this.#read = () => value;
    return value;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
