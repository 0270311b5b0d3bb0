import { constants } from "node:os";

const numbers: Readonly<Record<string, number>> = constants.signals;

/** The exit code as shells give it: 128 + N for signal N ("SIGTERM"); undefined where neither code nor signal is known. */
export function exitCode(code: number | null | undefined, signal: string | null | undefined): number | undefined {
  if (typeof code === "number") return code;
  if (typeof signal !== "string") return undefined;
  return 128 + (numbers[signal] ?? 0);
}
