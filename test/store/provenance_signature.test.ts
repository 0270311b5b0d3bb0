import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkSignature, signProvenance } from "../../src/store/provenance_signature.ts";
import { signer, unsigned } from "./signing_fixture.ts";

const text = '{ "sha256": "…" }\n';

async function signed(name: string) {
  const made = signer(name);
  const file = join(made.folder, "signature");
  writeFileSync(file, await signProvenance(text, made.key, process.env));
  return { ...made, file };
}

test("what a key signs is known by the name that the list of signers gives it", async () => {
  const { file, allowedSigners } = await signed("ada@fleet");
  expect(await checkSignature(text, file, { ...unsigned, allowedSigners })).toEqual({ kind: "holds", signer: "ada@fleet" });
});

test("refuses another text, another signer, another purpose, and what is no signature", async () => {
  const { file, allowedSigners, key, folder } = await signed("ada@fleet");
  const refused = (problem: RegExp) => ({ kind: "refused", problem: expect.stringMatching(problem) });
  const signing = { ...unsigned, allowedSigners };
  expect(await checkSignature(text.replace("…", "x"), file, signing)).toEqual(refused(/not what ada@fleet signed .*incorrect signature/));
  expect(await checkSignature(text, file, { ...unsigned, allowedSigners: signer("eve@fleet").allowedSigners })).toEqual(
    refused(/no signer that .* allows: No principal matched/),
  );
  expect(await checkSignature(text, file, { ...unsigned, allowedSigners: join(folder, "absent") })).toEqual(refused(/No such file/));
  const other = join(folder, "other");
  writeFileSync(
    other,
    execFileSync("ssh-keygen", ["-Y", "sign", "-f", key, "-n", "git"], { input: text, stdio: ["pipe", "pipe", "ignore"] }),
  );
  expect(await checkSignature(text, other, signing)).toEqual(refused(/not what ada@fleet signed/));
  writeFileSync(other, "rubbish");
  expect(await checkSignature(text, other, signing)).toEqual(refused(/incomplete message/));
  expect(await checkSignature(text, other, unsigned)).toEqual(refused(/the signature does not fit/));
});

/** Lines of allowed signers: names, and the namespaces that the one key of a test may sign for under them. */
type Allowed = readonly (readonly [names: string, namespaces: string])[];

test.each<[what: string, allowed: Allowed, signer: string | undefined]>([
  [
    "on a second line",
    [
      ["git@fleet,two@fleet", "git"],
      ["ada@fleet", "kofleet-provenance"],
    ],
    "ada@fleet",
  ],
  [
    "behind a quoted name",
    [
      ["git@fleet", "git"],
      ['"ada of the fleet"', "kofleet-*"],
    ],
    "ada of the fleet",
  ],
  [
    "under a pattern",
    [
      ["git@fleet", "git"],
      ["*@other", "kofleet-provenance"],
    ],
    "*@other",
  ],
  [
    "on the first line already",
    [
      ["ada@fleet", "kofleet-provenance"],
      ["git@fleet", "git"],
    ],
    "ada@fleet",
  ],
  [
    "on no line",
    [
      ["git@fleet", "git"],
      ["ada@fleet", "file"],
    ],
    undefined,
  ],
])("a key that signs for other things too is known by the name that may sign provenances: %s", async (_, allowed, name) => {
  const { file, publicKey, folder } = await signed("ada@fleet");
  const stranger = readFileSync(signer("eve@fleet").allowedSigners, "utf8");
  const key = readFileSync(publicKey, "utf8");
  const lines = allowed.map(([names, namespaces]) => `${names} namespaces="${namespaces}" ${key}`);
  const allowedSigners = join(folder, "several");
  writeFileSync(allowedSigners, ["# who may sign\n", stranger, ...lines].join(""));
  expect(await checkSignature(text, file, { ...unsigned, allowedSigners })).toEqual(
    name === undefined
      ? { kind: "refused", problem: expect.stringMatching(/^not what git@fleet or ada@fleet signed as a provenance: .*not permitted/) }
      : { kind: "holds", signer: name },
  );
});

test("without a list of signers it only knows that the signature fits", async () => {
  const { file } = await signed("ada@fleet");
  expect(await checkSignature(text, file, unsigned)).toEqual({
    kind: "unknown",
    problem: expect.stringMatching(/^signed, but allowed_signers does not say by whom it may be: Good .*ED25519 key SHA256:/),
  });
});

test("signs with a key that only the agent holds", async () => {
  const { key, publicKey, folder, allowedSigners } = signer("ada@fleet");
  const agent = execFileSync("ssh-agent", ["-s", "-a", join(folder, "agent")], { encoding: "utf8" });
  const environment = { ...process.env, SSH_AUTH_SOCK: join(folder, "agent") };
  try {
    execFileSync("ssh-add", ["-q", key], { env: environment });
    renameSync(key, `${key}.away`);
    const file = join(folder, "signature");
    writeFileSync(file, await signProvenance(text, publicKey, environment));
    expect(await checkSignature(text, file, { ...unsigned, allowedSigners })).toMatchObject({ kind: "holds" });
  } finally {
    process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(agent)?.[1]));
  }
});

test("never waits for a passphrase, and says where such keys belong", async () => {
  const { key } = signer("ada@fleet", "secret words");
  await expect(signProvenance(text, key, process.env)).rejects.toThrow(/cannot sign with .*incorrect passphrase.*\n.*the agent holds/s);
});

test("says what to install where there is no ssh-keygen", async () => {
  await expect(signProvenance(text, "key", { PATH: "/nowhere" })).rejects.toThrow("install openssh-client");
});
