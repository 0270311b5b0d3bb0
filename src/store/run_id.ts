/** The id of a run: its start in UTC and four random hex digits, "20261122-201530-4f3a". Sorts by time; `random` is at least 0 and below 1. */
export function runId(now: Date, random: number): string {
  const digits = now.toISOString().replaceAll(/\D/g, "");
  const tail = Math.floor(random * 0x10000).toString(16);
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${tail.padStart(4, "0")}`;
}

/** Whether a text is the id of a run, and not a path, say. */
export const isRunId = (text: string): boolean => /^\d{8}-\d{6}-[0-9a-f]{4}$/.test(text);
