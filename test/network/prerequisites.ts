import { mkdirSync } from "node:fs";
import { ensure } from "../lab/prerequisites.ts";

const packageOf = {
  ip: "iproute2",
  ss: "iproute2",
  nft: "nftables",
  sshd: "openssh-server",
  "ssh-keygen": "openssh-client",
  nsenter: "util-linux",
  unshare: "util-linux",
  setpriv: "util-linux",
};

/** Before all files: installs what is missing. Without root there are no network namespaces, which is said once and is no failure. */
export async function setup(): Promise<void> {
  if (!canMakeNetworks) {
    console.warn("tests in network namespaces are skipped: making some takes root");
    return;
  }
  await ensure("the network tests", packageOf);
  // Debian's service makes it, which does not run where the package was only just installed; without it no sshd starts.
  mkdirSync("/run/sshd", { recursive: true });
  const { noSshd } = await import("../remote/real_sshd.ts");
  if (noSshd !== undefined) throw new Error(`the network tests need OpenSSH's own server, and ${noSshd}`);
}

/** Whether this process may make network namespaces. */
export const canMakeNetworks = process.getuid?.() === 0;
