import type { Host } from "../../src/core/host.ts";

/** A Debian host; change what a test is about. */
export const host = (changes: Partial<Host> = {}): Host => ({
  name: "web01",
  distribution: "debian",
  distributionVersion: "12",
  distributionTitle: "Debian GNU/Linux 12 (bookworm)",
  family: "debian",
  kernel: "6.1.0-37-cloud-amd64",
  architecture: "x86_64",
  bootId: "00000000-0000-0000-0000-000000000001",
  moduleFolder: "/usr/lib/modules",
  hostname: "web01",
  ...changes,
});

/** A Rocky Linux host. */
export const rocky = (distributionVersion: string): Host =>
  host({
    distribution: "rocky",
    distributionVersion,
    distributionTitle: `Rocky Linux ${distributionVersion} (Blue Onyx)`,
    family: "redhat",
    kernel: "5.14.0-427.13.1.el9_4.x86_64",
  });
