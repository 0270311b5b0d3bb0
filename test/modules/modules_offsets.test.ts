import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readModule } from "../../src/kernel/module_info.ts";
import { proveOffsets } from "../../src/kernel/proof_offsets.ts";
import { parseSymbolMap } from "../../src/kernel/symbol_map.ts";

const map = `ffffffff81000000 T _text
ffffffff81256780 T far_before
ffffffff812f1230 T kfree
ffffffff81523450 T far_behind
ffffffff82b45678 D a_variable
ffffffff82b45680 D a_pointer
`;

const moved = (text: string): string => text.replace("ffffffff81523450", "ffffffff81523460");
const hidden = (text: string): string => text.replaceAll(/^[0-9a-f]{16}/gm, "0000000000000000");

/** A module that reaches symbols by their distance from kfree, in every way that C has: a call, an initialised pointer, a variable's value. */
const source = (symbols: string): string => `
extern void kfree(const void *);
${symbols
  .trim()
  .split("\n")
  .map((line) => line.split(" "))
  .map(([address, , name]) => `#define ADDRESS_OF_${name} 0x${address}UL`)
  .join("\n")}
#define REACH(name) (ADDRESS_OF_##name ? ADDRESS_OF_##name + ((unsigned long)kfree - ADDRESS_OF_kfree) : 0)
#define POINTER(name) (ADDRESS_OF_##name ? (void *)(ADDRESS_OF_##name + (long long)((void *)kfree - (void *)ADDRESS_OF_kfree)) : (void *)0)
__attribute__((section(".modinfo"), used)) static const char modinfo[] = "name=example\\0vermagic=6.1.0 SMP modversions ";
void **pointer = POINTER(a_pointer);
int call_before(void *a) { int (*function)(void *) = (int (*)(void *))REACH(far_before); return function ? function(a) : 0; }
int call_behind(void *a) { int (*function)(void *) = (int (*)(void *))REACH(far_behind); return function ? function(a) + 1 : 0; }
int read_variable(void) { int *variable = (int *)REACH(a_variable); return variable ? *variable : 0; }
void release(void *a) { kfree(a); }
void (*callback(void))(const void *) { return kfree; }
`;

const work = mkdtempSync(join(tmpdir(), "kofleet-offsets-"));
afterAll(() => rmSync(work, { recursive: true }));

// Those of the kernel's own Makefiles that decide how addresses are computed.
const common = [
  "-O2",
  "-ffreestanding",
  "-fno-pic",
  "-fno-pie",
  "-fno-strict-aliasing",
  "-fno-asynchronous-unwind-tables",
  "-std=gnu11",
  "-g",
];
const compilers = {
  "x86_64-linux-gnu-gcc": ["-m64", "-mno-sse", "-mno-red-zone", "-mcmodel=kernel", "-mindirect-branch=thunk-extern"],
  "aarch64-linux-gnu-gcc": ["-mgeneral-regs-only", "-mabi=lp64"],
};
type Compiler = keyof typeof compilers;

const isInstalled = (compiler: Compiler): boolean => {
  try {
    return execFileSync(compiler, ["--version"], { stdio: "pipe" }).length > 0;
  } catch {
    console.warn(`what ${compiler} makes of distances is not looked at: it is not installed`);
    return false;
  }
};

function build(compiler: Compiler, symbols: string): ReturnType<typeof readModule> {
  const [input, output] = [join(work, "module.c"), join(work, "module.o")];
  writeFileSync(input, source(symbols));
  execFileSync(compiler, [...common, ...compilers[compiler], "-c", input, "-o", output], { stdio: "pipe" });
  return readModule(readFileSync(output));
}

const needed = { isMapNeeded: true, symbols: ["far_before", "far_behind", "a_variable", "a_pointer"] };
const prove = (compiler: Compiler, symbols: string) => proveOffsets(build(compiler, symbols), needed, { known: parseSymbolMap(map) });

describe.skipIf(!isInstalled("x86_64-linux-gnu-gcc"))("what gcc makes of distances from kfree on x86_64", () => {
  test.each([
    ["the host's own map", map, "holds", "it reaches far_before, far_behind, a_variable, a_pointer"],
    [
      "the map of another kernel",
      moved(map),
      "refused",
      "addresses that are no symbols of the host's kernel, 1 of 4: kfree+0x232230 is far_behind+0x10",
    ],
    ["a map of zeros", hidden(map), "refused", "it was built without a symbol map: it reaches no symbol by its distance from kfree"],
    [
      "a map without kfree",
      map.replace("ffffffff812f1230", "0000000000000000"),
      "refused",
      expect.stringContaining("no symbols of the host's kernel, 4 of 4"),
    ],
    [
      "a map without one symbol",
      map.replace("ffffffff82b45678", "0000000000000000"),
      "refused",
      expect.stringContaining("it misses a_variable"),
    ],
  ])("built with %s", (_, symbols, verdict, evidence) => {
    expect(prove("x86_64-linux-gnu-gcc", symbols)).toEqual({ name: "offsets", verdict, evidence });
  });
});

describe.skipIf(!isInstalled("aarch64-linux-gnu-gcc"))("what gcc makes of distances from kfree on aarch64", () => {
  test("initialised pointers show theirs, instructions don't", () => {
    expect(build("aarch64-linux-gnu-gcc", map).offsets).toEqual({ distances: [0x1854450], isPartial: true });
    expect(prove("aarch64-linux-gnu-gcc", map).verdict).toBe("unknown");
    expect(prove("aarch64-linux-gnu-gcc", moved(map)).verdict).toBe("unknown");
    expect(prove("aarch64-linux-gnu-gcc", map.replace("ffffffff82b45680", "ffffffff82b45690")).verdict).toBe("refused");
  });
});
