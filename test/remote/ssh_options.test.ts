import { describe, expect, test } from "vitest";
import { parseSshOptions } from "../../src/remote/ssh_options.ts";

/** What OpenSSH 9.2 prints for a host that nothing is said of, without the lines nobody reads. */
const plain = `host web
user ann
hostname web
port 22
addressfamily any
identitiesonly no
proxyusefdpass no
stricthostkeychecking ask
serveralivecountmax 3
serveraliveinterval 0
identityfile ~/.ssh/id_rsa
identityfile ~/.ssh/id_ed25519
globalknownhostsfile /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2
userknownhostsfile /home/ann/.ssh/known_hosts /home/ann/.ssh/known_hosts2
forwardagent no
connecttimeout none
`;

test("a host that nothing is said of", () => {
  expect(parseSshOptions(plain)).toEqual({
    hostName: "web",
    port: 22,
    user: "ann",
    identityFiles: ["~/.ssh/id_rsa", "~/.ssh/id_ed25519"],
    identitiesOnly: false,
    forwardAgent: "no",
    jumps: [],
    knownHostsFiles: ["/home/ann/.ssh/known_hosts", "/home/ann/.ssh/known_hosts2", "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"],
    hostKeyPolicy: "strict",
    aliveInterval: 0,
    aliveCountMax: 3,
    family: 0,
  });
});

describe("what lines mean", () => {
  test.each([
    ["proxyjump u@[::1]:33,x@y:44", { jumps: ["u@[::1]:33", "x@y:44"] }],
    ["proxyjump none", { jumps: [] }],
    ["proxycommand nc %h %p", { proxyCommand: "nc %h %p" }],
    ["hostkeyalias db", { hostKeyAlias: "db" }],
    ["identityagent none", { identityAgent: "none" }],
    ["identitiesonly yes", { identitiesOnly: true }],
    ["forwardagent /tmp/agent", { forwardAgent: "/tmp/agent" }],
    ["stricthostkeychecking true", { hostKeyPolicy: "strict" }],
    ["stricthostkeychecking accept-new", { hostKeyPolicy: "accept-new" }],
    ["stricthostkeychecking false", { hostKeyPolicy: "accept-new" }],
    ["userknownhostsfile /a b /c", { knownHostsFiles: ["/a b", "/c"] }],
    ["userknownhostsfile /dev/null", { knownHostsFiles: [] }],
    ["userknownhostsfile none", { knownHostsFiles: [] }],
    ["serveraliveinterval 30", { aliveInterval: 30 }],
    ["addressfamily inet6", { family: 6 }],
  ])("%s", (line, expected) => {
    expect(parseSshOptions(`${line}\n`)).toMatchObject(expected);
  });

  test("a command that is none is none", () => {
    expect(parseSshOptions("proxycommand none\n")).not.toHaveProperty("proxyCommand");
  });
});
