import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addArtifactsCommand } from "../../src/commands/artifacts.ts";
import { openArtifactStore } from "../../src/store/artifacts.ts";
import { module, partsOf, provenance } from "../store/package_fixture.ts";
import { unsigned } from "../store/signing_fixture.ts";
import { type TestConsole, testConsole } from "./console_fixture.ts";

/** Calls `kofleet artifacts` with some words; the exit code. */
async function call(console: TestConsole, ...words: readonly string[]): Promise<number> {
  const kofleet = new Command("kofleet").exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  let code = -1;
  addArtifactsCommand(kofleet, async (work) => {
    code = await work(console);
  });
  await kofleet.parseAsync(["artifacts", ...words], { from: "user" });
  return code;
}

async function stocked(): Promise<TestConsole> {
  const console = testConsole();
  await openArtifactStore(join(console.folder, ".local/share/kofleet/artifacts"), unsigned).add(partsOf().provenance, module);
  return console;
}

test.each<[readonly string[], number]>([
  [["list", "--json"], 0],
  [["show", "my-module"], 0],
  [["verify", "my-module@1.2.3"], 0],
  [["export", provenance.sha256.slice(0, 8), "x.tar.gz", "--vendor"], 0],
  [["import", "absent"], 1],
  [["prune", "--older-than", "90d", "--yes"], 0],
])("%j is a command", async (words, code) => {
  expect(await call(await stocked(), ...words)).toBe(code);
});

test.each<[readonly string[], string]>([
  [["prune", "--older-than", "soon"], "expected days, such as 90d"],
  [["publish", "vendor"], "--manifest"],
  [["publish", "vendor", "-m", "absent.yaml"], "no inventory"],
  [["verify", "-m", "absent.yaml"], "absent.yaml"],
  [["show"], "missing required argument"],
  [["lst"], "unknown command"],
])("%j says what is wrong", async (words, message) => {
  await expect(call(await stocked(), ...words)).rejects.toThrow(message);
});
