import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

/** The packages that a file loads as soon as it is imported, itself or through others; types cost nothing. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return new Set();
  seen.add(file);
  const imports = [...readFileSync(file, "utf8").matchAll(/^import (?!type )[^;]*?from "([^"]+)"/gm)].map(([, name = ""]) => name);
  return new Set(imports.flatMap((name) => (name.startsWith(".") ? [...packagesOf(join(dirname(file), name), seen)] : [name])));
}

test.each([
  ["load_inventory", ["fastest-levenshtein", "yaml"]],
  ["settings", ["fastest-levenshtein", "yaml"]],
  ["target", ["fastest-levenshtein", "yaml"]],
  ["pattern", ["fastest-levenshtein"]],
  ["limit", ["fastest-levenshtein"]],
])("%s starts without the template engine and the schemas", (name, expected) => {
  const packages = packagesOf(join(import.meta.dirname, `../../src/config/${name}.ts`));
  expect([...packages].filter((each) => !each.startsWith("node:")).sort()).toEqual(expected);
});
