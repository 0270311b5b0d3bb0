import type { Proof } from "../kernel/proof.ts";
import { type Screen, safeLine } from "./screen.ts";
import { paints, type Tone } from "./tone.ts";

/** What came of looking at one artifact. */
export interface CheckedArtifact {
  readonly name: string;
  /** Absent where not even that could be read. */
  readonly sha256?: string;
  readonly checks: readonly { readonly name: string; readonly verdict: Proof["verdict"]; readonly evidence: string }[];
}

const tones: Readonly<Record<Proof["verdict"], Tone>> = { holds: "good", refused: "bad", unknown: "waiting" };

/** Each artifact with a line for each check: its verdict, its name, and what was found. */
export function checksText(artifacts: readonly CheckedArtifact[], screen: Screen): string {
  const paint = paints(screen.colour);
  const width = Math.max(...artifacts.flatMap(({ checks }) => checks.map(({ name }) => name.length)));
  return artifacts
    .map(({ name, checks }) => {
      const lines = checks.map(
        (check) =>
          `  ${paint[tones[check.verdict]](check.verdict.padEnd(7))}  ${check.name.padEnd(width)}  ${safeLine(check.evidence, screen)}`,
      );
      return [paint.title(safeLine(name, screen)), ...lines].join("\n");
    })
    .join("\n");
}
