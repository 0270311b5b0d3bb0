import { execFile } from "node:child_process";
import { access, constants, open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { ConfigError, messageOf } from "../core/error.ts";
import { lastLines } from "../core/printable.ts";

/** Bytes. */
const most = 256 * 2 ** 20;

/** What a file begins with that the system can run: "script" is a `#!` line, "binary" an ELF header. A pipe is not looked into: what is read of it is gone. */
async function programKind(path: string): Promise<"script" | "binary" | undefined> {
  if (!(await stat(path)).isFile()) return undefined;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(4), length: 4 });
    const head = buffer.toString("latin1", 0, bytesRead);
    if (head.startsWith("#!")) return "script";
    return head === "\x7fELF" ? "binary" : undefined;
  } finally {
    await file.close();
  }
}

/** Whether this user may execute a file. */
const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Whether a file may be executed and holds a program; throws a ConfigError for a script that may not. Not every file that may be executed is one: some file systems call all of them executable. */
export async function isProgram(path: string): Promise<boolean> {
  const kind = await programKind(path).catch((cause: unknown) => {
    throw new ConfigError(`cannot read ${path}: ${messageOf(cause)}`, undefined, { cause });
  });
  if (kind === "script" && !(await isExecutable(path)))
    throw new ConfigError(`${path} begins with #! but may not be executed: chmod +x it, or remove that line`);
  return kind !== undefined && (await isExecutable(path));
}

/** What a program prints, without a shell and without standard input. Throws a ConfigError, with the end of its stderr, where it fails or takes longer than so many seconds. */
export function outputOf(path: string, args: readonly string[], seconds: number): Promise<string> {
  const command = [path, ...args].join(" ");
  return new Promise((settle, fail) => {
    const options = { timeout: seconds * 1000, killSignal: "SIGKILL", maxBuffer: most } as const;
    const child = execFile(resolve(path), args, options, (error, stdout, stderr) => {
      if (error === null) settle(stdout);
      else fail(new ConfigError(withTail(`${command} ${failure(error, seconds)}`, stderr), undefined, { cause: error }));
    });
    child.stdin?.on("error", () => {}).end();
  });
}

function failure(
  error: Error & { readonly code?: unknown; readonly signal?: unknown; readonly killed?: boolean },
  seconds: number,
): string {
  const { code, signal, killed } = error;
  if (typeof code === "number") return `ended with exit code ${code}`;
  if (typeof code === "string") return `failed: ${messageOf(error)}`;
  return killed ? `did not end within ${seconds} seconds` : `was ended by ${String(signal)}`;
}

const withTail = (message: string, stderr: string): string => [message, lastLines(stderr, 5)].filter((text) => text !== "").join("\n");
