import { spawn } from "node:child_process";
import { join } from "node:path";
import { Lab } from "./lab.ts";

/** The main job on real machines: boots the lab, rolls the example module out, shows the table. */
const root = join(import.meta.dirname, "../..");
const manifest = "playbooks/modules/kofleet_example.yaml";
const started = Date.now();

const seconds = (): string => `${Math.round((Date.now() - started) / 1000)} s`;
const say = (text: string): void => console.error(`\n== ${seconds()}: ${text}\n`);

/** Runs kofleet as a user would, with a store and journals of the demo's own. */
function kofleet(folder: string, ...args: string[]): Promise<number> {
  say(`kofleet ${args.join(" ")}`);
  const env = {
    ...process.env,
    XDG_DATA_HOME: join(folder, "data"),
    XDG_STATE_HOME: join(folder, "state"),
    XDG_CONFIG_HOME: join(folder, "config"),
  };
  const child = spawn(process.execPath, [join(root, "dist/cli.js"), ...args], { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

say("boot four machines with two kernels");
const lab = await Lab.start({ name: "demo" });
const stop = async (): Promise<void> => {
  await lab.stop();
};
process.once("SIGINT", () => void stop().finally(() => process.exit(130)));
let code = 1;
try {
  // One machine of each kernel that is given a copy goes first, then the rest: two machines a wave, as many as two processors emulate at once.
  const canary = { canary: true };
  const hosts = { plain1: canary, other: canary };
  const inventory = await lab.inventory({ vars: { known_hosts: lab.knownHosts }, hosts });
  code = await kofleet(lab.place.folder, "rollout", "-i", inventory, "-m", manifest, "--waves", "100%", "--yes");
  code = Math.max(code, await kofleet(lab.place.folder, "status", "-i", inventory, "-m", manifest));
} finally {
  await stop();
}
say(code === 0 ? "done: the module is loaded and boot-proof on every machine" : `ended with exit code ${code}`);
process.exit(code);
