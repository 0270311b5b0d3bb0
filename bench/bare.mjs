// What one would write oneself with node-ssh and p-limit, and TCP_NODELAY: the floor that kofleet is held against.
// node bare.mjs HOSTS FORKS PORT USER KEY FOLDER one|ten
import { readFileSync } from "node:fs";
import { NodeSSH } from "node-ssh";
import pLimit from "p-limit";

const [hosts, forks, port, username, keyFile, folder, what] = process.argv.slice(2);
const privateKey = readFileSync(keyFile, "utf8");
const limit = pLimit(Number(forks));

async function one(ssh) {
  const { code, stdout } = await ssh.execCommand("uname -r");
  if (code !== 0 || stdout === "") throw new Error(`uname -r: ${code}`);
}

async function ten(ssh, index) {
  const place = `${folder}/bare-${index}`;
  const commands = [`mkdir -p ${place}`, ...Array.from({ length: 8 }, (_, number) => `touch ${place}/${number}`)];
  for (const command of commands) if ((await ssh.execCommand(command)).code !== 0) throw new Error(command);
  const { code } = await ssh.execCommand(`cat >${place}/upload`, { stdin: "a small file\n" });
  if (code !== 0) throw new Error("upload");
}

await Promise.all(
  Array.from({ length: Number(hosts) }, (_, index) =>
    limit(async () => {
      const ssh = new NodeSSH();
      const connecting = ssh.connect({ host: "127.0.0.1", port: Number(port), username, privateKey });
      ssh.connection.setNoDelay(true);
      await connecting;
      await (what === "ten" ? ten(ssh, index) : one(ssh));
      ssh.dispose();
    }),
  ),
);
