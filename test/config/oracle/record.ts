import { writeFileSync } from "node:fs";
import { ansiblePython, askAnsible, recordFile } from "./ask_ansible.ts";
import { cases } from "./cases.ts";

/** Records what the installed ansible-core answers, for the comparison to run where there is none. */
const python = ansiblePython();
if (python === undefined) throw new Error("ansible-inventory is not on the PATH: install ansible-core");
const answers = askAnsible(python, cases);
writeFileSync(recordFile, `${JSON.stringify(answers, undefined, 1)}\n`);
console.log(
  `recorded ansible-core ${answers.ansible}: ${Object.keys(cases.inventories).length} inventories, ${cases.patterns.length} patterns`,
);
