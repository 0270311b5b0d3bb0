import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

/** Runs every check of the project, one after the other; the last line counts what passed and what failed. */
interface Stage {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** A vitest run, which counts its own tests; any other stage is one check. */
  readonly isVitest?: true;
  /** About how many times as long as all stages before it together it takes. */
  readonly share?: number;
}

const { values } = parseArgs({ options: { minutes: { type: "string" } } });
/** How long all of it may take. A stage of which it is plain that it would not end in time is not begun, and that is said. */
const minutes = Number(values.minutes ?? Number.POSITIVE_INFINITY);
if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: say a number of minutes`);

const vitest = (project: string, ...args: string[]): Stage => ({
  name: `${project} tests`,
  command: ["npx", "vitest", "run", "--project", project, ...args],
  isVitest: true,
});

const stages: readonly Stage[] = [
  { name: "build", command: ["npm", "run", "--silent", "build"] },
  { name: "lint", command: ["npm", "run", "--silent", "lint"] },
  { name: "types", command: ["npm", "run", "--silent", "types"] },
  vitest("fast", "--coverage"),
  vitest("slow"),
  { name: "ansible", command: ["npm", "run", "--silent", "test:ansible"] },
  vitest("network"),
  vitest("modules"),
  { ...vitest("lab"), share: 5 },
];

const begun = Date.now();

/** Why a stage is not begun: processors that are lent to others emulate machines many times slower, and a run cut in the middle says nothing. */
function whyNot({ share = 0 }: Stage): string | undefined {
  const before = (Date.now() - begun) / 60_000;
  const expected = before * (1 + share);
  if (share === 0 || expected <= minutes) return undefined;
  return `NOT RUN: this machine took ${before.toFixed(0)} min for the stages before it and would take about ${expected.toFixed(0)} min in all, over ${minutes}`;
}

interface Count {
  readonly passed: number;
  readonly failed: number;
}

const folder = mkdtempSync(join(tmpdir(), "kofleet-test-"));

const run = ([program, ...args]: Stage["command"]): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });

/** A run that failed as a whole (no test found, a threshold missed) counts as one failure more. */
function countTests(report: string, code: number): Count {
  const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(readFileSync(report, "utf8")) as Record<string, number>;
  return { passed: passed ?? 0, failed: (failed ?? 0) + (code !== 0 && !failed ? 1 : 0) };
}

async function runStage(stage: Stage, index: number): Promise<Count & { readonly line: string }> {
  console.log(`\n== ${stage.name}`);
  const reason = whyNot(stage);
  if (reason !== undefined) {
    console.log(reason);
    return { passed: 0, failed: 0, line: `${stage.name.padEnd(14)} ${reason}` };
  }
  const started = Date.now();
  const report = join(folder, `${index}.json`);
  const extra = stage.isVitest ? ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`] : [];
  const code = await run([...stage.command, ...extra] as unknown as Stage["command"]);
  const count = stage.isVitest ? countTests(report, code) : { passed: Number(code === 0), failed: Number(code !== 0) };
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  return { ...count, line: `${stage.name.padEnd(14)} ${seconds.padStart(7)} s  ${count.passed} passed, ${count.failed} failed` };
}

const counts: Awaited<ReturnType<typeof runStage>>[] = [];
for (const [index, stage] of stages.entries()) {
  counts.push(
    await runStage(stage, index).catch((error: unknown) => ({
      passed: 0,
      failed: 1,
      line: `${stage.name.padEnd(14)} broke: ${String(error)}`,
    })),
  );
}
rmSync(folder, { recursive: true });
const sum = (key: keyof Count): number => counts.reduce((total, count) => total + count[key], 0);
console.log(`\n${counts.map(({ line }) => line).join("\n")}\n\n${sum("passed")} passed, ${sum("failed")} failed`);
process.exit(sum("failed") === 0 ? 0 : 1);
