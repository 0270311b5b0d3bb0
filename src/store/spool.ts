import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Keeps outputs as `HOST/01-task.log`, numbered per host in the order they come. Names are made safe for paths. */
export function createSpool(folder: string): (host: string, task: string, text: string) => string {
  const written = new Map<string, number>();
  return (host, task, text) => {
    const home = join(folder, pathSafe(host));
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const number = (written.get(home) ?? 0) + 1;
    written.set(home, number);
    const path = join(home, `${String(number).padStart(2, "0")}-${pathSafe(task)}.log`);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
}

/** A name as one harmless part of a path: no separators, no leading dot, at most 80 characters. */
const pathSafe = (name: string): string =>
  name
    .replaceAll(/[^\w.-]+/g, "_")
    .replace(/^\.+/, "_")
    .slice(0, 80) || "_";
