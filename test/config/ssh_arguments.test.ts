import { describe, expect, test } from "vitest";
import { parseSshArguments } from "../../src/config/ssh_arguments.ts";

describe("arguments for ssh", () => {
  test.each([
    ["", {}],
    ["-J gate", { jumps: ["gate"] }],
    ["-Ja,b", { jumps: ["a", "b"] }],
    ["-o ProxyJump=a,b", { jumps: ["a", "b"] }],
    ["-oProxyJump=gate", { jumps: ["gate"] }],
    ['-o ProxyCommand="ssh -W %h:%p -q gate"', { proxyCommand: "ssh -W %h:%p -q gate" }],
    ["-o 'ProxyCommand ssh -W %h:%p gate'", { proxyCommand: "ssh -W %h:%p gate" }],
    ["-o proxycommand = x", { unknown: "-o proxycommand" }],
    ["-p 22 -p 33", { port: 22 }],
    ["-p x", { unknown: "-p x" }],
    ["-o Port=2222 -o User=ann -o IdentityFile=~/k", { port: 2222, user: "ann", privateKeyFile: "~/k" }],
    ["-F none", { sshConfig: "none" }],
    ["-A", { forwardAgent: true }],
    ["-o ForwardAgent=no", { forwardAgent: false }],
    ["-o ForwardAgent=/sock", { unknown: "-o ForwardAgent=/sock" }],
    ["-o ServerAliveInterval=30 -o ServerAliveCountMax=5", { aliveInterval: 30, aliveCountMax: 5 }],
    ["-o ServerAliveInterval=1m", { unknown: "-o ServerAliveInterval=1m" }],
    ["-o StrictHostKeyChecking=yes", { hostKeyPolicy: "strict" }],
    ["-o StrictHostKeyChecking=ask", { hostKeyPolicy: "strict" }],
    ["-o StrictHostKeyChecking=no", { hostKeyPolicy: "accept-new" }],
    ["-o UserKnownHostsFile='/a /b'", { knownHosts: ["/a", "/b"] }],
    ["-o UserKnownHostsFile=/dev/null", { knownHosts: [] }],
    ["-C -o ControlMaster=auto -o ControlPersist=60s -o ControlPath=/x/%C", {}],
    ["-J", { unknown: "-J" }],
    ["-4", { unknown: "-4" }],
    ["-vvv", { unknown: "-vvv" }],
    ["gate", { unknown: "gate" }],
    ["-o GSSAPIAuthentication=yes", { unknown: "-o GSSAPIAuthentication=yes" }],
    ["-o constructor=yes", { unknown: "-o constructor=yes" }],
    ["-J 'a", { unknown: "-J 'a" }],
  ])("%s", (line, expected) => {
    expect(parseSshArguments(line)).toEqual(expected);
  });
});
