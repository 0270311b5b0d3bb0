import { execFile, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { appendKnownHosts, appendWhole } from "../../src/remote/known_hosts_append.ts";
import { KnownHostsFiles } from "../../src/remote/known_hosts_files.ts";
import { scratch } from "./asking.ts";
import { keyText, newKey, publicKeyOf } from "./ssh_server.ts";

const [first, second, rsa] = [publicKeyOf(newKey().public), publicKeyOf(newKey().public), publicKeyOf(newKey("rsa").public)];

const newFile = (content?: string): string => {
  const file = join(scratch(), "known_hosts");
  if (content !== undefined) writeFileSync(file, content);
  return file;
};

const hostIn = (file: string, address = "web01") => ({ address, port: 22, knownHostsFiles: [file] });

const linesOf = (file: string): string[] => readFileSync(file, "utf8").trimEnd().split("\n");

describe("reading", () => {
  test("missing files are empty, changed ones are read again", async () => {
    const file = newFile();
    const files = new KnownHostsFiles();
    const named = async () => (await files.about({ ...hostIn(file), knownHostsFiles: [file, `${file}2`] })).named.map(({ line }) => line);
    expect(await named()).toEqual([]);
    writeFileSync(file, `# mine\nweb01 ${keyText(first)}\n`);
    expect(await named()).toEqual([2]);
    appendFileSync(file, `\nweb01 ${keyText(rsa)}`);
    expect(await named()).toEqual([2, 4]);
    appendFileSync(file, ` comment\nbroken\nweb0? ${keyText(second)}\n`);
    expect([await named(), await files.unread(file)]).toEqual([[2, 4, 6], [5]]);
    writeFileSync(file, `web01 ${keyText(rsa)}\nbroken\n`);
    expect([await named(), await files.unread(file)]).toEqual([[1], [2]]);
    expect(existsSync(`${file}2`)).toBe(false);
  });

  test("a host with a port has the lines without it apart", async () => {
    const file = newFile(`web01 ${keyText(first)}\n[web01]:2222 ${keyText(second)}\n`);
    const { named, portless } = await new KnownHostsFiles().about({ ...hostIn(file), port: 2222 });
    expect([named.map(({ line }) => line), portless.map(({ line }) => line)]).toEqual([[2], [1]]);
  });

  test("one that can't be read is an error, not a host that nobody knows", async () => {
    await expect(new KnownHostsFiles().about(hostIn(scratch()))).rejects.toMatchObject({
      reason: "host-key",
      message: expect.stringContaining("cannot read"),
    });
  });
});

describe("learning", () => {
  test("many at a time lose nothing, and the same one is learned once", async () => {
    const file = newFile();
    const files = new KnownHostsFiles();
    const names = Array.from({ length: 50 }, (_, index) => `web${index}`);
    await Promise.all([...names, ...names].map((name) => files.learn(hostIn(file, name), first)));
    await files.learn(hostIn(file, "web7"), first);
    expect(linesOf(file).sort()).toEqual(names.map((name) => `${name} ${keyText(first)}`).sort());
  });

  test("two processes and an ssh at a time lose nothing", async () => {
    const file = newFile("# mine\n");
    const [ours, theirs] = [new KnownHostsFiles(), new KnownHostsFiles()];
    const append = promisify(execFile)("sh", ["-c", 'for i in $(seq 30); do echo "ssh$i $1" >>"$2"; done', "sh", keyText(rsa), file]);
    await Promise.all([
      append,
      ...Array.from({ length: 30 }, async (_, index) => {
        await ours.learn(hostIn(file, `a${index}`), first);
        await theirs.learn(hostIn(file, `b${index}`), second);
      }),
    ]);
    const known = (await new KnownHostsFiles().about({ ...hostIn(file), address: "a29" })).named;
    expect([linesOf(file).length, await ours.unread(file), known.length]).toEqual([91, [], 1]);
  });

  test("what was contradicted meanwhile is refused, and its neighbours are not", async () => {
    const file = newFile(`web01 ${keyText(first)}\n@revoked * ${keyText(rsa)}\n`);
    const files = new KnownHostsFiles();
    const outcomes = await Promise.allSettled([
      files.learn(hostIn(file), second),
      files.learn(hostIn(file, "web02"), first),
      files.learn(hostIn(file, "web02"), second),
      files.learn(hostIn(file, "web03"), rsa),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected", "rejected"]);
    expect(outcomes[0]).toMatchObject({
      reason: { reason: "host-key", message: `web01:22 shows a host key that was new a moment ago: by now ${file}:1 contradicts it` },
    });
    expect(linesOf(file).slice(2)).toEqual([`web02 ${keyText(first)}`]);
  });

  test("names are hashed where all names are", async () => {
    const file = newFile(`web01 ${keyText(first)}\n`);
    const files = new KnownHostsFiles();
    await files.learn(hostIn(file, "web02"), first);
    expect(linesOf(file)[1]).toMatch(/^web02 /);
    writeFileSync(
      file,
      `@revoked * ${keyText(rsa)}\n|1|${"A".repeat(27)}=|${"A".repeat(27)}= ${keyText(first)}\n*.lan ${keyText(first)}\n`,
    );
    await files.learn(hostIn(file, "web03"), first);
    expect(linesOf(file)[3]).toMatch(/^\|1\|.* ssh-ed25519 /);
    expect((await files.about(hostIn(file, "web03"))).named.map(({ line }) => line)).toEqual([1, 4]);
  });

  test("without a file nothing is remembered; one that can't be written is an error", async () => {
    await new KnownHostsFiles().learn({ ...hostIn("/no"), knownHostsFiles: [] }, first);
    await expect(new KnownHostsFiles().learn(hostIn("/dev/null/known_hosts"), first)).rejects.toMatchObject({ reason: "host-key" });
    const file = join(scratch(), "full");
    symlinkSync("/dev/full", file);
    await expect(appendKnownHosts(file, ["web01"])).rejects.toThrow("ENOSPC");
  });
});

describe("appending", () => {
  test("makes the folder and the file, for the user alone", async () => {
    const file = join(scratch(), ".ssh", "known_hosts");
    await appendKnownHosts(file, ["web01", "web02"]);
    expect(readFileSync(file, "utf8")).toBe("web01\nweb02\n");
    expect([statSync(file).mode & 0o777, statSync(join(file, "..")).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  test("begins a line of its own, and keeps mode and link", async () => {
    const [file, link] = [newFile("# no newline"), join(scratch(), "link")];
    symlinkSync(file, link);
    spawnSync("chmod", ["640", file]);
    await appendKnownHosts(link, ["web01"]);
    expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual(["# no newline\nweb01\n", 0o640]);
  });

  test("a file that was replaced in that moment gets the lines too", async () => {
    const file = newFile("old\n");
    const handle = await open(file);
    const sync = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, "sync").mockImplementationOnce(async () => {
      writeFileSync(`${file}.new`, "cleaned\n");
      renameSync(`${file}.new`, file);
    });
    await appendKnownHosts(file, ["web01"]);
    sync.mockRestore();
    await handle.close();
    expect(readFileSync(file, "utf8")).toBe("cleaned\nweb01\n");
  });

  test.each([
    ["is taken back", 10, [["truncate", 10]]],
    ["stays where somebody added more", 99, []],
  ])("what a full disk cut short %s", async (_, grown, expected) => {
    const calls: unknown[] = [];
    let size = 10;
    const handle = {
      stat: async () => ({ size }),
      read: async () => ({ bytesRead: 1 }),
      write: async () => {
        size = grown === 10 ? 14 : grown;
        return { bytesWritten: 4 };
      },
      truncate: async (length: number) => void calls.push(["truncate", length]),
      sync: async () => void calls.push("sync"),
    };
    await expect(appendWhole(handle as unknown as Parameters<typeof appendWhole>[0], ["web01"])).rejects.toThrow("is the disk full?");
    expect(calls).toEqual(expected);
  });
});
