import { expect, test } from "vitest";
import type { Provenance } from "../../src/core/artifact.ts";
import type { Fact } from "../../src/core/fact.ts";
import type { Input } from "../../src/core/input.ts";
import { change, changeInput, describeStep, type Step, unknown } from "../../src/core/step.ts";

const provenance = {} as Provenance;

test.each<[Step, string]>([
  [{ kind: "run", argv: ["depmod", "6.1.0-37-amd64"] }, "depmod 6.1.0-37-amd64"],
  [{ kind: "script", script: "exit", args: ["a", "b c"] }, "run a script (a b c)"],
  [{ kind: "write", path: "/etc/motd", sha256: "aa", mode: 0o644 }, "write /etc/motd"],
  [{ kind: "fetch", path: "/var/lib/x.ko", limit: 100, into: { kind: "artifact", provenance } }, "fetch /var/lib/x.ko"],
  [{ kind: "remove", path: "/etc/motd" }, "remove /etc/motd"],
  [{ kind: "reboot", from: "b", expect: "6.1.0-38-amd64" }, "reboot into 6.1.0-38-amd64"],
  [{ kind: "run", argv: ["apt-get", "-y", "install", "dkms"], title: "install dkms" }, "install dkms"],
])("%j is described as %j", (step, text) => {
  expect(describeStep(step)).toBe(text);
});

test("a change names its fact or input, and gives the value after it", () => {
  const fact: Fact<number> = { name: "users x", command: ["true"], parse: () => 0 };
  const input: Input<string> = { name: "file x", read: async () => "" };
  const changed = change(fact, (users) => users + 1);
  expect(changed).toMatchObject({ of: "fact", name: "users x" });
  expect(changed.to(2)).toBe(3);
  expect(changeInput(input, () => unknown)).toMatchObject({ of: "input", name: "file x" });
  expect(changeInput(input, () => unknown).to("")).toBe(unknown);
});
