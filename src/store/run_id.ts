const tails = 0x10000;

/**
 * Ids for a run, the likeliest first: its start in UTC and four hex digits, "20261122-201530-4f3a". They sort by time.
 * `random` is at least 0 and below 1; where another run of that second has the same digits, the next ones are taken.
 */
export function* runIds(now: Date, random: number): Generator<string> {
  const digits = now.toISOString().replaceAll(/\D/g, "");
  const first = Math.floor(random * tails);
  for (let tried = 0; tried < tails; tried += 1) {
    const tail = ((first + tried) % tails).toString(16).padStart(4, "0");
    yield `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${tail}`;
  }
}

/** Whether a text is the id of a run, and not a path, say. */
export const isRunId = (text: string): boolean => /^\d{8}-\d{6}-[0-9a-f]{4}$/.test(text);
