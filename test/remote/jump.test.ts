import { describe, expect, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { placeOf, splitAddress } from "../../src/remote/address.ts";
import { lastJump } from "../../src/remote/jump.ts";
import { targetFor } from "./ssh_server.ts";

const target = targetFor({ port: 22 }, { knownHostsFiles: ["/k"], hostKeyPolicy: "strict", sshConfig: "none", password: new Secret("p") });

describe("a jump host", () => {
  test.each([
    ["gate", { address: "gate" }],
    ["ann@gate", { address: "gate", user: "ann" }],
    ["gate:2222", { address: "gate", port: 2222 }],
    ["ann@corp@gate:22", { address: "gate", user: "ann@corp", port: 22 }],
    ["ssh://ann@gate:33", { address: "gate", user: "ann", port: 33 }],
    ["[::1]", { address: "::1" }],
    ["ann@[fe80::1%eth0]:2222", { address: "fe80::1%eth0", user: "ann", port: 2222 }],
  ])("%s", (hop, expected) => {
    expect(lastJump(target, [hop])).toMatchObject(expected);
  });

  test.each([["::1"], ["-oProxyCommand=id"], ["ann@"], ["gate:x"], ["a b"], ["ann@-v"]])("%s is none", (hop) => {
    expect(() => lastJump(target, [hop])).toThrow(`"${hop}" is no jump host`);
  });

  test.each([[[]], [["none"]]])("none at all: %j", (jumps) => {
    expect(lastJump(target, jumps)).toBeUndefined();
  });

  test("is reached through those before it, is trusted as the target is, and gets no password", () => {
    expect(lastJump(target, ["a", "b", "c"])).toEqual({
      name: "c",
      transport: "ssh",
      address: "c",
      jumps: ["a", "b"],
      sshConfig: "none",
      knownHostsFiles: ["/k"],
      hostKeyPolicy: "strict",
      connectTimeout: target.connectTimeout,
    });
  });
});

describe("addresses", () => {
  test.each([
    ["[::1]:2222", { address: "::1", port: 2222 }],
    ["[::1]", { address: "::1" }],
    ["::1", { address: "::1" }],
    ["fe80::1%eth0", { address: "fe80::1%eth0" }],
    ["web:22", { address: "web:22" }],
  ])("%s", (text, expected) => expect(splitAddress(text)).toEqual(expected));

  test("IPv6 is bracketed for people", () => {
    expect([placeOf("::1", 22), placeOf("10.0.0.1", 22)]).toEqual(["[::1]:22", "10.0.0.1:22"]);
  });
});
