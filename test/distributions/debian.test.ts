import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { debian } from "../../src/distributions/debian.ts";
import { host } from "./hosts.ts";

const kernel = "6.1.0-37-cloud-amd64";
const aptFlags = ["-y", "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Options::=--force-confold", "--no-install-recommends"];
const env = { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_SUSPEND: "1" };

test("names packages", () => {
  expect(debian.headersPackage(kernel)).toBe("linux-headers-6.1.0-37-cloud-amd64");
  expect(debian.dkmsPackages()).toEqual(["dkms"]);
});

test.each([
  ["debian", `linux-image-${kernel}-dbg=6.1.140-1`, `./usr/lib/debug/boot/System.map-${kernel}`],
  ["ubuntu", `linux-modules-${kernel}=6.1.140-1`, `./boot/System.map-${kernel}`],
])("knows which package of %s has a kernel's symbol map", (distribution, name, path) => {
  expect(debian.symbolMapPackage(host({ distribution }), kernel, "6.1.140-1")).toEqual({
    package: name,
    script: 'apt-get -q download "$1" >&2 && dpkg-deb --fsys-tarfile ./*.deb 2>/dev/null | tar --occurrence=1 -xO "$2"',
    args: [name, path],
  });
});

test.each([
  [undefined, ["gcc", "make"]],
  ["", ["gcc", "make"]],
  ["gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0", ["gcc", "make", "gcc-12"]],
  ["gcc-10 (Debian 10.2.1-6) 10.2.1 20210110", ["gcc", "make", "gcc-10"]],
  ["x86_64-linux-gnu-gcc-13 (Ubuntu 13.3.0-6ubuntu2~24.04) 13.3.0", ["gcc", "make", "gcc-13"]],
  ["gcc (Ubuntu 9.4.0-1ubuntu1~20.04.2) 9.4.0", ["gcc", "make", "gcc-9"]],
  ["gcc (Debian 8.3.0-6) 8.3.0 20190406", ["gcc", "make", "gcc-8"]],
  ["Debian clang version 19.1.7", ["gcc", "make"]],
])("a kernel compiled by %j wants %j", (compiler, packages) => expect(debian.compilerPackages(compiler)).toEqual(packages));

test("asks apt without questions, without recommended kernels, and waits for locks", () => {
  expect(debian.installPackages(["dkms", "make"]).argv.slice(3)).toEqual(["sh", ...aptFlags, "install", "dkms", "make"]);
  expect(debian.installPackages(["dkms", "make"]).env).toEqual(env);
  expect(debian.removePackages(["dkms"])).toEqual({ argv: ["apt-get", ...aptFlags, "remove", "dkms"], env });
  expect(debian.refreshPackages().argv.slice(3)).toEqual(["sh", ...aptFlags, "update"]);
  expect(debian.refreshPackages().env).toEqual(env);
});

test("always names the kernel whose initramfs it makes", () => {
  expect(debian.updateInitramfs(kernel)).toEqual(["update-initramfs", "-u", "-k", kernel]);
  expect(debian.updateInitramfs(kernel, true)).toEqual(["update-initramfs", "-u", "-k", kernel]);
  expect(debian.updateInitramfs(kernel, false)).toEqual(["update-initramfs", "-c", "-k", kernel]);
  for (const none of ["", "all", " "]) expect(() => debian.updateInitramfs(none)).toThrow(FactError);
});

test("knows the places", () => {
  expect(debian.moduleInstallFolder(host(), kernel)).toBe("/usr/lib/modules/6.1.0-37-cloud-amd64/updates/dkms");
  expect(debian.initramfsImage(kernel)).toBe("/boot/initrd.img-6.1.0-37-cloud-amd64");
  expect(debian.initramfsEmbedFile("my-module")).toEqual({ kind: "line", path: "/etc/initramfs-tools/modules", line: "my-module" });
});

test("orders versions as dpkg does", () => {
  expect(debian.compareVersions("6.1.140-1", "6.1.99-1")).toBeGreaterThan(0);
  expect(debian.compareVersions("2.8.7-2ubuntu2.2", "2.8.7-2ubuntu2.10")).toBeLessThan(0);
});

describe("versions of packages", () => {
  test("are asked in one question", () => {
    expect(debian.packageVersionsQuery(["dkms", "make"])).toEqual([
      "dpkg-query",
      "--show",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills these in, not JavaScript
      "--showformat=${Package}\\t${db:Status-Status}\\t${Version}\\n",
      "dkms",
      "make",
    ]);
  });

  test("are of what is fully installed", () => {
    const stdout = [
      "bash\tinstalled\t5.2.15-2+b8",
      "linux-image-6.1.0-56-cloud-amd64\tunpacked\t6.1.192-2",
      "linux-image-6.1.0-56-cloud-amd64-unsigned\tnot-installed\t",
      "dkms\thalf-configured\t3.0.10-8+deb12u1",
      "make\tconfig-files\t4.3-4.1",
      "",
    ].join("\n");
    const stderr = "dpkg-query: no packages found matching nosuch\n";
    expect(debian.parsePackageVersions({ code: 1, stdout, stderr })).toEqual(new Map([["bash", "5.2.15-2+b8"]]));
  });

  test.each([
    { code: 2, stdout: "", stderr: "dpkg-query: error: failed to open package info file" },
    { code: 127, stdout: "", stderr: "sh: dpkg-query: not found" },
    { code: 0, stdout: "garbage\n", stderr: "" },
  ])("are refused aloud from %j", (answer) => expect(() => debian.parsePackageVersions(answer)).toThrow(FactError));
});

describe("headers for good", () => {
  test.each([
    ["linux-image-cloud-amd64", ["linux-headers-cloud-amd64=6.1.140-1"]],
    ["linux-image-amd64", ["linux-headers-amd64=6.1.140-1"]],
    ["linux-image-rt-amd64", ["linux-headers-rt-amd64=6.1.140-1"]],
    ["linux-image-generic", ["linux-headers-generic=6.1.140-1"]],
    ["linux-image-virtual", ["linux-headers-virtual=6.1.140-1"]],
    ["linux-image-generic-hwe-22.04", ["linux-headers-generic-hwe-22.04=6.1.140-1"]],
    ["linux-image-oem-22.04d", ["linux-headers-oem-22.04d=6.1.140-1"]],
    ["linux-image-6.1.0-37-cloud-amd64", []],
    ["linux-image-6.12.43+deb12-amd64", []],
    ["linux-image-6.8.0-62-generic", []],
    ["linux-image-unsigned-6.8.0-62-generic", []],
    ["linux-image-extra-virtual", []],
    ["linux-image-amd64-dbg", []],
  ])("for %s: %j", (name, packages) => expect(debian.headersForGood(new Map([[name, "6.1.140-1"]]))).toEqual(packages));

  test("asks for all images", () => expect(debian.imageMetapackagesQuery().at(-1)).toBe("linux-image-*"));
});

describe("the owner of a kernel", () => {
  /** Runs the query with a dpkg-query that answers what this text says. */
  function ask(script: string) {
    const folder = mkdtempSync(join(tmpdir(), "kofleet-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "dpkg-query"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "dpkg-query"), 0o755);
    const [program, ...args] = debian.kernelOwnerQuery(kernel);
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env: { PATH: `${folder}:${process.env.PATH}` } });
    return debian.parseKernelOwner({ code: status ?? 255, stdout, stderr });
  }

  const version = 'case $1 in --show) [ "$3" = "linux-image-$K" ] && printf "%s\\t6.1.140-1\\n" "$3" ;; *)';

  test.each([
    ["one package", "linux-image-$K: /boot/vmlinuz-$K"],
    ["one package of one architecture", "linux-image-$K:amd64: /boot/vmlinuz-$K"],
    ["the first of two", "linux-image-$K, other: /boot/vmlinuz-$K"],
    [
      "behind a diversion",
      "diversion by x from: /boot/vmlinuz-$K\ndiversion by x to: /boot/vmlinuz-$K.d\nlinux-image-$K: /boot/vmlinuz-$K",
    ],
    ["behind a local diversion", "local diversion from: /boot/vmlinuz-$K\nlocal diversion to: /boot/x\nlinux-image-$K: /boot/vmlinuz-$K"],
  ])("%s", (_, found) => {
    expect(ask(`K=${kernel}\n${version} [ "$2" = "/boot/vmlinuz-$K" ] && echo "${found}" ;; esac`)).toEqual({
      package: `linux-image-${kernel}`,
      version: "6.1.140-1",
    });
  });

  test("nobody", () => expect(ask("echo 'dpkg-query: no path found' >&2; exit 1")).toBeUndefined());

  test("a database that can't be read is not nobody", () => {
    expect(() => ask("echo 'dpkg-query: error: no database' >&2; exit 2")).toThrow(
      "dpkg-query failed with exit code 2: dpkg-query: error: no database",
    );
  });

  test("an answer that is none", () => {
    expect(() => debian.parseKernelOwner({ code: 0, stdout: "", stderr: "" })).toThrow(FactError);
    expect(() => debian.parseKernelOwner({ code: 2, stdout: "", stderr: "no database" })).toThrow(
      "dpkg-query failed with exit code 2: no database",
    );
  });
});
