import { expect, test } from "vitest";
import { didYouMean, nearest } from "../../src/core/nearest.ts";

const tasks = ["copy", "command", "depmod", "dkms_build", "module_loaded"];

test.each([
  ["comand", "command"],
  ["module_loded", "module_loaded"],
  ["Copy", "copy"],
  ["copi", "copy"],
  ["dkms-build", "dkms_build"],
  ["modul_laoded", "module_loaded"],
  ["xyzzy", undefined],
  ["cxyz", undefined],
  ["", undefined],
])("%j was meant as %j", (word, expected) => {
  expect(nearest(word, tasks)).toBe(expected);
});

test("of two the nearer, of equals the first", () => {
  expect(nearest("hosts", ["hoists", "host"])).toBe("hoists");
  expect(nearest("groups", ["group", "groupsx", "groups"])).toBe("groups");
});

test("goes into a sentence", () => {
  expect(`no task "comand"${didYouMean("comand", tasks)}`).toBe('no task "comand" (did you mean "command"?)');
  expect(`no task "xyzzy"${didYouMean("xyzzy", tasks)}`).toBe('no task "xyzzy"');
  expect(didYouMean("x", [])).toBe("");
});
