import type { Answer, Argv } from "../core/answer.ts";
import type { ExecOptions } from "../core/connection.ts";
import { type Channel, lost } from "./channel.ts";
import { tooLong, withDeadline } from "./deadline.ts";
import { elevationFor } from "./elevation.ts";
import { type Access, type Opening, openWithRights } from "./opening.ts";
import { execLine, fitsCommandLine, framedScript } from "./shell.ts";

/** Runs one command in an exec of its own. Throws a ConnectError. */
export function runCommand(access: Access, command: Argv, { become, onOutput, ...deadline }: ExecOptions): Promise<Answer> {
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const collect = (stream: "stdout" | "stderr") => (chunk: Buffer) => {
    output[stream].push(chunk);
    onOutput?.(stream, chunk);
  };
  const { place, user } = access.transport;
  const elevation = elevationFor(become, user);
  const isOnCommandLine = fitsCommandLine(command) && !elevation?.mayAsk;
  const script = isOnCommandLine ? undefined : framedScript(`${execLine(command)} </dev/null`);
  const payload = script === undefined ? { argv: command } : "script";
  const opening = openWithRights(access, payload, elevation, { stdout: collect("stdout"), stderr: collect("stderr") });
  const running = untilClosed(place, opening, script).then((code) => answer(code, output.stdout, output.stderr));
  const expired = () => opening.watch?.unanswered() ?? tooLong(place, deadline.timeout);
  return withDeadline(running, { ...deadline, expired }, () => void opening.channel.then(kill).catch(() => undefined));
}

/** A password may be asked for: then nothing else is sent before the rights are there. */
async function untilClosed(place: string, { channel, watch }: Opening, script: Buffer | undefined): Promise<number> {
  const open = await channel;
  if (watch?.mayAsk) await watch.ready;
  if (script !== undefined) await open.write(script);
  await watch?.ready;
  const code = await open.closed;
  if (code === undefined) throw lost(place);
  return code;
}

const kill = (channel: Channel): void => channel.kill();

const answer = (code: number, stdout: Buffer[], stderr: Buffer[]): Answer => ({
  code,
  stdout: Buffer.concat(stdout).toString(),
  stderr: Buffer.concat(stderr).toString(),
});
