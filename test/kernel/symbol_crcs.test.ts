import fc from "fast-check";
import { expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { formatSymvers, parseSymvers } from "../../src/kernel/symbol_crcs.ts";

test.each<[form: string, text: string, crcs: readonly (readonly [string, number])[]]>([
  ["of Linux 5.15", "0xb5b54b34\tkfree\tvmlinux\tEXPORT_SYMBOL\t\n", [["kfree", 0xb5b54b34]]],
  ["with a namespace", "0x0c44ee7a\tdma_buf_map\tdrivers/dma-buf/dma-buf\tEXPORT_SYMBOL_GPL\tDMA_BUF\n", [["dma_buf_map", 0x0c44ee7a]]],
  ["of Linux 5.4, namespace first", "0x01234567\tkfree\t\tvmlinux\tEXPORT_SYMBOL\n", [["kfree", 0x01234567]]],
  ["of Linux 4.18", "0x00000001\tkfree\tvmlinux\tEXPORT_SYMBOL\n", [["kfree", 1]]],
  ["of three columns", "0x00000001\tkfree\tvmlinux\n", [["kfree", 1]]],
  ["of a kernel without modversions", "0x00000000\tkfree\tvmlinux\tEXPORT_SYMBOL\t\n", [["kfree", 0]]],
  ["of nothing", "", []],
  [
    "as modprobe prints what modules want",
    "0x00000001\tkfree\n0x00000002\tprintk\n",
    [
      ["kfree", 1],
      ["printk", 2],
    ],
  ],
  [
    "but for symbols on which modules disagree",
    "0x00000001\tkfree\n0x00000002\tdisputed\n0x00000003\tdisputed\n0x00000002\tdisputed\n0x00000001\tkfree\n",
    [["kfree", 1]],
  ],
])("reads Module.symvers %s", (_, text, crcs) => expect([...parseSymvers(text)]).toEqual(crcs));

test.each([
  ["<html>", 'line 1 of Module.symvers is "<html>"'],
  ["0x00000001\tkfree\tvmlinux\n0x1\tkmalloc\tvmlinux\n", 'line 2 of Module.symvers is "0x1\\tkmalloc\\tvmlinux"'],
  ["0x00000001 kfree vmlinux\n", "expected a CRC, a symbol, and where it is from"],
])("refuses %j", (text, message) => {
  expect(() => parseSymvers(text)).toThrow(FactError);
  expect(() => parseSymvers(text)).toThrow(message);
});

test("reads or refuses whatever it is given", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        expect([...parseSymvers(text).values()].every((crc) => crc >= 0)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(FactError);
      }
    }),
  );
});

test("writes CRCs as it reads them, in the order of their symbols", () => {
  const text = formatSymvers(parseSymvers("0xffffffff\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n0x00000001\tkfree\tvmlinux\tEXPORT_SYMBOL\t\n"));
  expect(text).toBe("0x00000001\tkfree\t\n0xffffffff\tprintk\t\n");
  expect(formatSymvers(parseSymvers(text))).toBe(text);
});
