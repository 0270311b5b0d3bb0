import { z } from "zod";
import type { Condition, Play, TaskEntry, Template, Vars } from "../../src/config/play.ts";
import type { Position } from "../../src/core/error.ts";
import type { RunEvent } from "../../src/core/event.ts";
import type { Fact } from "../../src/core/fact.ts";
import type { ArtifactStore, Contents } from "../../src/core/input.ts";
import type { KernelStore } from "../../src/core/kernel_evidence.ts";
import { change } from "../../src/core/step.ts";
import { type AnyFleetTask, type AnyTask, defineTask } from "../../src/core/task.ts";
import type { RunContext } from "../../src/runner/context.ts";
import { Turns } from "../../src/runner/turns.ts";
import { ok, type Script, scriptedFleet } from "./scripted_host.ts";

const position: Position = { file: "test.yaml", line: 1, column: 1 };

/** A template of a test: data as it is, or a function of the variables. */
export const template = (value: unknown): Template => ({
  position,
  isConstant: typeof value !== "function",
  render: (vars) => (typeof value === "function" ? value(vars) : value),
});

export const condition = (source: string, evaluate: (vars: Vars) => boolean): Condition => ({ position, source, evaluate });

/** An entry of a play of a test. */
export const entry = (task: AnyTask | AnyFleetTask, args: unknown, rest: Partial<TaskEntry> = {}): TaskEntry => ({
  position,
  name: template(task.name),
  task,
  args: template(args),
  parseArgs: (rendered) => task.args.parse(rendered),
  delay: 0,
  ignoreErrors: false,
  runOnce: false,
  tags: [],
  noLog: false,
  ...rest,
});

export const play = (tasks: readonly TaskEntry[], rest: Partial<Play> = {}): Play => ({
  position,
  name: "a play",
  hosts: "all",
  vars: {},
  tasks,
  tags: [],
  confirm: false,
  ...rest,
});

const flagFact = (name: string): Fact<boolean> => ({
  name: `flag ${name}`,
  command: ["flag", name],
  parse: ({ stdout }) => stdout === "set",
});

/** A task of tests: sets a flag on its host. */
export const flag = defineTask({
  name: "flag",
  summary: "Sets a flag.",
  args: z.strictObject({ name: z.string() }),
  facts: ({ name }) => ({ isSet: flagFact(name) }),
  *plan({ name }, { isSet }) {
    if (!isSet) yield { kind: "run", argv: ["set", name], title: `set ${name}`, changes: [change(flagFact(name), () => true)] };
    return undefined;
  },
  result: ({ name }) => ({ name }),
});

/** An action of tests. */
export const act = defineTask({
  name: "act",
  summary: "Does something each time.",
  args: z.strictObject({ title: z.string() }),
  action: () => true,
  facts: () => ({}),
  *plan({ title }) {
    yield { kind: "run", argv: ["act"], title };
    return undefined;
  },
});

/** A host with flags: it answers whether they are set, and sets them. */
export function flagHost(names: readonly string[], rest: Partial<Script> = {}): Script {
  const set = new Set<string>();
  return {
    answers: new Map(names.map((name) => [`flag ${name}`, () => ok(set.has(name) ? "set" : "unset")])),
    effects: new Map(
      names.map((name) => [
        `set ${name}`,
        () => {
          set.add(name);
          return ok();
        },
      ]),
    ),
    ...rest,
  };
}

/** Everything a run needs, over scripted hosts. */
export function runFixture(scripts: Readonly<Record<string, Script>>, overrides: Partial<RunContext> = {}) {
  const { connect, records } = scriptedFleet(new Map(Object.entries(scripts)));
  const events: RunEvent[] = [];
  const names = Object.keys(scripts);
  const context: RunContext = {
    run: "20261122-000000-0000",
    hosts: new Map(
      names.map((name) => [
        name,
        {
          target: {
            name,
            transport: "ssh",
            address: name,
            port: 22,
            user: "root",
            knownHostsFiles: [],
            hostKeyPolicy: "strict",
            connectTimeout: 30,
          },
          becomesByDefault: false,
          vars: {},
        },
      ]),
    ),
    select: (pattern) => (pattern === "all" ? names : names.filter((name) => pattern.split(",").includes(name))),
    extraVars: {},
    connect,
    control: {
      contents: {} as Contents,
      artifacts: {} as ArtifactStore,
      kernels: {} as KernelStore,
      run: "20261122-000000-0000",
      now: () => new Date(),
    },
    interrupt: { isStopping: false, signal: new AbortController().signal },
    turns: new Turns(),
    isCheck: false,
    isDiff: false,
    forks: 5,
    emit: (event) => void events.push(event),
    spool: () => "output.log",
    confirm: async () => true,
    ...overrides,
  };
  return { context, events, record: (name: string) => records.get(name)! };
}
