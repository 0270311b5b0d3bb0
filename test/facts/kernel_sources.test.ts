import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Argv } from "../../src/core/answer.ts";
import { FactError } from "../../src/core/error.ts";
import { evidenceCommands, type KernelSources, kernelSources } from "../../src/facts/kernel_sources.ts";
import { answered, captured } from "./fixtures.ts";

const kernel = "6.1.0-37-amd64";
const next = "6.1.0-38-amd64";
const rhel = "5.14.0-427.13.1.el9_4.x86_64";
const mapPath = `/usr/lib/debug/boot/System.map-${kernel}`;
const debian = captured("handmade-debian12-kernel-sources");
const installed = captured("handmade-debian12-kernel-sources-next");
const redhat = captured("handmade-rhel9-kernel-sources");
const parse = (stdout: string) => kernelSources(kernel, mapPath).parse(answered(stdout));
const without = (stdout: string, ...keys: string[]) =>
  stdout
    .split("\n")
    .filter((line) => !keys.some((key) => line.startsWith(`${key} `)))
    .join("\n");

const own: KernelSources = {
  identity: "build-id:4a5a9b0affb66c437abcd455d2738af879985fa9",
  headersVersion: "6.1.140-1",
  symvers: `/lib/modules/${kernel}/build/Module.symvers`,
  hasModules: true,
  map: undefined,
  kallsyms: "readable",
};
const nothing: KernelSources = {
  identity: undefined,
  headersVersion: undefined,
  symvers: undefined,
  hasModules: false,
  map: undefined,
  kallsyms: "absent",
};

test.each<[what: string, stdout: string, sources: KernelSources]>([
  ["the running kernel of Debian, with headers", debian, own],
  [
    "the running kernel of Debian, without headers",
    without(debian, "headers", "symvers"),
    { ...own, headersVersion: undefined, symvers: undefined },
  ],
  [
    "a foreign kernel of which there are only headers",
    without(debian, "notes", "kallsyms", "modules"),
    { ...nothing, headersVersion: own.headersVersion, symvers: own.symvers },
  ],
  [
    "an installed kernel of Debian that does not run, with a symbol map",
    installed,
    {
      identity: "vmlinuz:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      headersVersion: "6.1.147-1",
      symvers: `/lib/modules/${next}/build/Module.symvers`,
      hasModules: true,
      map: {
        path: `/usr/lib/debug/boot/System.map-${next}`,
        sha256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        isOwned: false,
      },
      kallsyms: "absent",
    },
  ],
  [
    "the running kernel of RHEL, which hides its addresses and has a map",
    redhat,
    {
      ...own,
      headersVersion: undefined,
      symvers: `/lib/modules/${rhel}/symvers.gz`,
      map: {
        path: `/lib/modules/${rhel}/System.map`,
        sha256: "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13",
        isOwned: true,
      },
      kallsyms: "hidden",
    },
  ],
  ["addresses that kptr_restrict makes zeros of", debian.replace("ffffffff9ae00000", "0".repeat(16)), { ...own, kallsyms: "hidden" }],
  ["a kernel without a build id", without(debian, "notes"), { ...own, identity: undefined }],
  ["a kernel that the host does not have", "end\n", nothing],
  ["parts that are empty", "notes \nkallsyms \nheaders \nend\n", nothing],
])("reads %s", (_, stdout, sources) => {
  expect(parse(stdout)).toEqual(sources);
});

test.each([
  ["what was cut short", debian.slice(0, -2)],
  ["a digest that is none", installed.replace("9f86d081", "9f86d08")],
  ["a map without a digest", installed.replace(/^map \w+ {2}- /m, "map ")],
  ["two maps", `map ${"0".repeat(64)}  - /a\n${installed}`],
])("refuses %s", (_, stdout) => {
  expect(() => parse(stdout)).toThrow(FactError);
});

const shells = ["dash", "bash", "busybox"].filter((shell) => spawnSync("sh", ["-c", `command -v ${shell}`]).status === 0);

describe("on a host of our own", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "kofleet-sources-"));
    onTestFinished(() => rmSync(root, { recursive: true }));
    mkdirSync(join(root, "bin"));
    for (const name of ["grep", "sha256sum", "od", "tr", "find", "sort", "gzip", "nice", "cat"]) {
      const { stdout } = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
      symlinkSync(stdout.trim(), join(root, "bin", name));
    }
    program("uname", `echo ${kernel}`);
  });

  function put(path: string, contents: string | Uint8Array): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), contents);
  }
  function program(name: string, script: string): void {
    put(`bin/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(join(root, "bin", name), 0o755);
  }
  /** Runs a command in every shell that is here, with this host's folders and programs for those of the machine. */
  function run([, , script = "", ...args]: Argv): Buffer {
    const move = (text: string) =>
      text.replaceAll(/(?<!\w)\/(?=lib\/modules|boot|usr\/lib\/debug|sys\/kernel|proc\/kallsyms)/g, `${root}/`);
    const printed = shells.map((shell) => {
      const prefix = shell === "busybox" ? ["sh"] : shell === "bash" ? ["--posix"] : [];
      const { stdout, stderr } = spawnSync(`/bin/${shell}`, [...prefix, "-c", ...[script, ...args].map(move)], {
        env: { PATH: join(root, "bin"), SHLVL: "2" },
      });
      expect({ shell, stderr: stderr.toString() }).toEqual({ shell, stderr: "" });
      return stdout;
    });
    for (const stdout of printed) expect(stdout).toEqual(printed[0]);
    return printed[0] ?? Buffer.of();
  }
  const ask = (release = kernel, path = join(root, "own/System.map")): KernelSources => {
    const fact = kernelSources(release, path);
    return fact.parse(answered(run(fact.command).toString().replaceAll(root, "")));
  };

  const map = "ffffffff81000000 T _text\nffffffff812f1230 T kfree\n";
  const sha256 = (text: string) => spawnSync("sha256sum", { input: text, encoding: "utf8" }).stdout.slice(0, 64);

  test("has nothing to tell of a kernel that is not there", () => {
    expect(ask("5.10.0-1-amd64")).toEqual(nothing);
    expect(ask(kernel)).toEqual(nothing);
  });

  test("tells of a running kernel with headers of Debian, and does not read its image", () => {
    put("sys/kernel/notes", Buffer.from("040000001400000003000000474e55004a5a9b0affb66c437abcd455d2738af879985fa9", "hex"));
    put("proc/kallsyms", map);
    put(`boot/vmlinuz-${kernel}`, "image");
    put(`lib/modules/${kernel}/build/Makefile`, "");
    put(`lib/modules/${kernel}/build/Module.symvers`, "0x00000001\tkfree\tvmlinux\tEXPORT_SYMBOL\t\n");
    put(`lib/modules/${kernel}/kernel/fs/ext4.ko`, "0x00000001\tmodule_layout\n");
    program("modprobe", '[ "$1" = --dump-modversions ] && cat "$2"');
    program("dpkg-query", `[ "$2$4" = "-flinux-headers-${kernel}" ] && printf '%s' "$3" | sed s/.*/6.1.140-1/`);
    symlinkSync("/bin/sed", join(root, "bin/sed"));
    expect(ask()).toEqual(own);
  });

  test("does not count on modules whose CRCs modprobe can't tell", () => {
    put(`lib/modules/${kernel}/kernel/fs/ext4.ko`, "");
    expect(ask().hasModules).toBe(false);
    program("modprobe", "echo 'modprobe: could not get modversions: Invalid argument' >&2; exit 1");
    expect(ask().hasModules).toBe(false);
  });

  test("tells of a kernel that does not run by its image, with the first map that is no stub", () => {
    put(`boot/vmlinuz-${next}`, "image");
    put(`lib/modules/${next}/System.map`, "ffffffff81000000 B The real System.map is in the linux-image-<version>-dbg package\n");
    put(`boot/System.map-${next}`, "0000000000000000 T kfree\n");
    put(`usr/lib/debug/boot/System.map-${next}`, map);
    expect(ask(next)).toEqual({
      ...nothing,
      identity: `vmlinuz:${sha256("image")}`,
      map: { path: `/usr/lib/debug/boot/System.map-${next}`, sha256: sha256(map), isOwned: false },
    });
  });

  test.each([
    ["dpkg-query", "-S"],
    ["rpm", "-qf"],
  ])("looks for the map where the module's source does, first, and asks %s whose it is", (name, option) => {
    put("own/System.map", map);
    put(`boot/System.map-${next}`, map);
    expect(ask(next).map).toEqual({ path: "/own/System.map", sha256: sha256(map), isOwned: false });
    program(name, `[ "$1 $2" = "${option} ${root}/own/System.map" ] && echo its package`);
    expect(ask(next).map).toEqual({ path: "/own/System.map", sha256: sha256(map), isOwned: true });
  });

  test("tells of a kernel of RHEL by its folder of modules", () => {
    put(`lib/modules/${rhel}/vmlinuz`, "image");
    put(`lib/modules/${rhel}/symvers.gz`, gzipSync("0x00000001\tkfree\n"));
    put(`lib/modules/${rhel}/build/Makefile`, "");
    program("rpm", `[ "$4" = "${root}/lib/modules/${rhel}/build/Makefile" ] && echo 5.14.0-427.13.1.el9_4`);
    expect(ask(rhel)).toEqual({
      ...nothing,
      identity: `vmlinuz:${sha256("image")}`,
      headersVersion: "5.14.0-427.13.1.el9_4",
      symvers: `/lib/modules/${rhel}/symvers.gz`,
    });
  });

  test("takes headers without a Makefile, and an empty Module.symvers, for none", () => {
    put(`lib/modules/${kernel}/build/Module.symvers`, "");
    program("dpkg-query", "echo 6.1.140-1");
    expect(ask()).toEqual(nothing);
  });

  test("knows no version of headers that dpkg does not know", () => {
    put(`lib/modules/${kernel}/build/Makefile`, "");
    program("dpkg-query", "echo 'no packages found' >&2; exit 1");
    expect(ask().headersVersion).toBeUndefined();
  });

  test("tells where the running kernel hides its addresses", () => {
    put("proc/kallsyms", map.replaceAll(/^\w+/gm, "0".repeat(16)));
    expect(ask().kallsyms).toBe("hidden");
  });

  test("prints the CRCs that its modules use once, packed", () => {
    put(`lib/modules/${kernel}/kernel/fs/ext4.ko`, "0x00000002\tkfree\n0x00000001\tmodule_layout\n");
    put(`lib/modules/${kernel}/kernel/net/a b.ko.xz`, "0x00000001\tmodule_layout\n");
    put(`lib/modules/${kernel}/kernel/modules.order`, "0x00000003\tnone\n");
    put(`lib/modules/${kernel}/updates/dkms/other.ko`, "0x00000003\tnone\n");
    program("modprobe", '[ "$1" = --dump-modversions ] && cat "$2"');
    expect(gunzipSync(run(evidenceCommands.modules(kernel))).toString()).toBe("0x00000001\tmodule_layout\n0x00000002\tkfree\n");
  });

  test("prints a file packed, whatever its name, and what is packed as it is", () => {
    put("-a b", map);
    for (const [command, expected] of [
      [evidenceCommands.file(join(root, "-a b")), map],
      [evidenceCommands.packed(join(root, "-a b")), map],
    ] as const) {
      const [name = "", ...args] = command;
      const { stdout } = spawnSync(name, args);
      expect((name === "gzip" ? gunzipSync(stdout) : stdout).toString()).toBe(expected);
    }
  });
});
