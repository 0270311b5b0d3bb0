import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeFunction } from "../../src/remote/step_script.ts";
import { scratch } from "./asking.ts";

test("a write whose connection goes away in the middle leaves nothing behind", async () => {
  const folder = scratch();
  const script = `kofleet_nonce=nonce; exec 9<&0; ${writeFunction} kofleet_write "$1" 644 "" 1000 "$2"`;
  const child = spawn("sh", ["-c", script, "sh", join(folder, "file"), "0".repeat(64)]);
  child.stdin.write("half of it");
  await expect.poll(() => readdirSync(folder)).toEqual([".kofleet.nonce"]);
  for (const stream of [child.stdout, child.stderr, child.stdin]) stream.destroy();
  await once(child, "exit");
  expect(readdirSync(folder)).toEqual([]);
});
