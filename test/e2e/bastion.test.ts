import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab } from "../lab/lab.ts";
import { Kofleet } from "./kofleet.ts";

/** Twenty hosts that only a bastion reaches (by addresses that nobody else has, RFC 5737), and the bastion hangs up on some of those who come at once. */
const names = Array.from({ length: 20 }, (_, index) => `host${index + 1}`);
const addressOf = (name: string): string => `192.0.2.${100 + Number(name.slice("host".length))}`;

let lab: Lab;
let kofleet: Kofleet;

/**
 * Each host is a network namespace on a bridge of the bastion, with a name, a host key and an sshd of its own.
 * Prints "ADDRESS TYPE KEY" for each.
 */
const script = `
set -eu
echo 'MaxStartups 10:30:60' >/etc/ssh/sshd_config.d/bastion.conf
kill -HUP "$(cat /run/sshd.pid)"
mkdir -p /run/sshd /root/hosts
cd /root/hosts
printf 'PidFile none\\nPermitRootLogin yes\\nUseDNS no\\n' >sshd_config
ip link add behind type bridge
ip address add 192.0.2.1/24 dev behind
ip link set behind up
for number in $(seq ${names.length}); do
  name=host$number address=192.0.2.$((100 + number))
  ip netns add $name
  ip link add to-$name type veth peer name eth0 netns $name
  ip link set to-$name master behind up
  ip -n $name address add $address/24 dev eth0
  ip -n $name link set eth0 up
  ssh-keygen -q -t ed25519 -N '' -C '' -f $name
  ip netns exec $name unshare --uts sh -c "hostname $name && exec /usr/sbin/sshd -f sshd_config -o HostKey=/root/hosts/$name" </dev/null >/dev/null 2>&1
  echo "$address $(cat $name.pub)"
done
`;

beforeAll(async () => {
  lab = await Lab.start({ machines: ["plain1"] });
  kofleet = new Kofleet();
  const hostKeys = await lab.machine("plain1").read(script);
  expect(hostKeys.split("\n")).toHaveLength(names.length);
  appendFileSync(lab.knownHosts, `${hostKeys}\n`);
});

afterAll(async () => {
  kofleet?.remove();
  await lab?.stop();
});

function inventory(transport: string): string {
  const file = join(kofleet.home, `${transport}.json`);
  const { key, user, port, knownHosts } = lab.machine("plain1").login();
  const vars = { user, private_key_file: key, known_hosts: [knownHosts], transport, jump_host: `${user}@127.0.0.1:${port}` };
  const hosts = Object.fromEntries(names.map((name) => [name, { host: addressOf(name) }]));
  writeFileSync(file, JSON.stringify({ all: { vars, hosts } }));
  return file;
}

/** An emulated bastion takes seconds of its one processor for each login. */
async function expectAll(transport: string, hosts: readonly string[]): Promise<void> {
  const options = ["-i", inventory(transport), "--forks", "50", "--timeout", "120", "--json"];
  const { code, stdout, stderr } = await kofleet.run(["exec", hosts.join(","), ...options, "--", "hostname"]);
  const answers = hosts.map((host) => JSON.stringify({ host, answer: { code: 0, stdout: `${host}\n`, stderr: "" } }));
  expect(stdout.trim().split("\n").sort(), stderr).toEqual(answers.sort());
  expect(code).toBe(0);
}

test.each(["first", "second", "third"])("all hosts, 50 at once: the %s run in a row", () => expectAll("ssh", names));

// Each of these logs in to the bastion for itself, so a quarter of them takes as long.
test("some hosts by the system's own ssh", () => expectAll("openssh", names.slice(0, 5)));
