import pc from "picocolors";
import type { Verdict } from "../core/outcome.ts";

/** What a piece of text means, which its colour only repeats. */
export type Tone = "plain" | "good" | "change" | "bad" | "waiting" | "quiet" | "title";

/** A colour for each tone. */
export type Paints = Readonly<Record<Tone, (text: string) => string>>;

/** The colours of the tones; none at all without colour. */
export function paints(colour: boolean): Paints {
  const { green, yellow, red, cyan, dim, bold } = pc.createColors(colour);
  return { plain: (text) => text, good: green, change: yellow, bad: red, waiting: cyan, quiet: dim, title: bold };
}

/** How a verdict is coloured. */
export const verdictTone: Readonly<Record<Verdict, Tone>> = {
  ok: "good",
  changed: "change",
  skipped: "quiet",
  failed: "bad",
  blocked: "bad",
  unreachable: "bad",
  "pending-reboot": "waiting",
  unknown: "waiting",
};
