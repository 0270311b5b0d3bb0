import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { killedByGroup } from "../../src/remote/group_transport.ts";
import { openLocal } from "../../src/remote/local.ts";
import { GroupWatch, killLine } from "../../src/remote/process_group.ts";
import { scratch } from "./asking.ts";
import { isRunning } from "./processes.ts";

const silent = { stdout: () => undefined, stderr: () => undefined };

describe("the line with the process group", () => {
  test("is found wherever stderr is cut, and all else is passed on", async () => {
    const chunks = fc.array(fc.integer({ min: 1, max: 40 }));
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), chunks, async (before, after, cuts) => {
        const passed: Buffer[] = [];
        const watch = new GroupWatch("w0rd", (chunk) => passed.push(chunk));
        const text = Buffer.from(`${before}w0rd 4711\n${after}`);
        const ends = [...new Set(cuts)].sort((a, b) => a - b);
        for (const [index, start] of [0, ...ends].entries()) watch.push(text.subarray(start, ends[index]));
        expect([Buffer.concat(passed).toString(), await watch.group]).toEqual([before + after, "4711"]);
      }),
    );
  });

  test("that never comes holds nothing back", () => {
    const passed: string[] = [];
    const watch = new GroupWatch("w0rd", (chunk) => passed.push(String(chunk)));
    watch.push(Buffer.from("This account is closed.\nw0rd x\n"));
    watch.end();
    watch.end();
    expect(passed).toEqual(["This account is closed.\nw0rd x\n"]);
  });

  test("makes a command that signals a group, and nothing else", () => {
    expect(killLine("4711")).toBe(`sh -c 'kill -s TERM -- "-$0"' 4711`);
  });
});

describe("a transport without signals", () => {
  test("keeps exit codes and both streams", async () => {
    const said: string[] = [];
    const listener = { stdout: (chunk: Buffer) => said.push(`out ${chunk}`), stderr: (chunk: Buffer) => said.push(`err ${chunk}`) };
    const transport = killedByGroup(openLocal());
    const channel = await transport.open("printf a; printf b >&2; exit 7", listener);
    expect([await channel.closed, said.sort()]).toEqual([7, ["err b", "out a"]]);
    expect(await (await transport.open("sh -c 'kill -KILL $$'", silent)).closed).toBe(137);
    await transport.close();
  });

  test("ends a command with all its children, and is not closed before", async () => {
    const transport = killedByGroup(openLocal());
    const file = join(scratch(), "pids");
    const channel = await transport.open(`sleep 30 & echo $$ $! >${file}; wait`, silent);
    const pids = await vi.waitFor(() => {
      const found = readFileSync(file, "utf8").trim().split(" ");
      expect(found).toHaveLength(2);
      return found;
    });
    channel.kill();
    await transport.close();
    await vi.waitFor(() => expect(pids.filter(isRunning)).toEqual([]));
  });

  test("sends no signal to what has ended", async () => {
    const local = openLocal();
    const opened: string[] = [];
    const transport = killedByGroup({
      ...local,
      open(command, listener) {
        opened.push(command);
        return local.open("true", listener);
      },
    });
    const channel = await transport.open("true", silent);
    await channel.closed;
    channel.kill();
    await transport.close();
    expect(opened).toHaveLength(1);
  });
});
