import { readFileSync } from "node:fs";
import type { Answer } from "../../src/core/answer.ts";

/** What a host printed: `handmade-…` was written by hand, all else was captured from machines of the lab. */
export const captured = (name: string): string => readFileSync(new URL(`../fixtures/facts/${name}.txt`, import.meta.url), "utf8");

/** An answer with that output. */
export const answered = (stdout: string, more: Partial<Answer> = {}): Answer => ({ code: 0, stdout, stderr: "", ...more });
