import { describe, expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { canonicalSymbolMap, nearbySymbol, parseSymbolMap, symbolsAt } from "../../src/kernel/symbol_map.ts";

const systemMap = `0000000000000000 D __per_cpu_start
0000000000001000 A kexec_control_code_size
ffffffff81000000 T _text
ffffffff81000000 T _stext
ffffffff81256789 t insert_vm_struct
ffffffff812f1230 T kfree
ffffffff812f1400 t twice
ffffffff812f1500 t twice
ffffffff82b45678 d vm_area_cachep
ffffffff83000000 a absolute
`;
const moved = (text: string) => text.replaceAll(/^ffffffff8(?=\S+ [^aA] )/gm, "ffffffffa");

describe("reads where a kernel has its symbols", () => {
  const map = parseSymbolMap(systemMap);

  test("from a System.map", () => {
    expect(map.names).toEqual(["_text", "_stext", "insert_vm_struct", "kfree", "twice", "twice", "vm_area_cachep"]);
    expect([...map.distances]).toEqual([-0x2f1230, -0x2f1230, -0x9aaa7, 0, 0x1d0, 0x2d0, 0x1854448]);
  });

  test("from kallsyms, wherever the kernel was put, without its modules", () => {
    const kallsyms = `${moved(systemMap)}ffffffffc0401000 t helper\t[btrfs]\nffffffffc0402000 t bpf_prog_6deef7357e7b4530\t[bpf]\n`;
    expect(parseSymbolMap(kallsyms)).toEqual(map);
  });

  test.each<[distance: number, names: readonly string[], nearby: string]>([
    [0, ["kfree"], "kfree+0x0"],
    [-0x2f1230, ["_text", "_stext"], "_stext+0x0"],
    [0x1d0, ["twice"], "twice+0x0"],
    [0x1d1, [], "twice+0x1"],
    [-0x9aaa8, [], "nothing"],
    [-0x2f1231, [], "nothing"],
    [0x7fffffff, [], "nothing"],
    [-(2 ** 62), [], "nothing"],
  ])("at %d: %j", (distance, names, nearby) => {
    expect(symbolsAt(map, distance)).toEqual(names);
    expect(nearbySymbol(map, distance)).toBe(nearby);
  });

  test("tells what it knows of", () => expect([map.known.has("twice"), map.known.has("absolute")]).toEqual([true, false]));
});

test.each<[what: string, text: string, message: string]>([
  ["nothing", "", "the symbol map has no _text: it is a stub, or no map of a kernel"],
  [
    "Debian's stub",
    "ffffffffffffffff B The real System.map is in the linux-image-6.1.0-56-amd64-dbg package\n",
    "the symbol map has no _text",
  ],
  ["a map without kfree", systemMap.replace("T kfree", "T kfree_const"), "the symbol map has no kfree"],
  [
    "kallsyms that hides its addresses",
    systemMap.replaceAll(/^[0-9a-f]{16}/gm, "0".repeat(16)),
    "the symbol map has zero for _text: kernel.kptr_restrict",
  ],
  ["a map whose kfree is zero", systemMap.replace("ffffffff812f1230", "0".repeat(16)), "the symbol map has zero for kfree"],
  ["kfree of a module only", systemMap.replace("T kfree", "T kfree\t[other]"), "the symbol map has no kfree"],
])("unreadable: %s", (_, text, message) => {
  expect(() => parseSymbolMap(text)).toThrow(FactError);
  expect(() => parseSymbolMap(text)).toThrow(message);
});

describe("a canonical map", () => {
  const canonical = canonicalSymbolMap(systemMap);

  test("is a System.map with kfree where it always is, and what does not move with the kernel as it was", () => {
    expect(canonical).toMatchInlineSnapshot(`
      "0000000000000000 D __per_cpu_start
      0000000000001000 A kexec_control_code_size
      ffffffff8fd0edd0 T _text
      ffffffff8fd0edd0 T _stext
      ffffffff8ff65559 t insert_vm_struct
      ffffffff90000000 T kfree
      ffffffff900001d0 t twice
      ffffffff900002d0 t twice
      ffffffff91854448 d vm_area_cachep
      ffffffff83000000 a absolute
      "
    `);
    expect(parseSymbolMap(canonical)).toEqual(parseSymbolMap(systemMap));
  });

  test("is the same wherever the kernel was put, and whatever modules it has", () => {
    expect(canonicalSymbolMap(`${moved(systemMap)}ffffffffc0401000 t helper\t[btrfs]\n`)).toBe(canonical);
    expect(canonicalSymbolMap(canonical)).toBe(canonical);
  });

  test("of what is no map is an error", () => {
    expect(() => canonicalSymbolMap(systemMap.replaceAll(/^[0-9a-f]{16}/gm, "0".repeat(16)))).toThrow(FactError);
  });
});
