import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Vars } from "../config/play.ts";
import { compileText } from "../config/template.ts";
import { ConfigError, messageOf } from "../core/error.ts";
import type { Control, Input } from "../core/input.ts";

/** Bytes that a step may write. */
export interface Content {
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** A file of the control machine as it is. */
export const localFile = (path: string): Input<Content> => ({
  name: `file ${path}`,
  read: ({ contents }) => contents.addFile(path).catch(refuse(path)),
});

/** A text that a playbook itself holds. */
export const givenText = (text: string): Input<Content> => ({
  name: `text ${digest(text)}`,
  read: async (control) => addText(control, text),
});

/** A template of the control machine, rendered with the variables of one host. Throws a ConfigError at the expression that fails. */
export const renderedTemplate = (path: string, host: string, vars: Vars): Input<Content> => ({
  name: `template ${path} for ${host} ${digest(JSON.stringify(vars))}`,
  async read(control) {
    const text = await readFile(path, "utf8").catch(refuse(path));
    return addText(control, String(compileText(text, path).render(vars)));
  },
});

/** A text file of the control machine. */
export const localText = (path: string): Input<string> => ({
  name: `text of ${path}`,
  read: () => readFile(path, "utf8").catch(refuse(path)),
});

function addText({ contents }: Control, text: string): Content {
  const bytes = Buffer.from(text);
  return { sha256: contents.add(bytes), size: bytes.length };
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

const refuse = (path: string) => (cause: unknown) => {
  throw new ConfigError(`cannot read ${path} on this machine: ${messageOf(cause)}`, undefined, { cause });
};
