import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TimedEvent } from "../../src/core/event.ts";
import type { TaskVerdict } from "../../src/core/outcome.ts";
import type { PlanView } from "../../src/report/plan_table.ts";
import type { StatusRow } from "../../src/report/status_table.ts";
import { Lab } from "../lab/lab.ts";
import type { Machine } from "../lab/machine.ts";
import { Kofleet, manifest, resultsOf } from "./kofleet.ts";

let lab: Lab;
let kofleet: Kofleet;
let inventory: string;
const all = (): Machine[] => Object.values(lab.machines);

beforeAll(async () => {
  lab = await Lab.start();
  kofleet = new Kofleet();
  inventory = await lab.inventory({ vars: { known_hosts: lab.knownHosts } });
});

afterAll(async () => {
  await lab?.stop();
  kofleet?.remove();
});

const rollout = (...args: string[]) => kofleet.json<TimedEvent>(["rollout", "-i", inventory, "-m", manifest, ...args]);
const planOf = (events: readonly TimedEvent[]): PlanView => events.find((event) => event.type === "decided")?.summary as PlanView;
const routesOf = (events: readonly TimedEvent[]) => Object.fromEntries(planOf(events).hosts.map(({ host, route }) => [host, route]));
const verdictsOf = (events: readonly TimedEvent[]) => Object.fromEntries(resultsOf(events).map(({ host, verdict }) => [host, verdict]));

/** The verdict of each task on each host, by "host: task". */
const tasksOf = (events: readonly TimedEvent[]): Map<string, TaskVerdict> =>
  new Map(
    events.flatMap((event) =>
      event.type === "task-finished" ? [[`${event.host}: ${event.play}: ${event.task}`, event.outcome.verdict]] : [],
    ),
  );

/** Every file of the disk with what would change if it were written; logs and what the machine itself keeps writing are left out. */
const listing = (machine: Machine): Promise<string> =>
  machine.read(
    "find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /var/log -o -path /var/lib/systemd -o -path /var/tmp \\) -prune -o -type f -printf '%p %s %T@ %m\\n' | sort",
  );

let predicted: Map<string, TaskVerdict>;

test("check mode writes nothing on any host, and tells the routes", async () => {
  const before = await Promise.all(all().map(listing));
  const { code, lines } = await rollout("--check");
  expect(code).toBe(0);
  expect(routesOf(lines)).toEqual({ builder: "build", plain1: "copy", plain2: "copy", other: "copy" });
  predicted = tasksOf(lines);
  expect(predicted.get("builder: Build: Install what building needs")).toBe("changed");
  expect(await Promise.all(all().map(listing))).toEqual(before);
});

test("a rollout brings the module onto four machines with two kernels", async () => {
  const { code, lines, stderr } = await rollout("--yes");
  expect(verdictsOf(lines), stderr).toEqual({ builder: "changed", plain1: "changed", plain2: "changed", other: "changed" });
  expect(code).toBe(0);
  expect(routesOf(lines)).toEqual({ builder: "build", plain1: "copy", plain2: "copy", other: "copy" });
  const real = tasksOf(lines);
  for (const [task, verdict] of predicted) if (verdict === "ok") expect([task, real.get(task)]).toEqual([task, "ok"]);
  for (const [task, verdict] of real)
    if (verdict === "changed") expect([task, predicted.get(task)]).toEqual([task, expect.stringMatching(/^(changed|unknown)$/)]);
});

test("what is loaded is what was shipped, and the initramfs holds the same build", async () => {
  for (const machine of all()) {
    const release = await machine.read("uname -r");
    const file = await machine.read(`modinfo -k ${release} -n kofleet_example`);
    const loaded = await machine.read("cat /sys/module/kofleet_example/srcversion");
    expect(await machine.read(`modinfo -F srcversion ${file}`)).toBe(loaded);
    expect(await machine.read("cat /proc/kofleet_example")).toContain("1.0.0");
    const buildId = await machine.read("od -An -v -tx1 -j16 /sys/module/kofleet_example/notes/.note.gnu.build-id | tr -d ' \\n'");
    const copy = await machine.read(
      `d=$(mktemp -d) && unmkinitramfs /boot/initrd.img-${release} $d && f=$(find $d -name 'kofleet_example.ko*') && cat $f | od -An -v -tx1 | tr -d ' \\n' | grep -c ${buildId}; rm -rf $d`,
    );
    expect([machine.name, copy]).toEqual([machine.name, "1"]);
  }
  const toolchains = await Promise.all(all().map((machine) => machine.ssh("command -v gcc make dkms")));
  expect(toolchains.map(({ stdout }) => stdout !== "")).toEqual(all().map(({ name }) => name === "builder"));
});

test("a second rollout changes nothing on any host, and says so", async () => {
  const before = await Promise.all(all().map(listing));
  const { code, lines } = await rollout("--yes");
  expect(code).toBe(0);
  expect(routesOf(lines)).toEqual({ builder: "current", plain1: "current", plain2: "current", other: "current" });
  expect(verdictsOf(lines)).toEqual({ builder: "ok", plain1: "ok", plain2: "ok", other: "ok" });
  expect(await Promise.all(all().map(listing))).toEqual(before);
});

test("after all four restarted, status still shows it loaded", async () => {
  await Promise.all(all().map((machine) => machine.reboot()));
  const { code, lines, stderr } = await kofleet.json<StatusRow>(["status", "-i", inventory, "-m", manifest]);
  expect(
    lines.map(({ host, verdict, loaded, inInitramfs, atBoot, reason }) => ({ host, verdict, loaded, inInitramfs, atBoot, reason })),
    stderr,
  ).toEqual(
    ["builder", "plain1", "plain2", "other"].map((host) => ({
      host,
      verdict: "ok",
      loaded: "1.0.0",
      inInitramfs: true,
      atBoot: true,
      reason: undefined,
    })),
  );
  expect(code).toBe(0);
});

/** The folder of the stored artifact for a kernel. */
function artifactFolder(kernel: string): string {
  const store = join(kofleet.home, ".local/share/kofleet/artifacts");
  const [name] = readdirSync(store).filter((each) => each.includes(`@${kernel}@`));
  return join(store, name ?? "none");
}

const provenanceOf = (kernel: string) =>
  JSON.parse(readFileSync(join(artifactFolder(kernel), "provenance.json"), "utf8")) as { sha256: string; size: number };

test("an artifact for the wrong kernel is refused with both values, and nothing of it is put on the host", async () => {
  const machine = lab.machine("plain1");
  const [own, foreign] = await Promise.all([machine, lab.machine("other")].map((one) => one.read("uname -r")));
  const folder = artifactFolder(own ?? "");
  const { sha256, size } = provenanceOf(foreign ?? "");
  const before = readFileSync(join(folder, "provenance.json"), "utf8");
  cpSync(join(artifactFolder(foreign ?? ""), `${sha256}.ko`), join(folder, `${sha256}.ko`));
  writeFileSync(join(folder, "provenance.json"), JSON.stringify({ ...JSON.parse(before), sha256, size }));
  await machine.read("file=$(modinfo -n kofleet_example) && modprobe -r kofleet_example && rm $file && depmod");
  const { code, lines } = await rollout("plain1", "--yes");
  expect(code).toBe(2);
  expect(resultsOf(lines)).toMatchObject([{ host: "plain1", verdict: "blocked", reason: expect.stringMatching(/vermagic/) }]);
  for (const value of [own, foreign]) expect(resultsOf(lines)[0]?.reason).toContain(value);
  expect(await machine.read("find /lib/modules/ -name 'kofleet_example*'")).toBe("");
  writeFileSync(join(folder, "provenance.json"), before);
});

test("a truncated artifact is refused with both values", async () => {
  const kernel = await lab.machine("plain1").read("uname -r");
  const file = join(artifactFolder(kernel), `${provenanceOf(kernel).sha256}.ko`);
  const whole = readFileSync(file);
  writeFileSync(file, whole.subarray(0, whole.length / 2));
  const { code, lines } = await rollout("plain1", "--yes");
  expect(code).toBe(2);
  expect(resultsOf(lines)[0]).toMatchObject({
    host: "plain1",
    verdict: "blocked",
    reason: expect.stringContaining(provenanceOf(kernel).sha256),
  });
  writeFileSync(file, whole);
  expect((await rollout("plain1", "--yes")).code).toBe(0);
});
