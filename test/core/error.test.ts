import { expect, test } from "vitest";
import {
  ConfigError,
  ConnectError,
  FactError,
  formatPosition,
  KofleetError,
  messageOf,
  ProofError,
  StepError,
} from "../../src/core/error.ts";

const position = { file: "play.yaml", line: 12, column: 7 };

test.each([
  [new ConfigError("unknown task", position), "ConfigError", "play.yaml:12:7: unknown task"],
  [new ConfigError("no inventory"), "ConfigError", "no inventory"],
  [new ConnectError("refused", "10.0.0.1 port 22 refused the connection"), "ConnectError", "10.0.0.1 port 22 refused the connection"],
  [new FactError("cannot read the machine"), "FactError", "cannot read the machine"],
  [new StepError("exit 1", { code: 1 }), "StepError", "exit 1"],
  [new ProofError("other sha256"), "ProofError", "other sha256"],
])("%s is for people and says what happened", (error, name, message) => {
  expect(error).toBeInstanceOf(KofleetError);
  expect(error.name).toBe(name);
  expect(error.message).toBe(message);
  expect(String(error)).toBe(`${name}: ${message}`);
});

test("what each kind knows besides its message", () => {
  const cause = new Error("ENOENT");
  expect(new ConfigError("unknown task", position, { cause })).toMatchObject({ problem: "unknown task", position, cause });
  expect(new ConnectError("auth", "no key was accepted", { cause })).toMatchObject({ reason: "auth", cause });
  expect(new StepError("exit 1", { argv: ["false"], code: 1 }, { cause })).toMatchObject({ details: { argv: ["false"], code: 1 }, cause });
});

test("a position is what editors understand", () => {
  expect(formatPosition(position)).toBe("play.yaml:12:7");
});

test.each([
  [new Error("broken"), "broken"],
  ["thrown text", "thrown text"],
  [undefined, "undefined"],
])("the message of %j is %j", (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
