import type { Answer } from "../core/answer.ts";
import type { Batch, BatchAnswers, StepAnswer } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import type { Frame } from "./frames.ts";

type Frames = ReadonlyMap<string, Frame>;

/** The answers of a batch from the frames of both streams. Steps that were not reached are absent; a question always has an answer. */
export function readAnswers({ steps, questions }: Batch, stdout: Frames, stderr: Frames): BatchAnswers {
  const stepAnswers = steps.map((_, index) => stepAnswer(index, stdout, stderr));
  return {
    steps: stepAnswers.filter((answer) => answer !== undefined),
    answers: questions.map((_, index) => answer(`q${index}`, stdout, stderr) ?? missing(index)),
  };
}

function stepAnswer(index: number, stdout: Frames, stderr: Frames): StepAnswer | undefined {
  const whole = answer(`s${index}`, stdout, stderr);
  const file = stdout.get(`f${index}`);
  if (whole === undefined || file === undefined) return whole;
  const fileErrors = stderr.get(`f${index}`)?.body.toString() ?? "";
  return { ...whole, stderr: fileErrors + whole.stderr, bytes: file.body };
}

function answer(label: string, stdout: Frames, stderr: Frames): Answer | undefined {
  const out = stdout.get(label);
  const err = stderr.get(label);
  return out && err && { code: out.code, stdout: out.body.toString(), stderr: err.body.toString() };
}

function missing(question: number): never {
  throw new ConnectError("protocol", `the host's shell answered all but question ${question + 1}`);
}
