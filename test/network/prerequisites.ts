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
  if (canMakeNetworks) await ensure("the network tests", packageOf);
  else console.warn("tests in network namespaces are skipped: making some takes root");
}

/** Whether this process may make network namespaces. */
export const canMakeNetworks = process.getuid?.() === 0;
