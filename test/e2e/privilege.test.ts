import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { stringify } from "yaml";
import type { TimedEvent } from "../../src/core/event.ts";
import type { HostResult } from "../../src/core/outcome.ts";
import { adminPassword, Lab } from "../lab/lab.ts";
import type { Machine } from "../lab/machine.ts";
import { Kofleet, resultsOf } from "./kofleet.ts";
import { ProcessWatch, passwordOf, prepareLogins } from "./privilege_host.ts";

/** Real sudo, doas and su on one machine, which stands in the inventory once for each login and way. */
let lab: Lab;
let machine: Machine;
let kofleet: Kofleet;
/** What a user writes: beside kofleet's home, which must hold no password. */
let files: string;

beforeAll(async () => {
  lab = await Lab.start({ machines: ["plain1"] });
  machine = lab.machine("plain1");
  await prepareLogins(machine);
});

afterAll(() => lab?.stop());

beforeEach(() => {
  kofleet = new Kofleet();
  files = mkdtempSync(join(tmpdir(), "kofleet-privilege-"));
});

afterEach(() => {
  kofleet.remove();
  rmSync(files, { recursive: true });
});

type Vars = Readonly<Record<string, unknown>>;

/** A login of the machine: METHOD_LOGIN[_USER] is its name in the inventory. */
function inventory(hosts: Readonly<Record<string, Vars>>): string {
  const entries = Object.entries(hosts).map(([name, vars]) => {
    const [method, user, wanted] = name.split("_");
    return [name, { user, become_method: method, ...(wanted && { become_user: wanted }), ...vars }];
  });
  const { key } = machine.login();
  const vars = { host: "127.0.0.1", port: machine.port, private_key_file: key, known_hosts: lab.knownHosts, timeout: 60 };
  const file = join(files, "inventory.yaml");
  writeFileSync(file, stringify({ all: { vars, hosts: Object.fromEntries(entries) } }));
  return file;
}

/** Writes a large file, and asks who it is. */
function play(): string {
  const file = join(files, "play.yaml");
  writeFileSync(join(files, "bytes"), Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256)));
  const tasks = [
    { copy: { src: "bytes", dest: "/var/tmp/{{inventory_hostname}}", mode: "0600" } },
    { command: "sh -c 'id -un; tty -s || echo no terminal; command -v modprobe; echo $HOME'", register: "told" },
  ];
  writeFileSync(file, stringify([{ hosts: "all", become: true, tasks }]));
  return file;
}

async function run(hosts: Readonly<Record<string, Vars>>) {
  const { code, lines: events, stderr } = await kofleet.json<TimedEvent>(["play", play(), "-i", inventory(hosts), "-v", "-f", "2"]);
  const results: Readonly<Record<string, HostResult>> = Object.fromEntries(resultsOf(events).map((result) => [result.host, result]));
  const told = Object.fromEntries(
    events.flatMap((event) =>
      event.type === "task-finished" && event.task.startsWith("command") ? [[event.host, event.outcome.result]] : [],
    ),
  );
  return { code, results, told, text: JSON.stringify(events) + stderr };
}

const giving = (user: string): Vars => ({ become_password: passwordOf(user) });

test("every way to another user's rights, from every shell: bytes arrive, and streams stay apart", async () => {
  const { code, results, told } = await run({
    sudo_usual: giving("usual"),
    sudo_usual_service: giving("usual"),
    sudo_cshell: giving("cshell"),
    sudo_nopty: giving("nopty"),
    sudo_logged: giving("logged"),
    sudo_lectured: giving("lectured"),
    sudo_narrow: giving("narrow"),
    sudo_rootpw: giving("root"),
    sudo_deploy: {},
    sudo_admin: { become_password: adminPassword },
    doas_usual: giving("usual"),
    doas_usual_service: giving("usual"),
    doas_cshell: giving("cshell"),
    doas_deploy: {},
    doas_deploy_service: giving("usual"),
    su_usual: giving("root"),
    su_cshell: giving("root"),
    su_root_service: {},
    su_root_noshell: {},
  });
  const verdicts = Object.entries(results).map(([host, { verdict, reason }]) => [host, verdict, reason]);
  expect(verdicts.filter(([, verdict]) => verdict !== "changed")).toEqual([]);
  expect(code).toBe(0);
  const sum = execFileSync("sha256sum", [join(files, "bytes")])
    .toString()
    .split(" ")[0];
  const there = (await machine.read("cd /var/tmp && sha256sum *_*")).split("\n").map((line) => line.split("  "));
  expect(there.map(([digest]) => digest)).toEqual(there.map(() => sum));
  expect(there.map(([, name]) => name).sort()).toEqual(Object.keys(results).sort());
  for (const [host, result] of Object.entries(told)) {
    const user = host.split("_")[2] ?? "root";
    expect([host, result]).toEqual([
      host,
      expect.objectContaining({ stdout: expect.stringMatching(`^${user}\nno terminal\n/.*sbin/modprobe\n/`) }),
    ]);
  }
});

test("every refusal is typed, says why, and what to do", async () => {
  const { code, results } = await run({
    sudo_usual: { become_password: "wrong" },
    sudo_onetry: { become_password: "wrong" },
    sudo_targetpw: { become_password: "wrong" },
    doas_usual: { become_password: "wrong" },
    su_usual: { become_password: "wrong" },
    sudo_stranger: giving("stranger"),
    doas_stranger: giving("stranger"),
    sudo_cshell: {},
    doas_cshell: {},
    su_cshell: {},
    sudo_needstty: giving("needstty"),
    sudo_deploy_nobodythere: {},
    doas_deploy_nobodythere: {},
    su_cshell_nobodythere: giving("root"),
    sudo_admin: { become_password: adminPassword },
  });
  expect(
    Object.fromEntries(Object.entries(results).map(([host, { reason }]) => [host, reason?.replace(/127\.0\.0\.1:\d+/, "HOST")])),
  ).toMatchInlineSnapshot(`
    {
      "doas_cshell": "sudo: HOST: no rights of root through doas: doas: Authentication required: give the password with --ask-become-pass, or allow it without one (nopass in its doas.conf)",
      "doas_deploy_nobodythere": "sudo: HOST: no rights of nobodythere through doas: doas: unknown user: check the become user",
      "doas_stranger": "sudo: HOST: no rights of root through doas: doas: Operation not permitted: allow it in its doas.conf",
      "doas_usual": "sudo: HOST: doas refused the password of usual: check the become password (--ask-become-pass)",
      "su_cshell": "sudo: HOST: no rights of root through su: it asks for a password: give the password with --ask-become-pass, or use sudo or doas there",
      "su_cshell_nobodythere": "sudo: HOST: no rights of nobodythere through su: su: user nobodythere does not exist or the user entry does not contain all the required fields: check the become user",
      "su_usual": "sudo: HOST: su refused the password of root: check the become password (--ask-become-pass)",
      "sudo_admin": undefined,
      "sudo_cshell": "sudo: HOST: no rights of root through sudo: sudo: a password is required: give the password with --ask-become-pass, or allow it without one (NOPASSWD in its sudoers)",
      "sudo_deploy_nobodythere": "sudo: HOST: no rights of nobodythere through sudo: sudo: unknown user nobodythere; sudo: error initializing audit plugin sudoers_audit: check the become user",
      "sudo_needstty": "sudo: HOST: no rights of root through sudo: sudo: sorry, you must have a tty to run sudo: remove requiretty from its sudoers",
      "sudo_onetry": "sudo: HOST: sudo refused the password of onetry: check the become password (--ask-become-pass)",
      "sudo_stranger": "sudo: HOST: no rights of root through sudo: stranger is not in the sudoers file: allow it in its sudoers",
      "sudo_targetpw": "sudo: HOST: sudo refused the password of root: check the become password (--ask-become-pass)",
      "sudo_usual": "sudo: HOST: sudo refused the password of usual: check the become password (--ask-become-pass)",
    }
  `);
  const { sudo_admin, ...refused } = results;
  expect(sudo_admin?.verdict).toBe("changed");
  expect(new Set(Object.values(refused).map(({ verdict }) => verdict))).toEqual(new Set(["unreachable"]));
  expect(code).toBe(4);
});

test("a wrong password is given to a host once in a run", async () => {
  await machine.read(": >/var/log/sudo.log");
  await run({ sudo_usual: { become_password: "wrong" } });
  expect(await machine.read("grep -o '[0-9]* incorrect password attempts*' /var/log/sudo.log || true")).toBe(
    "1 incorrect password attempt",
  );
});

test("without sudo, doas or script", async () => {
  const away = (name: string) => machine.read(`mv /usr/bin/${name} /usr/bin/${name}.away`);
  const back = (name: string) => machine.read(`mv /usr/bin/${name}.away /usr/bin/${name}`);
  await Promise.all(["sudo", "script"].map(away));
  const { results } = await run({ sudo_usual: giving("usual"), sudo_cshell: {}, doas_usual: giving("usual"), doas_deploy: {} });
  await Promise.all(["sudo", "script"].map(back));
  expect(results).toMatchObject({
    sudo_usual: { verdict: "unreachable", reason: expect.stringContaining("install sudo there") },
    sudo_cshell: { verdict: "unreachable", reason: expect.stringContaining("install sudo there") },
    doas_usual: { verdict: "unreachable", reason: expect.stringContaining("install util-linux's script there") },
    doas_deploy: { verdict: "changed" },
  });
});

/** The files below a folder, on this machine, that hold a word. */
const holding = (word: string, folder: string): string =>
  execFileSync("sh", ["-c", 'printf %s "$1" | grep -r -l -a -F -f - "$2" || true', "sh", word, folder]).toString();

test.each([
  ["sudo", "usual", "usual"],
  ["sudo", "logged", "logged"],
  ["doas", "usual", "usual"],
  ["su", "usual", "root"],
])("%s, %s: the password is nowhere but on its way", async (method, user, owner) => {
  const word = passwordOf(owner);
  writeFileSync(join(files, "password"), `${word}\n`, { mode: 0o600 });
  const host = { [`${method}_${user}`]: { become_password: `file:${join(files, "password")}` } };

  const decoy = await ProcessWatch.start(machine, word);
  await machine.read(`sh -c 'sleep 2; :' decoy "$(cat /root/watch/word)"`);
  expect((await decoy.stop()).found).toEqual([expect.stringMatching(/^\/proc\/\d+\/cmdline$/)]);

  const watch = await ProcessWatch.start(machine, word);
  const { results, text } = await run(host);
  const { stdout, stderr } = await kofleet.run([
    "exec",
    "all",
    "-b",
    "-v",
    "-i",
    join(files, "inventory.yaml"),
    "--",
    "sh",
    "-c",
    "env; sleep 2",
  ]);
  const { rounds, found } = await watch.stop();
  expect(Object.values(results)).toMatchObject([{ verdict: expect.stringMatching(/^(ok|changed)$/) }]);
  expect(stdout).toContain("HOME=/root");
  expect(found).toEqual([]);
  expect(rounds).toBeGreaterThan(10);

  writeFileSync(join(files, "password"), `${word}x`);
  const refused = await run(host);
  expect(Object.values(refused.results)).toMatchObject([
    { verdict: "unreachable", reason: expect.stringContaining("refused the password") },
  ]);

  expect([text, stdout, stderr, refused.text].filter((each) => each.includes(word))).toEqual([]);
  expect(holding(word, kofleet.home)).toBe("");
  const kept = "/var/log /run/kofleet /var/lib/kofleet /run/log /tmp /var/tmp /home";
  expect(await machine.read(`grep -r -l -a -s -F -f /root/watch/word ${kept} || true`)).toBe("");
});
