import { ConnectError } from "../core/error.ts";
import type { Outcome } from "../core/outcome.ts";
import type { RebootStep } from "../core/step.ts";
import { applySteps, type TaskScope } from "./apply.ts";

/** Looks for a restarting host: about one try every five seconds, up to the step's timeout. */
const secondsPerTry = 5;
const rebootTimeout = 900;

/** Restarts a host and waits for it: done on a new connection, with another boot id, and the expected kernel release. */
export async function reboot(scope: TaskScope, step: RebootStep, steps: readonly string[]): Promise<Outcome> {
  const { failure } = await startReboot(scope, step);
  if (failure) return { verdict: "failed", reason: failure.reason, steps, output: failure.output };
  const tries = Math.ceil((scope.timeout ?? step.timeout ?? rebootTimeout) / secondsPerTry);
  const host = await scope.session.recontact(scope.become, tries, (found) => found.bootId !== step.from);
  const result = { kernel: host.kernel, bootId: host.bootId };
  if (host.kernel === step.expect) return { verdict: "changed", steps, result };
  return { verdict: "failed", reason: `restarted into ${host.kernel}, not into ${step.expect}`, steps, result };
}

/** A host may be gone before it answers: then the search for it decides. */
async function startReboot(scope: TaskScope, step: RebootStep): ReturnType<typeof applySteps> {
  try {
    return await applySteps(scope, [step], []);
  } catch (error) {
    if (error instanceof ConnectError && error.reason === "lost") return { last: undefined };
    throw error;
  }
}
