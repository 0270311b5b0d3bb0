import { expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { machine } from "../../src/facts/machine.ts";
import { answered, captured } from "./fixtures.ts";

const debian = captured("machine-debian12-plain");
const redhat = captured("handmade-rhel9-machine");
const parse = (stdout: string) => machine.parse(answered(stdout));
const kernel = "6.1.0-56-cloud-amd64";

test("reads a Debian machine without a toolchain", () => {
  expect(parse(debian)).toEqual({
    running: kernel,
    next: kernel,
    kernels: [
      {
        release: kernel,
        package: `linux-image-${kernel}`,
        packageVersion: "6.1.192-2",
        buildId: "3b43fad5034874490492495d552c0af6a5fab235",
        hasHeaders: false,
        vermagic: `${kernel} SMP preempt mod_unload modversions `,
        compression: "none",
        initramfsBytes: 6268824,
      },
    ],
    headers: [],
    kernelCompilers: { [kernel]: "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0" },
    compiler: undefined,
    versionedCompilers: [],
    make: undefined,
    dkms: undefined,
    packageManager: "apt",
    freeBytes: { boot: 3533120 * 1024, modules: 3533120 * 1024, dkms: 3533120 * 1024 },
    initramfsTool: "update-initramfs",
    compression: { used: "none", supported: ["none", "xz", "zst"] },
    secureBoot: false,
    signatureEnforced: false,
    container: undefined,
    bootId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    vermagic: `${kernel} SMP preempt mod_unload modversions `,
  });
});

test("reads a Debian builder whose second kernel boots next", () => {
  const next = "6.12.117+deb12-cloud-amd64";
  const found = parse(captured("machine-debian12-builder"));
  expect(found.kernels.map(({ release, hasHeaders }) => [release, hasHeaders])).toEqual([
    [kernel, true],
    [next, true],
  ]);
  expect(found).toMatchObject({ running: kernel, next, headers: [kernel, next], dkms: "dkms-3.0.10" });
  expect(found).toMatchObject({ compiler: "gcc (Debian 12.2.0-14+deb12u1) 12.2.0", make: "GNU Make 4.3" });
  expect(found.kernels.map(({ compression }) => compression)).toEqual(["none", "xz"]);
  expect(found.compression.used).toBe("none");
  expect(found.kernelCompilers[next]).toBe("x86_64-linux-gnu-gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0");
});

test("reads a machine of the Red Hat family, with a newer kernel to boot next", () => {
  const [running, next] = ["5.14.0-427.13.1.el9_4.x86_64", "5.14.0-503.14.1.el9_5.x86_64"];
  expect(parse(redhat)).toMatchObject({
    running,
    next,
    kernels: [
      {
        release: running,
        package: "kernel-core",
        packageVersion: "5.14.0-427.13.1.el9_4",
        hasHeaders: true,
        initramfsBytes: 41234567,
      },
      { release: next, packageVersion: "5.14.0-503.14.1.el9_5", hasHeaders: false, initramfsBytes: undefined },
    ],
    kernelCompilers: { [running]: "gcc (GCC) 11.4.1 20231218 (Red Hat 11.4.1-3)" },
    headers: [running],
    packageManager: "dnf",
    freeBytes: { boot: 570695 * 1024, modules: 68241024 * 1024, dkms: 68241024 * 1024 },
    initramfsTool: "dracut",
    compression: { used: "xz", supported: ["none", "xz", "zst", "gz"] },
    secureBoot: true,
    signatureEnforced: true,
  });
});

const without = (stdout: string, ...keys: string[]) =>
  stdout
    .split("\n")
    .filter((line) => !keys.some((key) => line.startsWith(`${key} `)))
    .join("\n");
const and = (stdout: string, ...lines: string[]) => stdout.replace(/end\n$/, `${lines.join("\n")}\nend\n`);

test.each([
  ["no firmware for it", without(redhat, "efi", "secure-boot"), false],
  ["firmware that can't do it", without(redhat, "secure-boot"), false],
  ["variables that are not mounted", without(redhat, "efi", "secure-boot").replace("end\n", "efi firmware\nend\n"), undefined],
  ["a variable of an unknown form", redhat.replace("0600000001", "06000000"), undefined],
  ["it off", redhat.replace("0600000001", "0600000000"), false],
  ["it on", redhat, true],
])("tells Secure Boot with %s", (_, stdout, secureBoot) => {
  expect(parse(stdout).secureBoot).toBe(secureBoot);
});

test.each([
  ["the parameter", without(redhat, "lockdown"), true],
  ["lockdown", without(redhat, "enforced"), true],
  ["nothing", without(redhat, "enforced", "lockdown"), false],
])("is told that signatures are enforced by %s", (_, stdout, enforced) => {
  expect(parse(stdout).signatureEnforced).toBe(enforced);
});

test("always has the running kernel, known by its build id where no package owns it", () => {
  const id = "4a5a9b0affb66c437abcd455d2738af879985fa9";
  const stdout = without(debian, "boot", "owner", "notes").replace("end\n", `notes 040000001400000003000000474e5500${id}\nend\n`);
  expect(parse(stdout).kernels).toMatchObject([{ release: kernel, package: undefined, packageVersion: `build-id:${id}` }]);
});

test("knows the running kernel by its build id beside its package, and no other", () => {
  const id = "4a5a9b0affb66c437abcd455d2738af879985fa9";
  const stdout = and(without(debian, "notes"), `notes 040000001400000003000000474e5500${id}`, "boot 6.1.0-60-cloud-amd64");
  expect(parse(stdout).kernels.map(({ packageVersion, buildId }) => [packageVersion, buildId])).toEqual([
    ["6.1.192-2", id],
    [undefined, undefined],
  ]);
});

test.each([
  ["Debian's kernels", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)", "6.1.140-1"],
  ["those of its backports", "#1 SMP PREEMPT_DYNAMIC Debian 6.12.9-1~bpo12+1 (2025-01-19)", "6.12.9-1~bpo12+1"],
  ["no other's", "#1 SMP PREEMPT_DYNAMIC Wed Apr 17 15:32:54 EDT 2024", undefined],
])("knows of which version the running kernel was started: %s", (_, build, version) => {
  const kernels = parse(and(debian, `build ${build}`, "boot 6.1.0-60-cloud-amd64")).kernels;
  expect(kernels.map(({ startedVersion }) => startedVersion)).toEqual([version, undefined]);
});

test("leaves out backups and rescue images", () => {
  const stdout = and(debian, "boot 6.1.0-1-amd64.old", "boot 6.1.0-1-amd64.dpkg-new", "boot 0-rescue-abc", "boot 6.1.0-60-cloud-amd64");
  expect(parse(stdout).kernels.map(({ release }) => release)).toEqual([kernel, "6.1.0-60-cloud-amd64"]);
});

test.each([
  ["the newest kernel, by the first entry of the menu", [], "6.1.0-60-cloud-amd64"],
  ["what grub-reboot named for once", [`grubenv next_entry=gnulinux-advanced-0>gnulinux-${kernel}-advanced-0`], kernel],
  ["what it named in a menu without submenus", ["grub GRUB_DISABLE_SUBMENU=y", `grubenv next_entry=gnulinux-${kernel}-advanced-0`], kernel],
  ["nothing, where the menu is another", ["grub GRUB_DEFAULT='somewhere else'"], undefined],
  ["nothing, where kernels are ordered by flavour", ['grub GRUB_FLAVOUR_ORDER="rt cloud"'], undefined],
])("says what boots next: %s", (_, lines, next) => {
  expect(parse(and(debian, "boot 6.1.0-60-cloud-amd64", ...lines)).next).toBe(next);
});

test("does not guess what boots next without GRUB, or on other families", () => {
  expect(parse(without(debian, "grub-config")).next).toBeUndefined();
  expect(parse(debian.replace("os ID=debian", "os ID=sles\nos ID_LIKE=suse")).next).toBeUndefined();
});

test.each(["docker", "lxc"])("says that it is a container: %s", (kind) => {
  expect(parse(and(debian, `container ${kind}`, "container podman")).container).toBe(kind);
});

test.each([
  ["df with too few filesystems", debian.replace(/^df \/dev.*\n/m, "")],
  ["df with something else", debian.replace("3533120", "much")],
  ["owners of something else", and(debian, "owner nonsense")],
  ["sizes of something else", and(debian, "initramfs many /boot/initrd.img-6")],
  ["no running kernel", without(debian, "running")],
])("refuses %s", (_, stdout) => {
  expect(() => parse(stdout)).toThrow(FactError);
});

test("takes a filesystem that is overdrawn for full", () => {
  expect(parse(debian.replace("3533120", "-20")).freeBytes.boot).toBe(0);
});

test("reads which compilers are called by their version, each once", () => {
  const lines = ["versioned gcc-12", "versioned gcc-13", "versioned gcc-12", "end"].join("\n");
  expect(parse(debian.replace(/\bend\n$/, `${lines}\n`)).versionedCompilers).toEqual(["gcc-12", "gcc-13"]);
});
