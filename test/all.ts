import { spawn, spawnSync } from "node:child_process";
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
  /** Whether its tests wait for deadlines of a second or less: they tell nothing of kofleet where the machine itself misses them. */
  readonly isTimed?: true;
}

const { values } = parseArgs({ options: { minutes: { type: "string" } } });
/** For CI, how long all of it may take. A stage that this machine is too slow for is not begun, and that is said. */
const minutes = Number(values.minutes ?? Number.POSITIVE_INFINITY);
if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: say a number of minutes`);

const vitest = (project: string, share: number, ...args: string[]): Stage => ({
  name: `${project} tests`,
  command: ["npx", "vitest", "run", "--project", project, ...args],
  isVitest: true,
  share,
});

const stages: readonly Stage[] = [
  { name: "build", command: ["npm", "run", "--silent", "build"] },
  { name: "lint", command: ["npm", "run", "--silent", "lint"] },
  { name: "types", command: ["npm", "run", "--silent", "types"] },
  vitest("fast", 0, "--coverage"),
  { ...vitest("slow", 0.3), isTimed: true },
  { name: "ansible", command: ["npm", "run", "--silent", "test:ansible"] },
  { ...vitest("network", 1.5), isTimed: true },
  vitest("modules", 0.1),
  { ...vitest("lab", 6), isTimed: true },
];

const begun = Date.now();

/** Milliseconds that the slowest of fifty processes took which do nothing: a few on a machine of its own, hundreds where its processors are lent to others. */
function longestStall(): number {
  const takes = Array.from({ length: 50 }, () => {
    const start = performance.now();
    spawnSync("true");
    return performance.now() - start;
  });
  return Math.max(...takes);
}
const tolerated = 100;

/** Why a stage is not begun. A run that is cut in the middle, or that measures the machine, says nothing. */
function whyNot({ share = 0, isTimed }: Stage): string | undefined {
  if (!Number.isFinite(minutes)) return undefined;
  const before = (Date.now() - begun) / 60_000;
  const expected = before * (1 + share);
  if (share > 0 && expected > minutes)
    return `NOT RUN: this machine took ${before.toFixed(0)} min for the stages before it and would take about ${expected.toFixed(0)} min in all, over ${minutes}`;
  const stall = isTimed ? longestStall() : 0;
  if (stall <= tolerated) return undefined;
  return `NOT RUN: this machine held a process up for ${stall.toFixed(0)} ms that does nothing, and these tests wait for deadlines of less than a second`;
}

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped?: number;
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
  const told = JSON.parse(readFileSync(report, "utf8")) as Record<string, number>;
  const { numPassedTests: passed = 0, numFailedTests: failed = 0, numPendingTests: skipped = 0 } = told;
  return { passed, failed: failed + (code !== 0 && failed === 0 ? 1 : 0), skipped };
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
  const count: Count = stage.isVitest ? countTests(report, code) : { passed: Number(code === 0), failed: Number(code !== 0) };
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const skipped = count.skipped ? `, ${count.skipped} skipped` : "";
  return { ...count, line: `${stage.name.padEnd(14)} ${seconds.padStart(7)} s  ${count.passed} passed, ${count.failed} failed${skipped}` };
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
const sum = (key: "passed" | "failed"): number => counts.reduce((total, count) => total + count[key], 0);
console.log(`\n${counts.map(({ line }) => line).join("\n")}\n\n${sum("passed")} passed, ${sum("failed")} failed`);
process.exit(sum("failed") === 0 ? 0 : 1);
