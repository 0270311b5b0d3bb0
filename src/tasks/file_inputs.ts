import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Vars } from "../config/play.ts";
import { compileText } from "../config/template.ts";
import { ConfigError, messageOf } from "../core/error.ts";
import type { Control, Input } from "../core/input.ts";
import { Secret } from "../core/secret.ts";

/** Bytes that a step may write. */
export interface Content {
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** Whether a secret is in them. */
  readonly isSecret?: true;
}

/** A file of the control machine as it is. */
export const localFile = (path: string): Input<Content> => ({
  name: `file ${path}`,
  read: ({ contents }) => contents.addFile(path).catch(refuse(path)),
});

/** A text that a playbook itself holds. */
export const givenText = (text: string | Secret): Input<Content> => ({
  name: `text ${digest(revealed(text))}`,
  read: async (control) => addText(control, text),
});

/** A template of the control machine, rendered with the variables of one host. Throws a ConfigError at the expression that fails. */
export const renderedTemplate = (path: string, host: string, vars: Vars): Input<Content> => ({
  name: `template ${path} for ${host} ${digest(JSON.stringify(vars))}`,
  async read(control) {
    const text = await readFile(path, "utf8").catch(refuse(path));
    const rendered = compileText(text, path).render(vars);
    return addText(control, rendered instanceof Secret ? rendered : String(rendered));
  },
});

/** A text file of the control machine. */
export const localText = (path: string): Input<string> => ({
  name: `text of ${path}`,
  read: () => readFile(path, "utf8").catch(refuse(path)),
});

function addText({ contents }: Control, text: string | Secret): Content {
  const bytes = Buffer.from(revealed(text));
  return { sha256: contents.add(bytes), size: bytes.length, ...(text instanceof Secret && { isSecret: true }) };
}

const revealed = (text: string | Secret): string => (text instanceof Secret ? text.reveal() : text);

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

const refuse = (path: string) => (cause: unknown) => {
  throw new ConfigError(`cannot read ${path} on this machine: ${messageOf(cause)}`, undefined, { cause });
};
