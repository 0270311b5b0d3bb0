import { type Change, describeStep, type Step, unknown } from "../core/step.ts";

/** A plan asked for a value that only the host could tell, after a step that check mode did not apply. */
export class UnknownValue extends Error {
  override readonly name = "UnknownValue";

  constructor(readonly waitsFor: string) {
    super(`unknown until ${waitsFor}`);
  }
}

interface Predicted {
  /** Absent: the step may have changed anything. */
  readonly change?: Change;
  readonly step: string;
}

/** What check mode knows of the steps it did not apply, laid over facts of one host, or over inputs of the run. */
export class Prediction {
  readonly #of: Change["of"];
  readonly #predicted: Predicted[] = [];

  constructor(of: Change["of"]) {
    this.#of = of;
  }

  /** Remembers what a step would change. */
  record(step: Step): void {
    const title = describeStep(step);
    if (step.changes === undefined) {
      if (this.#of === "fact") this.#predicted.push({ step: title });
      return;
    }
    for (const change of step.changes) {
      if (change.of === this.#of) this.#predicted.push({ change, step: title });
    }
  }

  /** The value a plan should see; throws UnknownValue where only the host can tell. */
  apply(name: string, actual: () => unknown): unknown {
    const relevant = this.#predicted.filter(({ change }) => change === undefined || change.name === name);
    if (relevant.length === 0) return actual();
    let value: unknown = actual();
    let waitsFor = "";
    for (const { change, step } of relevant) {
      if (value !== unknown || change === undefined) value = change === undefined ? unknown : change.to(value);
      if (value === unknown && waitsFor === "") waitsFor = step;
    }
    if (value === unknown) throw new UnknownValue(waitsFor);
    return value;
  }
}
