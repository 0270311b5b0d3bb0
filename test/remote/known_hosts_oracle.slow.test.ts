import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type KnownHost, parseKnownHosts } from "../../src/remote/known_hosts.ts";
import { NameIndex } from "../../src/remote/name_index.ts";

/** Lines of known_hosts files as nobody writes them, and what `ssh-keygen -l -F NAME -f FILE` of OpenSSH 9.2 finds in them. */
const folder = join(import.meta.dirname, "../fixtures/known_hosts");

interface Answer {
  readonly file: string;
  readonly name: string;
  /** "3", "4CA", "5REVOKED". */
  readonly lines: string;
}

const answers = readFileSync(join(folder, "answers.txt"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line): Answer => {
    const [, file = "", name = "", lines = ""] = /^(\S+) (\S+):(.*)$/.exec(line) ?? [];
    return { file, name, lines: lines.trim() };
  });

/** Where kofleet differs from `ssh-keygen -F` on purpose, and the lines that it finds. */
const differences: Readonly<Record<string, string>> = {
  // ssh looks a name up in lower case. ssh-keygen -F does so too, but for hashed names.
  "hashed WEB01": "1 5",
  "hashed 2001:DB8::1": "4",
  // A tab behind a marker: ssh takes all up to the next blank for the marker, and passes over the line. A revocation counts here.
  "markers web02": "3REVOKED 4CA 5REVOKED 6REVOKED",
};

const marks = { revoked: "REVOKED", "cert-authority": "CA" } as const;

function linesFor(index: NameIndex<KnownHost>, name: string): string {
  return index
    .about(name.toLowerCase())
    .map(({ line, marker }) => `${line}${marker ? marks[marker] : ""}`)
    .join(" ");
}

const files = [...new Set(answers.map(({ file }) => file))];

test.each(files)("finds the lines of %s that ssh-keygen finds", (file) => {
  const index = new NameIndex(parseKnownHosts(readFileSync(join(folder, file), "utf8"), file).lines);
  const own = answers.filter((answer) => answer.file === file);
  const found = own.map(({ name }) => `${name}: ${linesFor(index, name)}`);
  expect(found).toEqual(own.map(({ name, lines }) => `${name}: ${differences[`${file} ${name}`] ?? lines}`));
});

test("the answers are about many files and names, and not all of them empty", () => {
  expect([files.length, answers.length, answers.filter(({ lines }) => lines !== "").length]).toEqual([9, 324, 115]);
});

test.runIf(spawnSync("ssh-keygen", ["-?"]).error === undefined).each(files)("the answers for %s are what ssh-keygen says here", (file) => {
  const sample = answers.filter((answer, index) => answer.file === file && index % (answer.lines === "" ? 13 : 3) === 0);
  const live = sample.map(({ name }) => {
    const { stdout } = spawnSync("ssh-keygen", ["-l", "-F", name, "-f", join(folder, file)], { encoding: "utf8" });
    return [...stdout.matchAll(/^# Host .* found: line (\d+) ?(CA|REVOKED)?/gm)].map(([, line, mark = ""]) => line + mark).join(" ");
  });
  expect(live).toEqual(sample.map(({ lines }) => lines));
});
