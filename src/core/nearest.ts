import { distance } from "fastest-levenshtein";

/** Edits between two words; two letters that changed places are one edit. */
function edits(word: string, candidate: string): number {
  const swapped = (at: number) => word.slice(0, at) + (word[at + 1] ?? "") + (word[at] ?? "") + word.slice(at + 2);
  const swaps = Array.from({ length: Math.max(0, word.length - 1) }, (_, at) => distance(swapped(at), candidate) + 1);
  return Math.min(distance(word, candidate), ...swaps);
}

/** The word of `candidates` that a typing error most likely made `word` from, if any is near: at most a third of its letters differ. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: { readonly candidate: string; readonly far: number } | undefined;
  for (const candidate of candidates) {
    const far = edits(word.toLowerCase(), candidate.toLowerCase());
    if (far <= limit && (best === undefined || far < best.far)) best = { candidate, far };
  }
  return best?.candidate;
}

/** `did you mean "x"?` with a leading blank, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const found = nearest(word, candidates);
  return found === undefined ? "" : ` (did you mean "${found}"?)`;
}
