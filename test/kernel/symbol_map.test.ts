import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { formatSymbolMap, parseStoredSymbolMap } from "../../src/kernel/stored_symbol_map.ts";
import { nearbySymbol, parseSymbolMap, symbolMapOf, symbolsAt } from "../../src/kernel/symbol_map.ts";

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
const moved = (text: string) => text.replaceAll("ffffffff8", "ffffffffa");

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

describe("keeps a map", () => {
  test("in a form to read again", () => {
    const map = parseSymbolMap(systemMap);
    expect(formatSymbolMap(map)).toMatchInlineSnapshot(`
      "kofleet symbol map, relative to kfree
      -1u4a8 _text
      0 _stext
      1gjgp insert_vm_struct
      dktj kfree
      cw twice
      74 twice
      f6rug vm_area_cachep
      "
    `);
    expect(parseStoredSymbolMap(formatSymbolMap(map))).toEqual(map);
  });

  test("any map", () => {
    const name = fc.stringMatching(/^[\w.$]{1,20}$/);
    const place = fc.record({ name, distance: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) });
    fc.assert(
      fc.property(fc.array(place, { minLength: 1 }), (places) => {
        const map = symbolMapOf(places);
        expect(parseStoredSymbolMap(formatSymbolMap(map))).toEqual(map);
      }),
    );
  });

  test.each([
    ["another file", systemMap, 'expected "kofleet symbol map, relative to kfree" in the first line'],
    ["a damaged line", "kofleet symbol map, relative to kfree\n0 kfree\nkfree\n", "line 3 of the stored symbol map is damaged"],
    ["a damaged step", "kofleet symbol map, relative to kfree\n? kfree\n", "line 2 of the stored symbol map is damaged"],
  ])("refuses %s", (_, text, message) => {
    expect(() => parseStoredSymbolMap(text)).toThrow(FactError);
    expect(() => parseStoredSymbolMap(text)).toThrow(message);
  });
});
