import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Host, Place, User } from "./host.ts";
import { patience } from "./ssh.ts";

/** How the inventory logs in, and what it adds to all hosts or to one. */
export interface InventoryOptions {
  readonly user?: User;
  readonly file?: string;
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly hosts?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Writes an Ansible-style inventory of the hosts into the lab's folder and returns its path. */
export async function writeInventory(place: Place, hosts: readonly Host[], options: InventoryOptions): Promise<string> {
  const file = join(place.folder, options.file ?? "inventory.yaml");
  await writeFile(file, stringify(inventory(place, hosts, options)));
  return file;
}

function inventory(place: Place, hosts: readonly Host[], { user = "root", vars = {}, hosts: more = {} }: InventoryOptions): object {
  const entries = hosts.map(({ name, port, record: { builder } }) => {
    const own = { ansible_host: "127.0.0.1", ansible_port: port, ...(builder ? { builder } : {}) };
    return [name, { ...own, ...more[name] }] as const;
  });
  const ssh = {
    ansible_user: user,
    ansible_ssh_private_key_file: place.key,
    ansible_timeout: patience,
    // An emulated machine that computes is not always there in time.
    ansible_ssh_common_args: `-o ServerAliveInterval=${patience} -o ServerAliveCountMax=1`,
  };
  return { all: { vars: { ...ssh, ...vars }, hosts: Object.fromEntries(entries) } };
}
