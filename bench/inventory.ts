import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadInventory } from "../src/config/load_inventory.ts";
import { selectHosts } from "../src/config/pattern.ts";
import { noSecretSources } from "../src/config/secret_sources.ts";

/** How long 10,000 hosts in 300 groups take to load, from files with ranges and from files that name each host. */
const count = 10_000;
const groups = 300;
const share = count / 250;

interface Layout {
  readonly name: string;
  /** The text of the file that ends so. */
  readonly files: Readonly<Record<string, string>>;
}

/** 250 groups of 40 hosts, under 50 of five groups each. */
const leaves = Array.from({ length: 250 }, (_, index) => `leaf${index}`);
const parents = Array.from({ length: groups - leaves.length }, (_, index) => ({
  name: `top${index}`,
  children: leaves.slice(index * 5, index * 5 + 5),
}));
const number = (value: number): string => String(value).padStart(2, "0");
const rangeOf = (leaf: string): string => `${leaf}-[${number(1)}:${number(share)}].example.com`;
const hostsOf = (leaf: string): string[] => Array.from({ length: share }, (_, index) => `${leaf}-${number(index + 1)}.example.com`);

const ini = (hosts: (leaf: string) => readonly string[]): string =>
  [
    ...leaves.flatMap((leaf) => [`[${leaf}]`, ...hosts(leaf).map((host) => `${host} rack=7`), `[${leaf}:vars]`, `zone=${leaf}`, "level=1"]),
    ...parents.flatMap(({ name, children }) => [`[${name}:children]`, ...children, `[${name}:vars]`, `level=2`, "user=admin"]),
  ].join("\n");

const yaml = (hosts: (leaf: string) => readonly string[]): string =>
  [
    ...leaves.flatMap((leaf) => [
      `${leaf}:`,
      `  vars: { zone: ${leaf}, level: 1 }`,
      "  hosts:",
      ...hosts(leaf).map((host) => `    ${JSON.stringify(host)}: { rack: 7 }`),
    ]),
    ...parents.flatMap(({ name, children }) => [
      `${name}:`,
      "  vars: { level: 2, user: admin }",
      `  children: { ${children.join(": , ")}: }`,
    ]),
  ].join("\n");

const layouts: readonly Layout[] = [
  { name: "INI with ranges", files: { hosts: ini((leaf) => [rangeOf(leaf)]) } },
  { name: "YAML with ranges", files: { "hosts.yaml": yaml((leaf) => [rangeOf(leaf)]) } },
  { name: "INI, every host", files: { hosts: ini(hostsOf) } },
  { name: "YAML, every host", files: { "hosts.yaml": yaml(hostsOf) } },
];

async function measure({ name, files }: Layout): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "kofleet-bench-"));
  try {
    const paths = Object.entries(files).map(([file, text]) => {
      writeFileSync(join(folder, file), text);
      return join(folder, file);
    });
    const started = performance.now();
    const inventory = await loadInventory(paths, noSecretSources);
    const loaded = performance.now();
    const selected = selectHosts(inventory, "top*:&leaf1*:!leaf10").length;
    const done = performance.now();
    const milliseconds = (from: number, to: number) => `${Math.round(to - from)} ms`.padStart(8);
    return `${name.padEnd(18)} ${milliseconds(started, loaded)} for ${inventory.hosts.size} hosts in ${inventory.groups.size - 2} groups; ${milliseconds(loaded, done)} for a pattern (${selected} hosts)`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const layout of layouts) console.log(await measure(layout));
