import { z } from "zod";
import { ConfigError } from "../core/error.ts";
import { didYouMean } from "../core/nearest.ts";
import type { AnyFleetTask, AnyTask } from "../core/task.ts";
import { builtinTasks } from "../tasks/registry.ts";
import type { Console } from "./console.ts";

/** `kofleet tasks [NAME]`: every task, or the arguments of one, from its own schema. */
export async function tasks(name: string | undefined, { json = false }: { readonly json?: boolean }, console: Console): Promise<number> {
  const chosen = name === undefined ? [...builtinTasks.values()] : [find(name)];
  if (json) console.out.write(`${JSON.stringify(chosen.map(asJson), undefined, 2)}\n`);
  else console.out.write(chosen.map((task) => (name === undefined ? line(task) : page(task))).join(""));
  return 0;
}

function find(name: string): AnyTask | AnyFleetTask {
  const task = builtinTasks.get(name);
  if (task) return task;
  throw new ConfigError(`there is no task "${name}"${didYouMean(name, builtinTasks.keys())}: kofleet tasks lists them`);
}

const line = ({ name, summary }: AnyTask | AnyFleetTask): string => `${name.padEnd(16)} ${summary}\n`;

const schemaOf = ({ args }: AnyTask | AnyFleetTask) => z.toJSONSchema(args, { unrepresentable: "any", io: "input" });

const asJson = (task: AnyTask | AnyFleetTask) => ({ name: task.name, summary: task.summary, args: schemaOf(task) });

function page(task: AnyTask | AnyFleetTask): string {
  const schema = schemaOf(task);
  const required = new Set(schema.required);
  const args = Object.entries(schema.properties ?? {}).map(
    ([key, value]) => `  ${key}${required.has(key) ? " (required)" : ""}: ${describe(value)}\n`,
  );
  return `${task.name}: ${task.summary}\n${args.join("")}`;
}

function describe(schema: unknown): string {
  if (typeof schema !== "object" || schema === null) return "any value";
  const { type, enum: words, anyOf, items, default: standard, description } = schema as Readonly<Record<string, unknown>>;
  const kind = Array.isArray(words)
    ? words.map((word) => JSON.stringify(word)).join(" | ")
    : Array.isArray(anyOf)
      ? anyOf.map(describe).join(" or ")
      : type === "array"
        ? `list of ${describe(items)}`
        : String(type ?? "any value");
  return `${kind}${standard === undefined ? "" : `, default ${JSON.stringify(standard)}`}${typeof description === "string" ? `. ${description}` : ""}`;
}
