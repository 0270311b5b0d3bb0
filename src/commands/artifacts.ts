import { type Command, InvalidArgumentError } from "commander";
import { addCommonOptions, addRunOptions } from "./common_options.ts";
import type { Console } from "./console.ts";

/** Runs a command with its console; its number is the exit code. */
type Run = (work: (console: Console) => Promise<number>) => Promise<void>;

const addStoreOptions = (command: Command): Command => command.option("--json", "print JSON").option("--no-color", "no colours");

const what = "\nWHAT is a module, an artifact's name or its beginning up to an @, or the beginning of its sha256.";
const manifest = ["-m, --manifest <file>", "manifest of the kernel module"] as const;

/** Adds `kofleet artifacts` with all its verbs; each is loaded when it is called. */
export function addArtifactsCommand(kofleet: Command, run: Run): void {
  const artifacts = kofleet.command("artifacts").description("the modules that were built or imported, and where they come from");
  addReading(artifacts, run);
  addExchange(artifacts, run);
  addCommonOptions(artifacts.command("prune [what...]").description("remove what is old, or what no host needs; and what was replaced"))
    .addHelpText("after", what)
    .option("--older-than <days>", "artifacts that came into the store longer ago, such as 90d", days)
    .option("--keep-running <pattern>", "keep what these hosts run, or have the kernel for")
    .option("-y, --yes", "do not ask")
    .action((words: string[], options) =>
      run(async (console) => (await import("./artifact_prune.ts")).pruneArtifacts(words, options, console)),
    );
}

function addReading(artifacts: Command, run: Run): void {
  addStoreOptions(artifacts.command("list").description("a table: a row per artifact")).action((options) =>
    run(async (console) => (await import("./artifact_list.ts")).listArtifacts(options, console)),
  );
  addStoreOptions(artifacts.command("show <what>").description("all that is known of one artifact"))
    .addHelpText("after", what)
    .action((word: string, options) => run(async (console) => (await import("./artifact_show.ts")).showArtifact(word, options, console)));
  addStoreOptions(artifacts.command("verify [what...]").description("compare files with their provenance, and check who signed that"))
    .addHelpText("after", what)
    .option(...manifest)
    .action((words: string[], options) =>
      run(async (console) => (await import("./artifact_verify.ts")).verifyArtifacts(words, options, console)),
    );
}

function addExchange(artifacts: Command, run: Run): void {
  addStoreOptions(artifacts.command("export <what> <file>").description("write one artifact as a package; FILE may be a folder"))
    .addHelpText("after", what)
    .option("--vendor", "as a package of the module's vendor, NAME-KERNEL-VERSION.tar.gz")
    .option("--force", "replace a file that is there")
    .action((word: string, file: string, options) =>
      run(async (console) => (await import("./artifact_export.ts")).exportArtifact(word, file, options, console)),
    );
  addCommonOptions(artifacts.command("import [file...]").description("bring packages from elsewhere into the store"))
    .option("--distribution <name>", 'what a vendor\'s package is for: "debian 12"')
    .option("--kernel-package <version>", "version of the package that owns the kernel that it is for")
    .option("--source <sha256>", 'the source that it was built from, or "unknown", which no rollout asks for')
    .option("--from-host <pattern>", "what the vendor's installer built on these hosts, instead of files")
    .option(...manifest)
    .option("--force", "replace another build for the same key")
    .action((files: string[], options) =>
      run(async (console) => (await import("./artifact_import.ts")).importArtifacts(files, options, console)),
    );
  addRunOptions(artifacts.command("publish <pattern> [what...]").description("copy packages into the folders of the vendor's server"))
    .addHelpText("after", what)
    .requiredOption(...manifest)
    .option("--force", "replace packages of the same name with other contents")
    .action((pattern: string, words: string[], options) =>
      run(async (console) => (await import("./artifact_publish.ts")).publishArtifacts(pattern, words, options, console)),
    );
}

function days(text: string): number {
  const [, digits] = /^(\d+)d?$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError("expected days, such as 90d.");
  return Number(digits);
}
