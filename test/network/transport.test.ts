import { readFileSync } from "node:fs";
import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Connection, Target } from "../../src/core/connection.ts";
import { createConnect } from "../../src/remote/connect.ts";
import { askOptions, scratch, sha256 } from "../remote/asking.ts";
import { isRunning } from "../remote/processes.ts";
import { noSshd, type RealSshd, realTarget, startSshd } from "../remote/real_sshd.ts";

const from = { name: "ann", home: "/no/home" };
const title = noSshd === undefined ? "" : ` (skipped: ${noSshd})`;

/** What every transport promises, over a real sshd. */
describe.skipIf(noSshd).each(["ssh", "openssh"] as const)(`transport %s${title}`, (transport) => {
  let sshd: RealSshd;
  let connection: Connection;
  const connect = (more: Partial<Target> = {}) => createConnect(from)(realTarget(sshd, { transport, ...more }));

  beforeAll(async () => {
    sshd = await startSshd();
    connection = await connect();
  });
  afterAll(async () => {
    await connection.close();
    await sshd.close();
  });

  test("one exec is one command, its streams to the byte", async () => {
    const chunks: string[] = [];
    const answer = await connection.exec(["sh", "-c", "printf 'é\\n\\n'; printf ' err' >&2; exit 3"], {
      timeout: 5,
      onOutput: (stream, chunk) => chunks.push(`${stream} ${chunk}`),
    });
    expect(answer).toEqual({ code: 3, stdout: "é\n\n", stderr: " err" });
    expect(chunks.sort()).toEqual(["stderr  err", "stdout é\n\n"]);
  });

  test.each([
    ["exit 0", 0],
    ["exit 255", 255],
    ["kill -TERM $$", 143],
    ["kill -KILL $$", 137],
  ])("%s", async (script, code) => {
    expect((await connection.exec(["sh", "-c", script], { timeout: 5 })).code).toBe(code);
  });

  test("words of all sorts arrive as they are", async () => {
    const words = ["", " ", "a'b\"c\\d!e", "$HOME `id` *", "-n", "two\nlines", "é"];
    expect((await connection.exec(["printf", "<%s>", ...words], { timeout: 5 })).stdout).toBe(words.map((word) => `<${word}>`).join(""));
  });

  test("an output of megabytes arrives whole on both streams", async () => {
    const line = "head -c 6000000 /dev/zero | tr '\\0' o; head -c 4000000 /dev/zero | tr '\\0' e >&2";
    const answer = await connection.exec(["sh", "-c", line], { timeout: 20 });
    expect([answer.stdout.length, answer.stderr.length]).toEqual([6_000_000, 4_000_000]);
  });

  test("a batch, with an upload", async () => {
    const [folder, bytes] = [scratch(), Buffer.alloc(5_000_000, "k\0\n")];
    const write = { kind: "write", path: join(folder, "file.ko"), sha256: sha256(bytes), mode: 0o644 } as const;
    const { steps, answers } = await connection.ask({ steps: [write], questions: [["echo", "on"]] }, askOptions(folder, [bytes]));
    expect([steps, answers]).toEqual([[{ code: 0, stdout: "", stderr: "" }], [{ code: 0, stdout: "on\n", stderr: "" }]]);
    expect(sha256(readFileSync(join(folder, "file.ko")))).toBe(write.sha256);
  });

  test("an upload behind a failed step hangs nobody", async () => {
    const [folder, bytes] = [scratch(), Buffer.alloc(8_000_000)];
    const write = { kind: "write", path: join(folder, "file"), sha256: sha256(bytes), mode: 0o644 } as const;
    const batch = { steps: [{ kind: "run", argv: ["false"] } as const, write], questions: [] };
    expect((await connection.ask(batch, askOptions(folder, [bytes]))).steps).toHaveLength(1);
    expect((await connection.ask({ steps: [], questions: [["echo", "on"]] }, askOptions(folder))).answers[0]?.stdout).toBe("on\n");
  });

  test("more at a time than a server allows wait for each other", async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => connection.exec(["echo", String(n)], { timeout: 10 })));
    expect(answers.map(({ stdout }) => Number(stdout))).toEqual([...answers.keys()]);
  });

  test("what takes too long is ended with all its children, and the connection serves on", async () => {
    const file = join(scratch(), "ended");
    const script = `trap 'echo ended >${file}; exit' TERM; sleep 30 & echo $! >${file}.child; wait`;
    await expect(connection.exec(["sh", "-c", script], { timeout: 0.5 })).rejects.toMatchObject({ reason: "timeout" });
    await vi.waitFor(() => expect(readFileSync(file, "utf8")).toBe("ended\n"), { timeout: 3000 });
    expect(isRunning(readFileSync(`${file}.child`, "utf8").trim())).toBe(false);
    expect((await connection.exec(["echo", "on"], { timeout: 5 })).stdout).toBe("on\n");
  });

  test("what is called off is ended, also where the connection is closed at once", async () => {
    const [own, file, stop] = [await connect(), join(scratch(), "pid"), new AbortController()];
    const reason = new Error("interrupted");
    const script = { kind: "script", script: "echo $$ >$1; exec sleep 30", args: [file] } as const;
    const asking = own.ask({ steps: [script], questions: [] }, { ...askOptions(scratch()), signal: stop.signal });
    asking.catch(() => undefined);
    await vi.waitFor(() => expect(readFileSync(file, "utf8")).toMatch(/\n/));
    stop.abort(reason);
    await expect(asking).rejects.toBe(reason);
    await own.close();
    await vi.waitFor(() => expect(isRunning(readFileSync(file, "utf8").trim())).toBe(false));
  });

  test("a program left in the background outlives its command and its connection", async () => {
    const own = await connect();
    const { stdout } = await own.exec(["sh", "-c", "setsid sleep 30 >/dev/null 2>&1 & echo $!"], { timeout: 5 });
    await own.close();
    process.kill(Number(stdout));
  });

  test("a connection cut in the middle of a command is lost, never a success", async () => {
    const cutter = await startCutter(sshd.port);
    const own = await connect({ port: cutter.port, hostKeyPolicy: "off" });
    const running = own.exec(["sleep", "5"], { timeout: 10, onOutput: () => undefined });
    running.catch(() => undefined);
    await own.exec(["true"], { timeout: 5 });
    cutter.cut();
    await expect(running).rejects.toMatchObject({ reason: "lost" });
    await expect(own.exec(["id"], { timeout: 5 })).rejects.toMatchObject({ reason: "lost" });
    await own.close();
    cutter.close();
  });
});

/** Stands between client and server, and can cut all that goes through it. */
async function startCutter(to: number): Promise<{ readonly port: number; cut(): void; close(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    const other = dial(to, "127.0.0.1");
    for (const end of [socket, other]) sockets.add(end.on("error", () => undefined));
    socket.pipe(other).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return { port: typeof address === "object" && address ? address.port : 0, cut, close: () => void server.close() };
}
