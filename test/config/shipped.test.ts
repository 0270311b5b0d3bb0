import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadInventory } from "../../src/config/load_inventory.ts";
import { loadManifest, sourceDigest } from "../../src/config/manifest.ts";
import { selectHosts } from "../../src/config/pattern.ts";
import { noSecretSources } from "../../src/config/secret_sources.ts";
import { targetOf } from "../../src/config/target.ts";

const root = join(import.meta.dirname, "../..");
const manifest = (name: string) => loadManifest(join(root, "playbooks/modules", `${name}.yaml`), noSecretSources);

test("dattobd's manifest has all that the vendor's document says of it", async () => {
  const { supported, packages, needs, initramfs, atBoot, source, product, vendor } = await manifest("dattobd");
  expect(
    supported.map(({ distribution, versions, kernels, since }) => `${distribution} ${versions} ${kernels} since ${product} ${since}`),
  ).toMatchInlineSnapshot(`
    [
      "ubuntu 20.04 >=5.4 <=6.8 since HyperBDR 6.9",
      "ubuntu 22.04,24.04 >=5.15 <=6.8 since HyperBDR 6.7",
      "centos 8 >=4.18 <=6.8 since HyperBDR 6.10",
      "rhel 8 >=4.18 <=6.8 since HyperBDR 6.10",
      "centos 9 >=5.14 <=6.8 since HyperBDR 6.10",
      "rhel 9 >=5.14 <=6.8 since HyperBDR 6.10",
    ]
  `);
  expect({ packages, needs, initramfs, atBoot }).toEqual({
    packages: { redhat: ["perl"] },
    needs: ["system_map"],
    initramfs: true,
    atBoot: true,
  });
  expect(source.files).toEqual([
    { from: "src", to: "." },
    { from: "dist/dattobd-dkms-conf", to: "dkms.conf", versionMark: "@MODULE_VERSION@" },
  ]);
  expect(vendor).toEqual({
    package: "{{name}}-{{kernel}}-{{version}}.tar.gz",
    results: "/root/dattobd_dkms_build_pacakges",
    server: "/opt/installer/production/venvs/linux-agent-venv/dkms/{{distribution}}/{{major}}/",
  });
});

test("the example module's source carries the manifest's version", async () => {
  const example = await manifest("kofleet_example");
  const { files } = await sourceDigest(example);
  const text = (wanted: string) => Buffer.from(files.find(({ path }) => path === wanted)?.bytes ?? []).toString();
  expect(files.map(({ path }) => path)).toEqual(["Makefile", "dkms.conf", "kofleet_example.c"]);
  expect(text("dkms.conf")).toContain(`PACKAGE_VERSION="${example.version}"`);
  expect(text("kofleet_example.c")).toContain(`#define VERSION "${example.version}"`);
});

describe("the example inventory", () => {
  test("loads, with what it shows", async () => {
    const inventory = await loadInventory([join(root, "inventory.example.yaml")], noSecretSources);
    expect(selectHosts(inventory, "all")).toHaveLength(28);
    expect(selectHosts(inventory, "production:!web[0:19]:!db-?.*")).toEqual(["web21.example.com", "db-old.example.com"]);
    const reach = [...inventory.hosts.values()].map((host) => targetOf(host, {}, {}, { home: "/home/ann", cwd: "/" }));
    expect(
      reach.map(({ target: { user, address, port }, become }) => `${user}@${address}:${port ?? ""} ${become?.user ?? ""}`).slice(-8),
    ).toMatchInlineSnapshot(`
      [
        "admin@web21.example.com:2222 root",
        "admin@db-a.example.com: root",
        "admin@db-b.example.com: root",
        "admin@db-c.example.com: root",
        "admin@192.0.2.17: root",
        "admin@build-noble.example.com: root",
        "root@build-el9.example.com: ",
        "admin@build-jammy.example.com: root",
      ]
    `);
  });
});
