import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Play, TaskEntry } from "../../src/config/play.ts";
import { loadPlaybook, readPlaybook } from "../../src/config/playbook.ts";
import { noSecretSources } from "../../src/config/secret_sources.ts";
import { parseYaml } from "../../src/config/yaml.ts";
import type { AnyFleetTask, AnyTask, TaskRegistry } from "../../src/core/task.ts";
import { complaint } from "./parse.ts";

const task = (name: string, args: z.ZodType, isAction = false): AnyTask => ({
  name,
  summary: name,
  args,
  ...(isAction && { action: () => true }),
  facts: () => ({}),
  // biome-ignore lint/correctness/useYield: these tasks plan nothing
  *plan() {
    return undefined;
  },
});
const decider: AnyFleetTask = {
  name: "decider",
  summary: "decider",
  args: z.strictObject({ manifest: z.unknown() }),
  facts: () => ({}),
  decide: () => ({ vars: new Map(), stops: new Map(), skips: new Map(), waves: [], summary: null }),
};
const word = z.union([z.string(), z.number()]).transform(String);
const registry: TaskRegistry = new Map<string, AnyTask | AnyFleetTask>(
  [
    task(
      "package",
      z.strictObject({ name: z.union([z.string(), z.array(z.string())]), state: z.enum(["present", "absent"]).default("present") }),
    ),
    task(
      "copy",
      z.strictObject({ src: z.string(), dest: z.string().startsWith("/", "expected a path of the host"), mode: z.int().optional() }),
    ),
    task("command", z.strictObject({ argv: z.tuple([word], word), creates: z.string().optional() }), true),
    task("script", z.strictObject({ path: z.string(), args: z.array(z.string()).default([]) }), true),
    task("depmod", z.strictObject({ module: z.string().optional() })),
    task(
      "either",
      z.union([
        z.strictObject({ file: z.string() }),
        z.strictObject({ text: z.string(), lines: z.array(z.object({ at: z.int() })).optional() }),
      ]),
    ),
    decider,
  ].map((each) => [each.name, each]),
);

const plays = (text: string): Play[] => readPlaybook(parseYaml(text, "p.yaml"), registry);
const entryOf = (yaml: string): TaskEntry => {
  const entry = plays(`- hosts: all\n  tasks:\n    - ${yaml.replaceAll("\n", "\n      ")}`)[0]?.tasks[0];
  if (entry === undefined) throw new Error("no task");
  return entry;
};
const argsOf = (yaml: string, vars = {}) => {
  const { args, parseArgs } = entryOf(yaml);
  return parseArgs(args.render(vars));
};

test("a play with every key", () => {
  const [play] = plays(`
- name: Roll out
  hosts: [web, "&prod"]
  serial: [1, 10%, "50%"]
  max_fail_percentage: 20
  become: yes
  become_user: root
  vars: {a: "{{b}}", c: [1]}
  tags: a, b
  confirm: true
  tasks: []
`);
  if (play === undefined) throw new Error("no play");
  const { vars, ...others } = play;
  expect(others).toEqual({
    position: { file: "p.yaml", line: 2, column: 3 },
    name: "Roll out",
    hosts: "web,&prod",
    serial: [1, "10%", "50%"],
    maxFailPercentage: 20,
    become: true,
    becomeUser: "root",
    tags: ["a", "b"],
    confirm: true,
    tasks: [],
  });
  expect(vars.a?.render({ b: 5 })).toBe(5);
  expect(vars.c?.isConstant).toBe(true);
});

test("a play with nothing but its hosts", () => {
  expect(plays("- hosts: all")).toEqual([
    { position: { file: "p.yaml", line: 1, column: 3 }, name: "all", hosts: "all", vars: {}, tasks: [], tags: [], confirm: false },
  ]);
});

test.each<[string, Partial<Play>]>([
  ["serial: waves", { serial: "waves" }],
  ["serial: 5", { serial: [5] }],
  ["serial: 12.5%", { serial: ["12.5%"] }],
  ["any_errors_fatal: true", { maxFailPercentage: 0 }],
  ["vars:", { vars: {} }],
  ["tasks:", { tasks: [] }],
])("%s", (line, expected) => {
  expect(plays(`- hosts: all\n  ${line}`)[0]).toMatchObject(expected);
});

describe("a play's mistakes", () => {
  test.each([
    ["hosts: all", "p.yaml:1:1: a playbook is a list of plays; this is a map"],
    ["[]", "p.yaml:1:1: a playbook is a list of plays; this is a list"],
    ["- all", 'p.yaml:1:3: a play is a map with hosts and tasks; this is "all"'],
    ["- tasks: []", "p.yaml:1:3: a play needs hosts: a pattern such as all"],
    ["- host: all", 'p.yaml:1:3: a play has no "host" (did you mean "hosts"?)'],
    ["- hosts: all\n  gather_facts: no", 'p.yaml:2:3: a play has no "gather_facts": facts are asked where they are needed; leave it out'],
    ["- hosts: '{{group}}'", "p.yaml:1:10: hosts is a pattern without expressions: narrow it with --limit"],
    [
      "- hosts: all\n  serial: [1, 0]",
      "p.yaml:2:15: serial is a number of hosts, a percentage such as 10%, a list of them, or waves; not 0",
    ],
    [
      "- hosts: all\n  serial: 120%",
      'p.yaml:2:11: serial is a number of hosts, a percentage such as 10%, a list of them, or waves; not "120%"',
    ],
    ["- hosts: all\n  max_fail_percentage: 101", "p.yaml:2:24: expected a number from 0 to 100, not 101"],
    ["- hosts: all\n  become: root", 'p.yaml:2:11: expected true or false, not "root"'],
    ["- hosts: all\n  vars: {lower: 1}", 'p.yaml:2:10: the variable "lower" is named like a helper: rename it'],
    ["- hosts: all\n  vars: {constructor: 1}", 'p.yaml:2:10: "constructor" belongs to every object: it cannot be a variable'],
    ["- hosts: all\n  vars: [a]", "p.yaml:2:9: variables are a map: name: value"],
    ["- hosts: all\n  tasks: {package: x}", "p.yaml:2:10: tasks are a list; this is a map"],
  ])("%j", (text, message) => {
    expect(complaint(() => plays(text))).toBe(message);
  });
});

test("a task with every keyword", () => {
  const entry = entryOf(`name: Install {{x}}
package: {name: dkms}
when: eq x 1
register: installed
retries: 4
delay: 1
until: defined installed
ignore_errors: true
run_once: true
delegate_to: "{{other}}"
tags: [a]
no_log: true
timeout: 60
become: false
become_user: app`);
  expect(entry).toMatchObject({
    position: { file: "p.yaml", line: 3, column: 7 },
    register: "installed",
    retries: 4,
    delay: 1,
    ignoreErrors: true,
    runOnce: true,
    tags: ["a"],
    noLog: true,
    timeout: 60,
    become: false,
    becomeUser: "app",
  });
  expect(entry.name.render({ x: 1 })).toBe("Install 1");
  expect(entry.delegateTo?.render({ other: "db1" })).toBe("db1");
  expect([entry.when?.evaluate({ x: 1 }), entry.until?.evaluate({})]).toEqual([true, false]);
});

test("a task without keywords has Ansible's defaults", () => {
  const { retries, delay, ignoreErrors, runOnce, tags, noLog, name } = entryOf("depmod:");
  expect({ retries, delay, ignoreErrors, runOnce, tags, noLog }).toEqual({
    retries: undefined,
    delay: 5,
    ignoreErrors: false,
    runOnce: false,
    tags: [],
    noLog: false,
  });
  expect(name.render({})).toBe("depmod");
  expect(entryOf("depmod:\nuntil: true").retries).toBe(3);
});

test("only actions say when they changed or failed", () => {
  const entry = entryOf("command: 'true'\nchanged_when: false\nfailed_when: [eq x 1]");
  expect([entry.changedWhen?.evaluate({}), entry.failedWhen?.evaluate({ x: 1 })]).toEqual([false, true]);
});

describe("arguments", () => {
  test.each<[string, unknown]>([
    ["depmod:", {}],
    ["package: {name: dkms}", { name: "dkms", state: "present" }],
    ["package: {name: '{{list}}'}", { name: ["a b", "c"], state: "present" }],
    ["package: '{{all}}'", { name: "x", state: "present" }],
    ["command: ls -l {{spaced}}", { argv: ["ls", "-l", "a b"] }],
    ["command: true", { argv: ["true"] }],
    [`command: sh -c "echo '{{spaced}}' \\"x\\"" \\  ''`, { argv: ["sh", "-c", `echo 'a b' "x"`, " ", ""] }],
    [`command: '"{{join list ", "}}"x --n={{n}} {{n}}'`, { argv: ["a b, cx", "--n=5", "5"] }],
    ["command: echo \\{{n}}", { argv: ["echo", "{{n}}"] }],
    ["command: {argv: [a, '{{n}}']}", { argv: ["a", "5"] }],
    ["script: ./x.sh {{spaced}} 'b c'", { path: "./x.sh", args: ["a b", "b c"] }],
    ["script: x.sh", { path: "x.sh", args: [] }],
    ["either: {text: '{{spaced}}'}", { text: "a b" }],
  ])("%s", (yaml, expected) => {
    expect(argsOf(yaml, { list: ["a b", "c"], spaced: "a b", n: 5, all: { name: "x" } })).toEqual(expected);
  });

  test("what no expression yields is checked on loading, the rest on rendering", () => {
    const entry = entryOf("copy: {src: a, dest: '{{to}}', mode: 0644}");
    expect(entry.args.isConstant).toBe(false);
    expect(entry.parseArgs(entry.args.render({ to: "/b" }))).toEqual({ src: "a", dest: "/b", mode: 0o644 });
    expect(complaint(() => entry.parseArgs(entry.args.render({ to: "b" })))).toBe(
      'p.yaml:3:28: copy: dest is "b": expected a path of the host',
    );
  });

  test("words keep the place of their expressions", () => {
    const { args } = entryOf("command: a {{one}} {{two}}");
    expect(complaint(() => args.render({ one: 1 }))).toBe('p.yaml:3:26: "two" is not defined');
  });
});

describe("a task's mistakes", () => {
  test.each([
    ["packge: {name: x}", 'p.yaml:3:7: there is no task "packge" (did you mean "package"?)'],
    ["package: {name: x}\nwhenn: true", 'p.yaml:4:7: there is no keyword "whenn" (did you mean "when"?)'],
    ["zfs: {}", 'p.yaml:3:7: there is no task "zfs": see kofleet tasks'],
    ["shell: ls", 'p.yaml:3:7: there is no task "shell": use command, or script for what needs a shell'],
    ["name: x", "p.yaml:3:7: no task here: say what to do, such as package: or command:"],
    ["package: {name: x}\ndepmod:", 'p.yaml:4:7: two tasks in one entry: package and depmod; begin a new entry with "-"'],
    ["- package", 'p.yaml:3:7: a task is a map, such as "package: …"; this is a list'],
    ["package: {nam: x}", 'p.yaml:3:17: package has no "nam" (did you mean "name"?)'],
    ["package: {nam: '{{x}}'}", 'p.yaml:3:17: package has no "nam" (did you mean "name"?)'],
    ["package: {name: '{{x}}', foo: 1}", 'p.yaml:3:32: package has no "foo"; it has name, state'],
    ["package: {state: '{{x}}'}", "p.yaml:3:16: package: name is missing"],
    ["package: {state: absent}", "p.yaml:3:16: package: name is missing"],
    [
      "package: {name: x, state: abscent}",
      'p.yaml:3:33: package: state must be one of present, absent, not "abscent" (did you mean "absent"?)',
    ],
    [
      "package: {name: '{{x}}', state: abscent}",
      'p.yaml:3:39: package: state must be one of present, absent, not "abscent" (did you mean "absent"?)',
    ],
    ["package: {name: 5}", "p.yaml:3:23: package: name does not fit: 5"],
    ["package: {name: [a, 5]}", "p.yaml:3:27: package: name.1 must be text, not 5: quote it"],
    ["package: dkms", 'p.yaml:3:16: package takes a map of name, state, not "dkms"'],
    ["copy: {src: '{{x}}', dest: b}", 'p.yaml:3:34: copy: dest is "b": expected a path of the host'],
    ["copy: {src: a, dest: /b, mode: rw}", 'p.yaml:3:38: copy: mode must be a number, not "rw"'],
    ["either: {txt: '{{x}}'}", 'p.yaml:3:16: either has no "txt" (did you mean "text"?)'],
    ["either: {text: a, lines: [{at: b}]}", 'p.yaml:3:38: either: lines.0.at must be a number, not "b"'],
    ["decider: {manifst: 5}", 'p.yaml:3:17: decider has no "manifst" (did you mean "manifest"?)'],
    ["command: ''", "p.yaml:3:16: command needs a command"],
    ['command: echo "a', 'p.yaml:3:16: a quote is not closed: "'],
    ["command: '{{#if x}} -l {{/if}}'", "p.yaml:3:16: this is no valid expression"],
    [
      "package: {name: x}\nchanged_when: false",
      "p.yaml:4:7: only actions such as command and script take changed_when: package knows itself",
    ],
    [
      "decider: {manifest: x}\nfailed_when: false",
      "p.yaml:4:7: only actions such as command and script take failed_when: decider knows itself",
    ],
    ["depmod:\nregister: a b", 'p.yaml:4:17: "a b" is no name for a variable: letters, digits and underscores'],
    ["depmod:\nretries: -1", "p.yaml:4:16: expected a number of at least 0, not -1"],
    ["depmod:\nignore_errors: '{{x}}'", 'p.yaml:4:22: expected true or false, not "{{x}}"'],
    ["depmod: {module: '{{lowr x}}'}", 'p.yaml:3:25: there is no helper "lowr" (did you mean "lower"?)'],
  ])("%j", (yaml, message) => {
    expect(complaint(() => entryOf(yaml))).toBe(message);
  });
});

test("a playbook is read from disk, its file named in what is wrong with it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kofleet-"));
  try {
    const path = join(folder, "p.yaml");
    await writeFile(path, "- hosts: all\n  tasks:\n    - depmod:\n");
    expect(await loadPlaybook(path, registry, noSecretSources)).toHaveLength(1);
    await writeFile(path, "- hosts: all\n  task: []\n");
    await expect(loadPlaybook(path, registry, noSecretSources)).rejects.toThrow(`${path}:2:3: a play has no "task"`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
