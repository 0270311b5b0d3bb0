import { type Screen, safeText } from "./screen.ts";
import { paints, type Tone } from "./tone.ts";

/** The lines of a unified diff, safe and coloured. */
export function diffLines(diff: string, screen: Screen): string[] {
  const paint = paints(screen.colour);
  const lines = safeText(diff, screen).replace(/\n$/, "").split("\n");
  return lines.map((line) => paint[toneOf(line)](line));
}

function toneOf(line: string): Tone {
  if (/^(---|\+\+\+) /.test(line)) return "title";
  if (line.startsWith("+")) return "good";
  if (line.startsWith("-")) return "bad";
  return line.startsWith("@@") ? "waiting" : "plain";
}
