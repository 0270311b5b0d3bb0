import { expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { readModule } from "../../src/kernel/module_info.ts";
import { formatModuleInfo, parseModuleInfo } from "../../src/kernel/module_summary.ts";
import { issuedBy, pkcs7, sign } from "./der_writer.ts";
import { exampleModinfo, writeModule } from "./elf_writer.ts";

test.each([
  [
    "with all that a module may have",
    sign(
      writeModule({}, exampleModinfo, { versions: { kfree: 0xffffffff }, relocations: [{ symbol: "kfree", type: 1, addend: -8 }] }),
      pkcs7(issuedBy("us", "01")),
    ),
  ],
  ["with little", writeModule({}, ["name=x", "vermagic=6.1"])],
  ["with names that objects have", writeModule({}, ["name=x", "vermagic=6.1", "__proto__=1"], { versions: { constructor: 1 } })],
])("is kept as JSON: %s", (_, bytes) => {
  const info = readModule(bytes);
  expect(parseModuleInfo(formatModuleInfo(info))).toEqual(info);
});

test.each(["", "{}", "[]", formatModuleInfo(readModule(writeModule())).replace('"size"', '"length"')])("refuses %j", (text) => {
  expect(() => parseModuleInfo(text)).toThrow(FactError);
  expect(() => parseModuleInfo(text)).toThrow("the kept summary of a module is damaged or of another version");
});
