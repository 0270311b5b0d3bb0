import { isDeepStrictEqual } from "node:util";
import { ansiblePython, askAnsible, recordedAnswers } from "./ask_ansible.ts";
import { cases } from "./cases.ts";
import { compare } from "./compare.ts";
import { meantDifferences, meantLines } from "./differences.ts";

/** Asks the installed ansible-core everything anew, and compares its answers with the recorded ones and with kofleet's. */
async function verify(): Promise<string | undefined> {
  const before = recordedAnswers();
  const series = (version: string) => version.split(".").slice(0, 2).join(".");
  const python = ansiblePython();
  if (python === undefined) {
    console.log(`ansible-core is not installed: the recorded answers of ${before.ansible} stand (the fast tests compare with them)`);
    return undefined;
  }
  const answers = askAnsible(python, cases);
  const differing = await compare(cases, answers);
  const counts = `${Object.keys(cases.inventories).length} inventories, ${cases.patterns.length} patterns`;
  console.log(`ansible-core ${answers.ansible}: ${counts}, ${Object.keys(meantDifferences).length} differences listed`);
  if (series(answers.ansible) !== series(before.ansible)) {
    console.log(`other releases may answer otherwise than ${before.ansible}: ${JSON.stringify(differing, undefined, 2)}`);
    return undefined;
  }
  if (!isDeepStrictEqual(differing, meantLines)) return `kofleet answers otherwise: ${JSON.stringify(differing, undefined, 2)}`;
  const isSame = isDeepStrictEqual({ ...answers, ansible: "" }, { ...before, ansible: "" });
  return isSame ? undefined : "the recorded answers are not its answers: npm run ansible:record, and look at what changed";
}

const problem = await verify();
if (problem !== undefined) {
  console.error(problem);
  process.exitCode = 1;
}
