import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

/** Every layer may import those in the rows above its own, and itself; siblings in one row never import each other. */
const layers = [
  ["core"],
  ["kernel"],
  ["distributions"],
  ["config", "facts", "remote", "store", "report"],
  ["rollout"],
  ["tasks"],
  ["runner"],
  ["commands"],
  ["cli.ts"],
  ["index.ts"],
];
const rank = new Map(layers.flatMap((row, index) => row.map((layer) => [layer, index] as const)));
const source = resolve(import.meta.dirname, "../../src");

const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

const importsOf = (file: string): string[] => {
  const text = readFileSync(join(source, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) =>
    relative(source, resolve(dirname(join(source, file)), match[1] ?? "")),
  );
};

const layerOf = (file: string): string => file.split("/")[0] ?? file;

/** What is wrong with an import, or undefined. */
function offence(from: string, to: string): string | undefined {
  const [own, other] = [layerOf(from), layerOf(to)];
  const [ownRank, otherRank] = [rank.get(own), rank.get(other)];
  if (ownRank === undefined) return `${from}: "${own}" is no layer of the design`;
  if (otherRank === undefined) return `${from} imports ${to}: "${other}" is no layer of the design`;
  if (own === other || otherRank < ownRank) return undefined;
  return `${from} imports ${to}: ${own} may not know ${other}`;
}

/** The first cycle reachable from a file, as a path of files. */
function cycleFrom(
  file: string,
  graph: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
  path: string[] = [],
): string[] | undefined {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
  if (done.has(file)) return undefined;
  for (const next of graph.get(file) ?? []) {
    const cycle = cycleFrom(next, graph, done, [...path, file]);
    if (cycle) return cycle;
  }
  done.add(file);
  return undefined;
}

test("imports point one way", () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.flatMap((file) => importsOf(file).flatMap((other) => offence(file, other) ?? []))).toEqual([]);
});

test("there are no import cycles", () => {
  const graph = new Map(files.map((file) => [file, importsOf(file)]));
  const done = new Set<string>();
  expect(files.map((file) => cycleFrom(file, graph, done)).find(Boolean)).toBeUndefined();
});

test("nothing inside imports index.ts, and only cli.ts ends the process", () => {
  expect(files.filter((file) => importsOf(file).includes("index.ts"))).toEqual([]);
  expect(files.filter((file) => file !== "cli.ts" && /process\.exit\b/.test(readFileSync(join(source, file), "utf8")))).toEqual([]);
});

test("only one file makes SSH clients, and none of them without asking whether the host key is the literal true", () => {
  const makers = files.filter((file) => /\bnew\s+(?:[\w.]+\.)?(?:Client|NodeSSH|SSH)\s*\(/.test(readFileSync(join(source, file), "utf8")));
  expect(makers).toEqual(["remote/ssh_client.ts"]);
  const maker = readFileSync(join(source, "remote/ssh_client.ts"), "utf8");
  expect(maker.match(/\bnew NodeSSH\(/g)).toHaveLength(1);
  expect(maker.match(/hostVerifier.*/g)).toEqual(["hostVerifier: onlyTrue(verify),"]);
});

test("values of ssh2 that connect are imported nowhere else", () => {
  const importers = files.filter((file) => /^import (?!type\b)[^;]*from "node-ssh"/m.test(readFileSync(join(source, file), "utf8")));
  expect(importers).toEqual(["remote/ssh_client.ts"]);
});
