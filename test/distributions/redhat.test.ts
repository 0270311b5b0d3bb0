import { describe, expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { redhat } from "../../src/distributions/redhat.ts";
import { rocky } from "./hosts.ts";

const kernel = "5.14.0-427.13.1.el9_4.x86_64";
const el9 = redhat(rocky("9.4"));
const el8 = redhat(rocky("8.10"));
const format = "--queryformat=%{NAME}\\t%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\\n";

test("names packages of exactly one kernel", () => {
  expect(el9.headersPackage(kernel)).toBe("kernel-devel-5.14.0-427.13.1.el9_4.x86_64");
  expect(el9.dkmsPackages()).toEqual(["dkms", "kernel-devel-matched-5.14.0-427.13.1.el9_4.x86_64"]);
  expect(el8.dkmsPackages()).toEqual(["dkms"]);
  expect(el9.compilerPackages("gcc (GCC) 11.4.1 20231218 (Red Hat 11.4.1-3)")).toEqual(["gcc", "make"]);
  expect(el9.headersForGood(new Map([["kernel", "5.14.0-427.13.1.el9_4"]]))).toEqual([]);
});

test("the package of a kernel itself has its symbol map", () => {
  const name = `kernel-core-${kernel}`;
  const map = el9.symbolMapPackage(rocky("9.4"), kernel, "5.14.0-427.13.1.el9_4");
  expect(map).toMatchObject({ package: name, args: [name, `./lib/modules/${kernel}/System.map`] });
  expect(map.script).toBe('dnf --assumeyes download "$1" >&2 && rpm2cpio ./*.rpm | cpio --extract --to-stdout --quiet "$2"');
});

const flags = ["--setopt=installonly_limit=0", "--setopt=install_weak_deps=False"];

test("never lets dnf push an old kernel out, nor bring a new one along unasked", () => {
  const hidden = "--exclude=kernel,kernel-core,kernel-uki-virt,kernel-uek,kernel-uek-core,kernel-*-core";
  const headers = "kernel-devel-5.14.0-427.13.1.el9_4.x86_64";
  expect(el9.installPackages(["dkms", headers])).toEqual({
    argv: ["dnf", ...flags, "--assumeyes", hidden, "install", "dkms", headers],
    env: {},
  });
  for (const name of ["kernel", "kernel-core", "kernel-5.14.0-427.13.1.el9_4.x86_64", "kernel-rt-core"]) {
    expect(el9.installPackages([name])).toEqual({ argv: ["dnf", ...flags, "--assumeyes", "install", name], env: {} });
  }
  expect(el9.removePackages(["dkms"])).toEqual({ argv: ["dnf", ...flags, "--assumeyes", "--noautoremove", "remove", "dkms"], env: {} });
  expect(el9.refreshPackages()).toEqual({ argv: ["dnf", ...flags, "--assumeyes", "makecache"], env: {} });
});

test("always names the kernel whose initramfs it makes", () => {
  expect(el9.updateInitramfs(kernel)).toEqual(["dracut", "--force", "--kver", kernel]);
  expect(el9.updateInitramfs(kernel, false)).toEqual(["dracut", "--force", "--kver", kernel]);
  for (const none of ["", "--regenerate-all"]) expect(() => el9.updateInitramfs(none)).toThrow(FactError);
});

test("knows the places", () => {
  expect(el9.moduleInstallFolder(rocky("9.4"), kernel)).toBe(`/usr/lib/modules/${kernel}/extra`);
  expect(el9.initramfsImage(kernel)).toBe(`/boot/initramfs-${kernel}.img`);
  expect(el9.initramfsEmbedFile("my-module")).toEqual({
    kind: "file",
    path: "/etc/dracut.conf.d/kofleet-my_module.conf",
    content: 'add_drivers+=" my-module "\n',
  });
});

test("orders versions as rpm does", () => {
  expect(el9.compareVersions("4.18.0-553.el8_10", "4.18.0-553.5.1.el8_10")).toBeLessThan(0);
});

describe("versions of packages", () => {
  test("are asked in one question", () => {
    expect(el9.packageVersionsQuery(["dkms", "make"])).toEqual(["rpm", "--query", format, "dkms", "make"]);
    expect(el9.imageMetapackagesQuery()).toEqual(["rpm", "--query", format, "kernel"]);
  });

  // As rpm 4.18 printed it.
  const stdout = `kernel-devel	kernel-devel-5.14.0-427.13.1.el9_4.x86_64	5.14.0-427.13.1.el9_4
kernel-devel	kernel-devel-5.14.0-70.el9.x86_64	5.14.0-70.el9
kernel-devel	kernel-devel-5.14.0-427.13.1.el9_4.x86_64	5.14.0-427.13.1.el9_4
package dkms is not installed
withepoch	withepoch-1.0-1.noarch	2:1.0-1
package kernel-devel-5.14.0-999.el9.x86_64 is not installed
`;

  test("go by the name and by the exact name, the newest where there are several", () => {
    expect(el9.parsePackageVersions({ code: 2, stdout, stderr: "" })).toEqual(
      new Map([
        ["kernel-devel", "5.14.0-427.13.1.el9_4"],
        ["kernel-devel-5.14.0-427.13.1.el9_4.x86_64", "5.14.0-427.13.1.el9_4"],
        ["kernel-devel-5.14.0-70.el9.x86_64", "5.14.0-70.el9"],
        ["withepoch", "2:1.0-1"],
        ["withepoch-1.0-1.noarch", "2:1.0-1"],
      ]),
    );
  });

  test.each([
    { code: 1, stdout: "", stderr: "error: cannot open Packages database in /var/lib/rpm\n" },
    { code: 0, stdout: "dkms-3.2.1\n", stderr: "" },
    { code: 127, stdout: "", stderr: "sh: rpm: command not found\n" },
  ])("are refused aloud from %j", (answer) => expect(() => el9.parsePackageVersions(answer)).toThrow(FactError));
});

describe("the owner of a kernel", () => {
  test("is asked for by the file that the package has", () => {
    expect(el9.kernelOwnerQuery(kernel)).toEqual(["rpm", "--query", format, "--file", `/lib/modules/${kernel}/vmlinuz`]);
  });

  test.each([
    [
      { code: 0, stdout: `kernel-core	kernel-core-${kernel}	5.14.0-427.13.1.el9_4\n`, stderr: "" },
      { package: "kernel-core", version: "5.14.0-427.13.1.el9_4" },
    ],
    [{ code: 1, stdout: "file /lib/modules/6.0/vmlinuz is not owned by any package\n", stderr: "" }, undefined],
    [{ code: 1, stdout: "", stderr: "error: file /lib/modules/7.0/vmlinuz: No such file or directory\n" }, undefined],
  ])("from %j", (answer, owner) => expect(el9.parseKernelOwner(answer)).toEqual(owner));
});
