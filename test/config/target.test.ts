import { describe, expect, test } from "vitest";
import type { Settings } from "../../src/config/settings.ts";
import { type Overrides, targetOf } from "../../src/config/target.ts";
import { Secret } from "../../src/core/secret.ts";
import { complaint, inventoryOf } from "./parse.ts";

const login = { home: "/home/ann", cwd: "/work" };

/** How host h is reached that has these variables, in a group with others. */
function reach(
  vars: string,
  { group = "", settings = {}, overrides = {} }: { group?: string; settings?: Settings; overrides?: Overrides } = {},
) {
  const host = inventoryOf(`web: {hosts: {h: {${vars}}}, vars: {${group}}}`).hosts.get("h");
  if (host === undefined) throw new Error("no host");
  return targetOf(host, settings, overrides, login);
}

test("a host of which nothing is said", () => {
  expect(reach("")).toEqual({
    target: {
      name: "h",
      transport: "ssh",
      address: "h",
      connectTimeout: 10,
    },
  });
});

describe("variables, under kofleet's names and under Ansible's", () => {
  test.each([
    ["host: 10.0.0.1", { address: "10.0.0.1" }],
    ["ansible_host: a.example.com", { address: "a.example.com" }],
    ["ansible_ssh_host: a.example.com", { address: "a.example.com" }],
    ["port: 2222", { port: 2222 }],
    ["ansible_port: '2222'", { port: 2222 }],
    ["user: deploy", { user: "deploy" }],
    ["ansible_ssh_user: deploy", { user: "deploy" }],
    ["private_key_file: ~/k", { privateKeyFile: "/home/ann/k" }],
    ["ansible_ssh_private_key_file: k", { privateKeyFile: "/work/k" }],
    ["connection: local", { transport: "local" }],
    ["transport: openssh", { transport: "openssh" }],
    ["ansible_connection: local", { transport: "local" }],
    ["ansible_connection: smart", { transport: "ssh" }],
    ["host_key_policy: accept-new", { hostKeyPolicy: "accept-new" }],
    ["host_key_policy: off", { hostKeyPolicy: "off" }],
    ["ansible_host_key_checking: false", { hostKeyPolicy: "off" }],
    ["ansible_host_key_checking: true", { hostKeyPolicy: "strict" }],
    ["known_hosts: [a, /b]", { knownHostsFiles: ["/work/a", "/b"] }],
    ["ansible_timeout: 3", { connectTimeout: 3 }],
    ["jump_host: ann@gate:2222", { jumps: ["ann@gate:2222"] }],
    ["jump_host: 'a, b'", { jumps: ["a", "b"] }],
    ["jumps: [a, b]", { jumps: ["a", "b"] }],
    ["jump_host: none", { jumps: [] }],
    ["proxy_command: nc %h %p", { proxyCommand: "nc %h %p" }],
    ["forward_agent: yes", { forwardAgent: true }],
    ["ssh_config: ~/.ssh/other", { sshConfig: "/home/ann/.ssh/other" }],
    ["ssh_config: none", { sshConfig: "none" }],
    ["ansible_ssh_common_args: '-J gate'", { jumps: ["gate"] }],
    ["ansible_ssh_args: '-o ServerAliveInterval=30 -o ServerAliveCountMax=5'", { aliveInterval: 30, aliveCountMax: 5 }],
    ["ansible_ssh_common_args: '-J gate', jump_host: other", { jumps: ["other"] }],
    ["ansible_ssh_common_args: '-p 1', ansible_ssh_extra_args: '-p 2'", { port: 1 }],
    ["ansible_ssh_extra_args: '-F cfg -i key -l ann'", { sshConfig: "/work/cfg", privateKeyFile: "/work/key", user: "ann" }],
    ["ansible_ssh_args: '-C -o ControlMaster=auto -o ControlPersist=60s'", {}],
    ["ansible_ssh_args: ''", {}],
    [
      "ansible_ssh_common_args: '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null'",
      { hostKeyPolicy: "accept-new", knownHostsFiles: [] },
    ],
    ["ansible_ssh_common_args: '-o StrictHostKeyChecking=no', host_key_policy: strict", { hostKeyPolicy: "strict" }],
  ])("%s", (vars, expected) => {
    expect(reach(vars).target).toMatchObject(expected);
  });

  test("passwords stay secret", () => {
    const { target } = reach("ansible_ssh_pass: hunter2, private_key_passphrase: open");
    expect(target.password?.reveal()).toBe("hunter2");
    expect(target.privateKeyPassphrase?.reveal()).toBe("open");
    expect(JSON.stringify(target)).not.toMatch(/hunter2|open/);
  });
});

describe("what wins", () => {
  test.each<[string, Parameters<typeof reach>[1], string]>([
    ["", { settings: { user: "settings" } }, "settings"],
    ["", { settings: { user: "settings" }, overrides: { user: "flag" } }, "flag"],
    ["", { group: "user: group", overrides: { user: "flag" } }, "group"],
    ["ansible_user: host", { group: "user: group" }, "host"],
    ["ansible_user: ansible, user: own", {}, "own"],
    ["user: own", { overrides: { extraVars: { ansible_user: "extra" } } }, "extra"],
  ])("{%s} and %j: %s", (vars, others, user) => {
    expect(reach(vars, others).target.user).toBe(user);
  });

  test("the way is one thing, and what a host says of it hides the settings", () => {
    const settings: Settings = { jumps: ["gate"], sshConfig: "/c", forwardAgent: true };
    expect(reach("", { settings }).target).toMatchObject({ jumps: ["gate"], sshConfig: "/c", forwardAgent: true });
    expect(reach("proxy_command: nc %h %p", { settings }).target).not.toHaveProperty("jumps");
    expect(reach("proxy_command: none", { settings }).target).toMatchObject({ proxyCommand: "none" });
    expect(reach("proxy_command: nc %h %p, jump_host: none", { group: "jump_host: gate" }).target).toMatchObject({ jumps: [] });
    expect(complaint(() => reach("proxy_command: nc %h %p", { group: "jump_host: gate" }))).toBe(
      "h has both jump_host and proxy_command: set one of them to none",
    );
  });

  test("settings and flags serve the rest, too", () => {
    const settings: Settings = { privateKeyFile: "/k", hostKeyPolicy: "off", knownHosts: ["/kh"], timeout: 4 };
    expect(reach("", { settings }).target).toMatchObject({
      privateKeyFile: "/k",
      hostKeyPolicy: "off",
      knownHostsFiles: ["/kh"],
      connectTimeout: 4,
    });
    const overrides = { privateKeyFile: "key", timeout: 7, password: new Secret("p") };
    expect(reach("", { settings, overrides }).target).toMatchObject({
      privateKeyFile: "/work/key",
      connectTimeout: 7,
      password: overrides.password,
    });
  });
});

describe("become", () => {
  test.each<[string, Overrides, unknown]>([
    ["", {}, undefined],
    ["", { become: true }, { method: "sudo", user: "root" }],
    ["become: true", {}, { method: "sudo", user: "root" }],
    ["ansible_become: yes, ansible_become_user: app", {}, { method: "sudo", user: "app" }],
    ["become: false", { become: true }, undefined],
    ["", { become: true, becomeUser: "db" }, { method: "sudo", user: "db" }],
    ["become_user: app", { become: true, becomeUser: "db" }, { method: "sudo", user: "app" }],
    ["become: true, become_method: doas", {}, { method: "doas", user: "root" }],
    ["ansible_become_method: su", { become: true }, { method: "su", user: "root" }],
    ["", { extraVars: { become: "yes" } }, { method: "sudo", user: "root" }],
    ["become: true", { extraVars: { ansible_become: "false" } }, undefined],
  ])("{%s} and %j", (vars, overrides, expected) => {
    expect(reach(vars, { overrides }).become).toEqual(expected);
  });

  test("its password comes from the inventory, then from the question", () => {
    const asked = { become: true, becomePassword: new Secret("asked") };
    expect(reach("ansible_become_pass: written", { overrides: asked }).become?.password?.reveal()).toBe("written");
    expect(reach("", { overrides: asked }).become?.password?.reveal()).toBe("asked");
    expect(reach("become: true", { overrides: { extraVars: { become_password: "given" } } }).become?.password?.reveal()).toBe("given");
  });
});

describe("mistakes name the variable's place", () => {
  test.each([
    ["port: ssh", 'a.yaml:1:19: port must be a whole number above 0, not "ssh"'],
    ["port: 70000", "a.yaml:1:19: port must be a whole number above 0, not 70000"],
    ["ansible_connection: winrm", 'a.yaml:1:19: ansible_connection must be one of ssh, openssh, local, not "winrm"'],
    ["connection: locl", 'a.yaml:1:19: connection must be one of ssh, openssh, local (did you mean "local"?), not "locl"'],
    ["host_key_policy: of", 'a.yaml:1:19: host_key_policy must be one of strict, accept-new, off (did you mean "off"?), not "of"'],
    ["become: maybe", 'a.yaml:1:19: become must be true or false, not "maybe"'],
    ["become: true, become_method: pbrun", 'a.yaml:1:33: become_method must be one of sudo, doas, su, not "pbrun"'],
    [
      "ansible_ssh_common_args: '-o GSSAPIAuthentication=yes'",
      'a.yaml:1:19: ansible_ssh_common_args: kofleet has nothing for "-o GSSAPIAuthentication=yes": write it into a file, name that with ssh_config, and set transport: openssh, which leaves it to ssh',
    ],
    ["user: [a]", 'a.yaml:1:19: user must be text, not ["a"]'],
    ["user: ''", 'a.yaml:1:19: user must be text, not ""'],
    [
      'ansible_host: "{{inventory_hostname}}.lan"',
      'a.yaml:1:19: ansible_host must be the value itself: expressions are not evaluated in connection variables, not "{{inventory_hostname}}.lan"',
    ],
  ])("%s", (vars, message) => {
    expect(complaint(() => reach(vars))).toBe(message);
  });
});
