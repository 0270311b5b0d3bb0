import { expect, test } from "vitest";
import { recordedAnswers } from "./oracle/ask_ansible.ts";
import { cases } from "./oracle/cases.ts";
import { compare } from "./oracle/compare.ts";
import { meantDifferences, meantLines } from "./oracle/differences.ts";

test("inventories and patterns mean what Ansible's recorded answers say, but for the differences listed with their reasons", async () => {
  const answers = recordedAnswers();
  const inventories = Object.keys(cases.inventories).length;
  expect(Object.keys(answers.inventories)).toHaveLength(inventories);
  expect(answers.selections).toHaveLength(cases.patterns.length);
  expect(await compare(cases, answers)).toEqual(meantLines);
  const listed = Object.keys(meantDifferences).length;
  console.log(
    `ansible-core ${answers.ansible}: ${inventories} inventories, ${cases.patterns.length} patterns, ${listed} differences listed`,
  );
});
