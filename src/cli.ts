#!/usr/bin/env node
import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { addArtifactsCommand } from "./commands/artifacts.ts";
import { addCommonOptions, addRunOptions } from "./commands/common_options.ts";
import type { Console } from "./commands/console.ts";
import { processConsole } from "./commands/process_console.ts";
import { KofleetError } from "./core/error.ts";
import { waivable } from "./core/proof_names.ts";

/** Many short-lived objects and few that stay: a small young generation costs little time and saves megabytes with hundreds of hosts. */
setFlagsFromString("--semi-space-growth-factor=1");

const { version } = createRequire(import.meta.url)("../package.json") as { readonly version: string };

const exitCodes = `
Exit codes: 0 all well, also where there was nothing to do; 1 an error before any host was touched;
2 some host failed or is blocked; 4 no failure, but some host was unreachable; 5 the failure budget
stopped the rollout; 130 interrupted.`;

/** Runs a command with its console; its number is the exit code. */
type Run = (console: Console) => Promise<number>;

/** The whole command line; commands are loaded when they are called, so that a quick one starts quickly. */
function program(run: (work: Run) => Promise<void>): Command {
  const kofleet = new Command("kofleet")
    .description("Rolls an out-of-tree Linux kernel module out over a fleet, over plain SSH, and proves that it is there.")
    .version(version, "--version", "print the version")
    .addHelpText("after", exitCodes)
    .exitOverride()
    .showHelpAfterError("(kofleet --help lists all commands)");

  const manifest = ["-m, --manifest <file>", "manifest of the kernel module"] as const;
  const rolloutOptions = (command: Command): Command =>
    command
      .requiredOption(...manifest)
      .option("--waves <sizes>", "sizes of the waves behind the canaries, such as 10%,50% (default: 10%)", waves)
      .option("--auto-canary", "choose a canary for every combination that no marked host covers")
      .option("--allow-unsupported", "also where the manifest does not support distribution or kernel")
      .option("--allow-unknown", "also where a proof can't be made, because what it takes is not known of the host")
      .addOption(
        new Option("--allow-unproved <proof>", "also where this proof does not hold; may be given several times")
          .choices(waivable)
          .argParser(chosenProof),
      );

  rolloutOptions(
    addRunOptions(kofleet.command("rollout [pattern]").description("survey, plan, confirm, build, activate in waves, report")),
  ).action((pattern: string | undefined, options) =>
    run(async (console) => (await import("./commands/rollout.ts")).rollout(pattern ?? "all", options, console)),
  );
  rolloutOptions(addCommonOptions(kofleet.command("plan [pattern]").description("the same, up to the plan"))).action(
    (pattern: string | undefined, options) =>
      run(async (console) => (await import("./commands/rollout.ts")).plan(pattern ?? "all", options, console)),
  );
  addCommonOptions(kofleet.command("status [pattern]").description("a table: a row per host"))
    .option(...manifest)
    .action((pattern: string | undefined, options) =>
      run(async (console) => (await import("./commands/status.ts")).status(pattern ?? "all", options, console)),
    );
  addCommonOptions(kofleet.command("exec <pattern> <command...>").description("one command on many hosts; equal outputs folded together"))
    .addHelpText(
      "after",
      "\nSeveral words are the command to the letter; one word with blanks is a line for the host's shell:\n  kofleet exec web -- uname -r\n  kofleet exec web -- 'df -h | tail -1'",
    )
    .option("--stream", "print each line as it comes, with its host, instead of folding")
    .option("--diff", "print how outputs differ from the commonest")
    .option("--command-timeout <seconds>", "until the command must end (default: 600)", Number)
    .action((pattern: string, words: string[], options) =>
      run(async (console) => (await import("./commands/exec.ts")).exec(pattern, words, options, console)),
    );
  addRunOptions(kofleet.command("play <playbook> [pattern]").description("any playbook"))
    .option(...manifest)
    .action((playbook: string, pattern: string | undefined, options) =>
      run(async (console) => (await import("./commands/play.ts")).play(playbook, pattern ?? "all", options, console)),
    );
  addCommonOptions(kofleet.command("facts <pattern>").description("what kofleet knows of a host"))
    .option(...manifest)
    .action((pattern: string, options) => run(async (console) => (await import("./commands/facts.ts")).facts(pattern, options, console)));
  addCommonOptions(kofleet.command("hosts [pattern]").description("the inventory as kofleet reads it"))
    .option("--graph", "as a tree of groups")
    .option("--vars", "with each variable and the place it comes from")
    .option("--playbook-dir <folder>", "with the variables that a playbook in this folder would see")
    .action((pattern: string | undefined, options) =>
      run(async (console) => (await import("./commands/hosts.ts")).hosts(pattern ?? "all", options, console)),
    );
  addCommonOptions(kofleet.command("trust <pattern>").description("collect, show and accept host keys"))
    .option("-y, --yes", "do not ask: trust on first use; a changed key is never accepted")
    .option("--from <file>", "accept what this list of keys or fingerprints has, unasked, and nothing else")
    .action((pattern: string, options) => run(async (console) => (await import("./commands/trust.ts")).trust(pattern, options, console)));
  addArtifactsCommand(kofleet, run);
  kofleet
    .command("tasks [name]")
    .description("every task and its arguments")
    .option("--json", "print JSON")
    .action((name: string | undefined, options) =>
      run(async (console) => (await import("./commands/tasks.ts")).tasks(name, options, console)),
    );
  return kofleet;
}

function chosenProof(name: string, before: readonly string[] | undefined): readonly string[] {
  if (!waivable.some((one) => one === name)) throw new InvalidArgumentError(`allowed are ${waivable.join(", ")}.`);
  return [...(before ?? []), name];
}

function waves(text: string): readonly (number | `${number}%`)[] {
  return text.split(",").map((size): number | `${number}%` => {
    const [, digits, percent] = /^([1-9]\d*)(%?)$/.exec(size.trim()) ?? [];
    if (digits === undefined) throw new InvalidArgumentError("expected sizes such as 5,10%,50%.");
    return percent === "%" ? `${Number(digits)}%` : Number(digits);
  });
}

/** Turns what was thrown into words and an exit code: what is the user's to mend is told without a stack, what is a bug with it. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
  if (error instanceof KofleetError) process.stderr.write(`kofleet: ${error.message}\n`);
  else
    process.stderr.write(`kofleet: this is a bug in kofleet, please report it:\n${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}

async function main(): Promise<number> {
  let code = 0;
  const console = processConsole();
  await program(async (work) => {
    code = await work(console);
  }).parseAsync();
  return code;
}

/** A reader that went away (`| head`) is no error. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exit(await main().catch(report));
