import type { JudgedProof } from "../kernel/proofs.ts";
import { foldCounted } from "./fold.ts";
import { groupBy } from "./group.ts";
import { type Screen, safeLine } from "./screen.ts";
import type { Cell, Row, Table } from "./table.ts";
import type { Tone } from "./tone.ts";

/** How the proofs of an artifact come out on one host. */
export interface ProvedOnHost {
  readonly host: string;
  readonly artifact: string;
  readonly proofs: readonly JudgedProof[];
}

const tones: Readonly<Record<JudgedProof["verdict"], Tone>> = { holds: "good", refused: "bad", unknown: "waiting" };

const verdictOf = ({ verdict, allowed }: JudgedProof): string => (allowed ? `${verdict}, allowed` : verdict);

/** "all 7 hold", or what does not. */
function summary(proofs: readonly JudgedProof[]): Cell {
  const others = proofs.filter(({ verdict }) => verdict !== "holds");
  const [worst] = others.toSorted((a, b) => Number(b.verdict === "refused") - Number(a.verdict === "refused"));
  if (worst === undefined) return { text: `all ${proofs.length} hold`, tone: "good" };
  return { text: others.map((proof) => `${proof.name} ${verdictOf(proof)}`).join(", "), tone: tones[worst.verdict] };
}

function rowOf(group: readonly [ProvedOnHost, ...ProvedOnHost[]], screen: Screen, isVerbose: boolean): Row {
  const [{ artifact, proofs }] = group;
  const told = proofs.filter(({ verdict }) => isVerbose || verdict !== "holds");
  return {
    cells: [{ text: safeLine(artifact, screen) }, { text: safeLine(foldCounted(group.map(({ host }) => host)), screen) }, summary(proofs)],
    notes: told.map((proof) => ({
      text: safeLine(`${proof.name} ${verdictOf(proof)}: ${proof.evidence}`, screen),
      tone: proof.verdict === "holds" ? "quiet" : tones[proof.verdict],
    })),
  };
}

/** A row for each artifact and all hosts on which its proofs come out the same; below it the evidence of those that don't hold, or of all. */
export const proofsTable = (proved: readonly ProvedOnHost[], screen: Screen, isVerbose: boolean): Table => ({
  columns: [
    { title: "ARTIFACT", least: 16 },
    { title: "HOSTS", least: 12 },
    { title: "PROOFS", least: 12 },
  ],
  rows: groupBy(proved, ({ host: _, ...rest }) => rest).map((group) => rowOf(group, screen, isVerbose)),
  notesTitle: "EVIDENCE",
});
