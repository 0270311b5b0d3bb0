import type { Machine } from "../lab/machine.ts";

/** The password of each login of the machine, and of root. */
export const passwordOf = (user: string): string => `hush-${user}-9F3c`;

/** Logins, each with a peculiarity of the ways to root: its shell, and its line of sudoers. */
const logins: readonly (readonly [user: string, shell: string, sudoers: string])[] = [
  ["usual", "/bin/bash", ""],
  ["cshell", "/bin/csh", ""],
  ["needstty", "/bin/sh", "requiretty"],
  ["nopty", "/bin/sh", "!use_pty"],
  ["logged", "/bin/sh", "log_input, log_output"],
  ["onetry", "/bin/sh", "passwd_tries=1"],
  ["rootpw", "/bin/sh", "rootpw"],
  ["targetpw", "/bin/sh", "targetpw"],
  ["narrow", "/bin/sh", 'secure_path="/usr/bin:/bin"'],
  ["lectured", "/bin/sh", "lecture=always, timestamp_timeout=0"],
];

const setUp = `set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get -q -y --no-install-recommends install doas csh </dev/null
while IFS=: read -r user shell password defaults; do
  [ "$user" = root ] || useradd --create-home --shell "$shell" "$user"
  echo "$user:$password" | chpasswd
  [ "$user" != root ] || continue
  install -d -m 700 -o "$user" "/home/$user/.ssh"
  install -m 600 -o "$user" /root/.ssh/authorized_keys "/home/$user/.ssh/authorized_keys"
  [ "$user" != stranger ] || continue
  echo "$user ALL=(ALL:ALL) ALL" >>/etc/sudoers.d/privilege
  [ -z "$defaults" ] || echo "Defaults:$user $defaults" >>/etc/sudoers.d/privilege
  echo "permit $user" >>/etc/doas.conf
done
echo 'permit nopass deploy' >>/etc/doas.conf
useradd --create-home --shell /bin/sh service
useradd --create-home --shell /usr/sbin/nologin noshell
echo 'Defaults logfile=/var/log/sudo.log' >>/etc/sudoers.d/privilege
chmod 440 /etc/sudoers.d/privilege
visudo -c -q
`;

/** Gives a machine of the lab doas, csh, and the logins. */
export async function prepareLogins(machine: Machine): Promise<void> {
  const all = [...logins, ["stranger", "/bin/sh", ""], ["root", "/bin/bash", ""]] as const;
  const lines = all.map(([user, shell, sudoers]) => `${user}:${shell}:${passwordOf(user)}:${sudoers}\n`);
  const { code, stderr } = await machine.ssh(`sh -c '${setUp.replaceAll("'", "'\\''")}'`, { input: lines.join("") });
  if (code !== 0) throw new Error(`cannot prepare ${machine.name}: ${stderr}`);
}

/** Looks over all processes of a machine for a word, again and again. */
export class ProcessWatch {
  private constructor(private readonly machine: Machine) {}

  /** The word travels and lies in a file only, or the watch would find itself. */
  static async start(machine: Machine, word: string): Promise<ProcessWatch> {
    await machine.ssh("umask 077; mkdir -p /root/watch; rm -f /root/watch/*; cat >/root/watch/word", { input: `${word}\n` });
    const look = "grep -a -s -l -F -f word /proc/[0-9]*/cmdline /proc/[0-9]*/environ >>found; echo >>rounds";
    await machine.read(`cd /root/watch; : >found; : >rounds; (while [ ! -e stop ]; do ${look}; done) >/dev/null 2>&1 </dev/null &`);
    return new ProcessWatch(machine);
  }

  /** How often it looked, and where it found the word. */
  async stop(): Promise<{ readonly rounds: number; readonly found: readonly string[] }> {
    await this.machine.read("touch /root/watch/stop; sleep 1");
    const rounds = Number(await this.machine.read("wc -l </root/watch/rounds"));
    const found = await this.machine.read("sort -u /root/watch/found");
    return { rounds, found: found.split("\n").filter(Boolean) };
  }
}
