import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Loopback } from "./loopback.ts";

/** How many hosts there are, and how many are at work at once. */
export const hosts = 100;
export const forks = 50;

/** Where a contestant finds what it works with. */
export interface Ground {
  readonly server: Loopback;
  /** For inventories and control sockets. */
  readonly folder: string;
  /** On the "hosts": fresh for each run. */
  readonly target: string;
  /** The file of 5.3 MB. */
  readonly upload: string;
}

/** A program that can do one of the jobs. */
export interface Contestant {
  readonly name: string;
  /** The program that must be installed, and the Debian package that has it. */
  readonly program: string;
  readonly debian: string;
  /** How often it is run: those that take minutes once. */
  readonly runs: number;
  argv(ground: Ground): readonly string[];
  env?(ground: Ground): Readonly<Record<string, string>>;
}

export const isInstalled = ({ program }: Contestant): boolean => spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined;

const bench = import.meta.dirname;
const node = { program: "node", debian: "nodejs", runs: 3 };

const kofleet = (verb: (ground: Ground) => readonly string[]): Contestant => ({
  ...node,
  name: "kofleet",
  argv: (ground) => ["node", join(bench, "..", "dist", "cli.js"), ...verb(ground)],
  env: ({ folder }) => ({ XDG_STATE_HOME: join(folder, "state"), XDG_DATA_HOME: join(folder, "data"), SSH_AUTH_SOCK: "" }),
});

const bare = (what: "one" | "ten"): Contestant => ({
  ...node,
  name: "node-ssh + p-limit",
  argv: ({ server, target }) => [
    "node",
    join(bench, "bare.mjs"),
    String(hosts),
    String(forks),
    String(server.port),
    server.user,
    server.key,
    target,
    what,
  ],
});

const ansible = (program: string, runs: number, name: string, argv: (ground: Ground) => readonly string[]): Contestant => ({
  name,
  program,
  debian: "ansible-core",
  runs,
  argv: (ground) => [program, "-i", join(ground.folder, "ansible.yaml"), "-f", String(forks), ...argv(ground)],
  env: ({ folder, target }) => ({
    ANSIBLE_PIPELINING: "True",
    ANSIBLE_SSH_ARGS: `-F ${join(folder, "ssh_config")} -o ControlMaster=auto -o ControlPersist=10s`,
    // Masters of an earlier run would save this one its handshakes.
    ANSIBLE_SSH_CONTROL_PATH_DIR: `${target}-ansible`,
    ANSIBLE_LOCAL_TEMP: join(folder, "ansible"),
    ANSIBLE_PYTHON_INTERPRETER: "/usr/bin/python3",
    ANSIBLE_RETRY_FILES_ENABLED: "False",
  }),
});

const nodeset = `host[001-${hosts}]`;
const clush = (argv: (ground: Ground) => readonly string[]): Contestant => ({
  name: "clush",
  program: "clush",
  debian: "clustershell",
  runs: 3,
  argv: (ground) => ["clush", "-w", nodeset, "-f", String(forks), "-o", `-F ${join(ground.folder, "ssh_config")}`, ...argv(ground)],
});

const inventory = (ground: Ground) => ["-i", join(ground.folder, "inventory.yaml"), "-f", String(forks)];
const play = (ground: Ground, playbook: string) => [
  "play",
  join(bench, playbook),
  ...inventory(ground),
  "-y",
  "-e",
  `folder=${ground.target}`,
];

/** `uname -r` on every host. */
export const oneCommand: readonly Contestant[] = [
  kofleet((ground) => ["exec", "all", ...inventory(ground), "--", "uname", "-r"]),
  bare("one"),
  {
    name: "parallel-ssh",
    program: "parallel-ssh",
    debian: "pssh",
    runs: 3,
    argv: ({ folder }) => [
      "parallel-ssh",
      "-h",
      join(folder, "hosts"),
      "-p",
      String(forks),
      "-i",
      "-x",
      `-F ${join(folder, "ssh_config")}`,
      "uname",
      "-r",
    ],
  },
  clush(() => ["-b", "uname", "-r"]),
  ansible("ansible", 1, "ansible -m raw", () => ["all", "-m", "raw", "-a", "uname -r"]),
];

/** Ten small tasks, one of them an upload. */
export const tenTasks: readonly Contestant[] = [
  kofleet((ground) => play(ground, "ten_tasks.yaml")),
  bare("ten"),
  ansible("ansible-playbook", 1, "ansible-playbook", ({ target }) => [join(bench, "ten_tasks_ansible.yaml"), "-e", `folder=${target}`]),
];

/** A file of 5.3 MB to every host. */
export const oneFile: readonly Contestant[] = [
  kofleet((ground) => [...play(ground, "upload.yaml"), "-e", `source=${ground.upload}`]),
  clush(({ upload, target }) => ["--copy", upload, "--dest", `${target}/`]),
];

/** Writes the inventories of all contestants. */
export function writeInventories(folder: string, { port, user, key, knownHosts }: Loopback): void {
  mkdirSync(folder, { recursive: true });
  const names = Array.from({ length: hosts }, (_, index) => `host${String(index + 1).padStart(3, "0")}`);
  const vars = { ansible_host: "127.0.0.1", ansible_port: port, ansible_user: user, ansible_ssh_private_key_file: key };
  const all = { hosts: Object.fromEntries(names.map((name) => [name, null])) };
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  write("hosts", names.map((name) => `${name}\n`).join(""));
  write("ansible.yaml", JSON.stringify({ all: { ...all, vars } }));
  write("inventory.yaml", JSON.stringify({ all: { ...all, vars: { ...vars, known_hosts: [knownHosts] } } }));
  write(
    "ssh_config",
    `Host *\nHostName 127.0.0.1\nPort ${port}\nUser ${user}\nIdentityFile ${key}\nIdentitiesOnly yes\nUserKnownHostsFile ${knownHosts}\nLogLevel ERROR\n`,
  );
}
