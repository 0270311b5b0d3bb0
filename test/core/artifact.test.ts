import fc from "fast-check";
import { expect, test } from "vitest";
import { artifactName } from "../../src/core/artifact.ts";

const key = {
  distribution: "ubuntu 24.04",
  kernel: "6.8.0-62-generic",
  kernelPackage: "6.8.0-62.65~22.04+1",
  architecture: "x86_64",
  module: "dattobd",
  version: "0.12.0",
  source: "c0ffee00c0ffee00",
};

test("a key has a readable name", () => {
  expect(artifactName(key)).toBe("dattobd@0.12.0@6.8.0-62-generic@6.8.0-62.65~22.04+1@x86_64@ubuntu_24.04@c0ffee00c0ff");
});

test("whatever the key, its name is one harmless part of a path", () => {
  const text = fc.string({ unit: fc.constantFrom(..."az09/\\.\0\n\u001b é@:*日"), maxLength: 8 });
  const any = fc.record({
    distribution: text,
    kernel: text,
    kernelPackage: text,
    architecture: text,
    module: text,
    version: text,
    source: text,
  });
  fc.assert(
    fc.property(any, (given) => {
      expect(artifactName(given)).toMatch(/^[\w.+~@-]+$/);
    }),
  );
});
