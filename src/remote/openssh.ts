import { join } from "node:path";
import type { Target } from "../core/connection.ts";
import { placeOf } from "./address.ts";
import type { Credentials } from "./authentication.ts";
import type { Transport } from "./channel.ts";
import type { Endpoint } from "./endpoint.ts";
import { tryHandshakes } from "./handshakes.ts";
import { createNonce } from "./nonce.ts";
import { openAskpass } from "./openssh_askpass.ts";
import { opensshFailure } from "./openssh_failure.ts";
import { makeSocketFolder } from "./openssh_folder.ts";
import { OpensshMaster } from "./openssh_master.ts";
import { masterWords } from "./openssh_options.ts";
import { type AskPerson, PromptAnswers } from "./openssh_prompts.ts";
import { type MasterConnection, OpensshTransport } from "./openssh_transport.ts";
import { Patience } from "./patience.ts";
import type { SshContext } from "./ssh_context.ts";

/** Opens a connection by the system's own ssh. Throws a ConnectError. */
export async function openOpenssh(target: Target, context: SshContext, signal?: AbortSignal): Promise<Transport> {
  const endpoint = await context.resolve(target);
  const { address, port, user } = endpoint;
  const [place, patience] = [placeOf(address, port), new Patience()];
  const ask = askFor(target.name, context.credentials, patience);
  const shake = (stop: AbortSignal) =>
    logIn(endpoint, place, new PromptAnswers({ target, user, address, place, ...(ask && { ask }) }), stop);
  const deadline = { place, timeout: target.connectTimeout, patience, signal };
  return new OpensshTransport(await context.handshakes(() => tryHandshakes(shake, deadline)));
}

/** Asks the person: for a key's passphrase once, however many hosts it opens; for all else each time, since a PIN tried too often locks its key. */
function askFor(name: string, { person, passphrases }: Credentials, patience: Patience): AskPerson | undefined {
  if (!person.isThere) return undefined;
  return (question, kind) => {
    const answer = (kind === "passphrase" && passphrases.get(question)) || person.answer(name, question, true);
    if (kind === "passphrase") passphrases.set(question, answer);
    return patience.during(answer);
  };
}

/** Starts a master and waits until it is logged in. */
async function logIn(endpoint: Endpoint, place: string, answers: PromptAnswers, signal: AbortSignal): Promise<MasterConnection> {
  signal.throwIfAborted();
  const { target, address, user } = endpoint;
  const folder = await makeSocketFolder();
  const [socket, ready] = [join(folder, "master"), createNonce()];
  let refusal: unknown;
  // No answer at all: ssh would send an empty one, which counts as a try.
  const refuse = async (error: unknown): Promise<undefined> => {
    refusal ??= error;
    await master.stop();
  };
  const askpass = answers.isPossible ? await openAskpass(folder, (prompt) => answers.answer(prompt).catch(refuse)) : undefined;
  const words = masterWords(endpoint, { socket, ready, keepalive: endpoint.keepalive, canAsk: askpass !== undefined });
  const master = new OpensshMaster({ folder, socket, words, askpass: askpass?.program });
  const stop = () => void master.stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (await master.isReady(ready)) return { master, folder, socket, user, address, place, startTimeout: target.connectTimeout };
    signal.throwIfAborted();
    throw refusal ?? opensshFailure(place, master.said);
  } finally {
    signal.removeEventListener("abort", stop);
    askpass?.close();
  }
}
