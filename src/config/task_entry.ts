import { ConfigError } from "../core/error.ts";
import { didYouMean, nearest } from "../core/nearest.ts";
import { type AnyFleetTask, type AnyTask, isFleetTask, type TaskRegistry } from "../core/task.ts";
import { ansibleHint } from "./ansible_words.ts";
import { compileCondition } from "./condition.ts";
import type { TaskEntry } from "./play.ts";
import { readCount, readFlag, readNumber, readText, readWords } from "./readers.ts";
import { compileArgs } from "./task_args.ts";
import { compileTemplate, constantTemplate } from "./template.ts";
import { checkVariableName } from "./variable_name.ts";
import { describeNode, type YamlEntry, type YamlMap, type YamlNode } from "./yaml_node.ts";

type Keywords = Partial<Omit<TaskEntry, "position" | "task" | "args" | "parseArgs">>;

const keywords: Readonly<Record<string, (node: YamlNode) => Keywords>> = {
  name: (node) => ({ name: compileTemplate(node) }),
  when: (node) => ({ when: compileCondition(node) }),
  register: (node) => ({ register: checkVariableName(readText(node), node.position) }),
  retries: (node) => ({ retries: readNumber(node, 0) }),
  delay: (node) => ({ delay: readNumber(node, 0) }),
  until: (node) => ({ until: compileCondition(node) }),
  changed_when: (node) => ({ changedWhen: compileCondition(node) }),
  failed_when: (node) => ({ failedWhen: compileCondition(node) }),
  ignore_errors: (node) => ({ ignoreErrors: readFlag(node) }),
  run_once: (node) => ({ runOnce: readFlag(node) }),
  delegate_to: (node) => ({ delegateTo: compileTemplate(node) }),
  tags: (node) => ({ tags: readWords(node) }),
  no_log: (node) => ({ noLog: readFlag(node) }),
  timeout: (node) => ({ timeout: readCount(node) }),
  become: (node) => ({ become: readFlag(node) }),
  become_user: (node) => ({ becomeUser: readText(node) }),
};

/** Reads one entry of `tasks`. Throws a ConfigError for what is neither one task nor a known keyword. */
export function readTaskEntry(node: YamlNode, registry: TaskRegistry): TaskEntry {
  if (node.kind !== "map") throw new ConfigError(`a task is a map, such as "package: …"; this is ${describeNode(node)}`, node.position);
  const { task, entry } = taskOf(node, registry);
  checkActionKeywords(node, task);
  const said = [...node.entries].reduce<Keywords>((all, [key, { value }]) => Object.assign(all, keywordOf(key)?.(value)), {});
  const retries = said.retries ?? (said.until ? 3 : undefined);
  return {
    position: node.position,
    name: constantTemplate(task.name, node.position),
    task,
    delay: 5,
    ignoreErrors: false,
    runOnce: false,
    tags: [],
    noLog: false,
    ...compileArgs(task, entry.value),
    ...said,
    ...(retries !== undefined && { retries }),
  };
}

const keywordOf = (key: string): ((node: YamlNode) => Keywords) | undefined => (Object.hasOwn(keywords, key) ? keywords[key] : undefined);

function taskOf(node: YamlMap, registry: TaskRegistry): { task: AnyTask | AnyFleetTask; entry: YamlEntry } {
  const others = [...node.entries].filter(([key]) => keywordOf(key) === undefined);
  for (const [key, { position }] of others) if (!registry.has(key)) throw unknownWord(key, position, registry);
  const [first, second] = others;
  const task = first && registry.get(first[0]);
  if (first === undefined || task === undefined)
    throw new ConfigError("no task here: say what to do, such as package: or command:", node.position);
  if (second !== undefined)
    throw new ConfigError(`two tasks in one entry: ${first[0]} and ${second[0]}; begin a new entry with "-"`, second[1].position);
  return { task, entry: first[1] };
}

function unknownWord(key: string, position: YamlMap["position"], registry: TaskRegistry): ConfigError {
  const isKeyword = nearest(key, Object.keys(keywords)) !== undefined;
  const hint = ansibleHint(key) ?? didYouMean(key, [...registry.keys(), ...Object.keys(keywords)]);
  return new ConfigError(
    `there is no ${isKeyword ? "keyword" : "task"} "${key}"${hint}${hint === "" ? ": see kofleet tasks" : ""}`,
    position,
  );
}

/** Other tasks know themselves whether they changed something or failed. */
function checkActionKeywords(node: YamlMap, task: AnyTask | AnyFleetTask): void {
  if (!isFleetTask(task) && task.action !== undefined) return;
  for (const key of ["changed_when", "failed_when"]) {
    const entry = node.entries.get(key);
    if (entry) throw new ConfigError(`only actions such as command and script take ${key}: ${task.name} knows itself`, entry.position);
  }
}
