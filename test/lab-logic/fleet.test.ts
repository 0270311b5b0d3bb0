import { expect, test } from "vitest";
import { imageSpecs, readFleet, resolveKernels, treeSpec } from "../lab/fleet.ts";

const named = (...numbers: number[]) =>
  new Set(numbers.flatMap((number) => [`linux-image-6.1.0-${number}-cloud-amd64`, `linux-headers-6.1.0-${number}-cloud-amd64`]));

test("a star is the oldest kernel that has headers, by number", () => {
  const packages = new Set([...named(9, 10, 56), "linux-image-6.1.0-8-cloud-amd64", "linux-image-6.1.0-7-rt-cloud-amd64"]);
  expect(resolveKernels(readFleet(), packages).kernels).toEqual({
    A: "linux-image-cloud-amd64",
    B: "linux-image-6.1.0-9-cloud-amd64",
  });
});

test("one kernel is not two", () => {
  expect(() => resolveKernels(readFleet(), named(56))).toThrow("no second kernel");
});

test("machines of one kernel and role share an image; the builder's caches the toolchain and the headers of every kernel", () => {
  const specs = imageSpecs(resolveKernels(readFleet(), named(50, 56)));
  expect(specs.map(({ name, installed: [kernel], cached }) => ({ name, kernel, cached }))).toEqual([
    {
      name: "A-builder",
      kernel: "linux-image-cloud-amd64",
      cached: ["dkms", "gcc", "make", "linux-headers-cloud-amd64", "linux-headers-6.1.0-50-cloud-amd64"],
    },
    { name: "A", kernel: "linux-image-cloud-amd64", cached: [] },
    { name: "B", kernel: "linux-image-6.1.0-50-cloud-amd64", cached: [] },
  ]);
});

test("a container has no kernel of its own, and caches what the builder does", () => {
  const fleet = resolveKernels(readFleet(), named(50, 56));
  const [builder] = imageSpecs(fleet);
  expect(treeSpec(fleet)).toEqual({ name: "container", installed: fleet.support, cached: builder?.cached });
});
