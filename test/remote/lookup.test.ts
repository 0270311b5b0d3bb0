import { readdirSync, readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { isUnanswered, lookUp } from "../../src/remote/lookup.ts";
import { NameProcess } from "../../src/remote/name_process.ts";

const signalled = () => AbortSignal.timeout(20_000);

test.each([
  ["10.0.0.1", 4],
  ["::1", 6],
  ["fe80::1%eth0", 6],
])("%s is an address", async (address, family) => {
  expect(await lookUp(address, signalled())).toEqual([{ address, family }]);
});

test("a name of this machine, asked for by many at once", async () => {
  const asking = Array.from({ length: 20 }, () => lookUp("localhost", signalled()));
  expect(isUnanswered("localhost")).toBe(true);
  for (const addresses of await Promise.all(asking)) expect(addresses.map(({ address }) => address)).toContain("127.0.0.1");
  expect(isUnanswered("localhost")).toBe(false);
});

test("a name that nobody knows", async () => {
  await expect(lookUp("no-such-host.invalid", signalled())).rejects.toMatchObject({
    code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
  });
});

test("is called off, before and meanwhile, with the caller's own reason", async () => {
  const reason = new Error("interrupted");
  await expect(lookUp("localhost", AbortSignal.abort(reason))).rejects.toBe(reason);
  const stop = new AbortController();
  const asking = lookUp("localhost", stop.signal);
  stop.abort(reason);
  await expect(asking).rejects.toBe(reason);
});

/** Processes that look names up and were started by this one. */
const processes = (): number[] =>
  readdirSync("/proc/self/task")
    .flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number))
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("node:dns"));

test.runIf(process.platform === "linux")("a process that was ended is no answer, and is replaced", async () => {
  const others = new Set(processes());
  const names = new NameProcess();
  const answer = names.ask("localhost");
  await vi.waitFor(() => expect(processes().filter((pid) => !others.has(pid))).toHaveLength(1));
  const [own] = processes().filter((pid) => !others.has(pid));
  process.kill(own!, "SIGKILL");
  expect(await answer).toEqual({ code: "EAI_AGAIN", addresses: [] });
  expect((await names.ask("localhost")).addresses).not.toEqual([]);
});
