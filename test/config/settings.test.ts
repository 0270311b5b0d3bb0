import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadSettings, parseSettings } from "../../src/config/settings.ts";
import { parseYaml } from "../../src/config/yaml.ts";
import { complaint } from "./parse.ts";

const settings = (text: string) => parseSettings(parseYaml(text, "kofleet.yaml"), { folder: "/work", home: "/home/ann" });

test("every key, with paths made absolute", () => {
  const text = `
inventory: [hosts.yaml, ~/more.yaml]
forks: 20
user: deploy
private_key_file: ~/.ssh/fleet
host_key_policy: accept-new
known_hosts: known_hosts
timeout: 5
artifacts: /srv/artifacts
runs: runs
max_fail: 10%
vault_password_file: [~/vault, pass-client]
`;
  expect(settings(text)).toEqual({
    inventory: ["/work/hosts.yaml", "/home/ann/more.yaml"],
    forks: 20,
    user: "deploy",
    privateKeyFile: "/home/ann/.ssh/fleet",
    hostKeyPolicy: "accept-new",
    knownHosts: ["/work/known_hosts"],
    timeout: 5,
    artifacts: "/srv/artifacts",
    runs: "/work/runs",
    maxFail: "10%",
    vaultPasswordFiles: ["/home/ann/vault", "/work/pass-client"],
  });
});

test.each([
  ["", {}],
  ["vault_password_file: vault", { vaultPasswordFiles: ["/work/vault"] }],
  ["max_fail: 0", { maxFail: 0 }],
  [
    "signing_key: ~/key.pub\nallowed_signers: signers\nrequire_signed: true",
    { signingKey: "/home/ann/key.pub", allowedSigners: "/work/signers", requireSigned: true },
  ],
  [
    "module_signing_on: builders\nmodule_signing_certificate: k.der",
    { moduleSigningOn: "builders", moduleSigningCertificate: "/work/k.der" },
  ],
  ["host_key_policy: strict", { hostKeyPolicy: "strict" }],
  ["host_key_policy: 'off'", { hostKeyPolicy: "off" }],
  ["host_key_policy: off", { hostKeyPolicy: "off" }],
])("%j", (text, expected) => {
  expect(settings(text)).toEqual(expected);
});

test.each([
  ["fork: 5", 'kofleet.yaml:1:1: there is no setting "fork" (did you mean "forks"?)'],
  ["toString: 5", 'kofleet.yaml:1:1: there is no setting "toString"'],
  ["forks: many", 'kofleet.yaml:1:8: expected a whole number above 0, not "many"'],
  ["forks: 0", "kofleet.yaml:1:8: expected a whole number above 0, not 0"],
  ["host_key_policy: strickt", 'kofleet.yaml:1:18: expected one of strict, accept-new, off (did you mean "strict"?), not "strickt"'],
  ["max_fail: 101%", 'kofleet.yaml:1:11: expected a number of hosts or a percentage such as 10%, not "101%"'],
  ["user: [a]", "kofleet.yaml:1:7: expected text, not a list"],
  ["inventory:\n  - {a: 1}", "kofleet.yaml:2:5: expected text, not a map"],
  ["- forks", "kofleet.yaml:1:1: settings are a map; this is a list"],
])("%j is refused", (text, message) => {
  expect(complaint(() => settings(text))).toBe(message);
});

test("the folder's own file wins over the user's, key by key; neither need exist", async () => {
  const root = await mkdtemp(join(tmpdir(), "kofleet-"));
  const places = { cwd: join(root, "project"), config: join(root, "config"), home: root };
  try {
    expect(await loadSettings(places)).toEqual({});
    await Promise.all([mkdir(places.cwd), mkdir(places.config)]);
    await writeFile(join(places.config, "kofleet.yaml"), "user: ann\nforks: 5\n");
    await writeFile(join(places.cwd, "kofleet.yaml"), "forks: 9\ninventory: hosts.yaml\n");
    expect(await loadSettings(places)).toEqual({ user: "ann", forks: 9, inventory: [join(places.cwd, "hosts.yaml")] });
  } finally {
    await rm(root, { recursive: true });
  }
});
