import { readdirSync, readFileSync } from "node:fs";

const read = (path: string): string => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // it has ended meanwhile
  }
};

const pids = (): readonly string[] => readdirSync("/proc").filter((name) => /^\d+$/.test(name));

/** The command line and the environment of each process of this machine, their words ended by NUL. */
export const processes = (): readonly string[] => pids().flatMap((pid) => [read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/environ`)]);

/** The command lines of master connections to a port. */
export const mastersTo = (port: number): readonly string[] =>
  pids()
    .map((pid) => read(`/proc/${pid}/cmdline`))
    .filter((words) => words.startsWith("ssh\0-M\0") && words.includes(`\0Port=${port}\0`));

/** The folder of a master connection's socket, by its command line. */
export const folderOf = (master: string | undefined): string => /\0-S\0(.*?)\/master\0/.exec(master ?? "")?.[1] ?? "";

/** Whether a process runs; one that nobody has buried yet does not. */
export const isRunning = (pid: number | string): boolean => /^\d+ \(.*\) [^Z]/s.test(read(`/proc/${pid}/stat`));
