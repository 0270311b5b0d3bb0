import type { Manifest } from "../config/manifest.ts";
import { distributionOf } from "../distributions/find.ts";
import { isOtherCompiler } from "../kernel/compiler.ts";
import type { Surveyed } from "./survey.ts";

/** The packages a host lacks to build for these kernels: dkms, make, the compiler of each kernel, headers, and what the manifest names. */
export function missingPackages(
  { host, machine }: Surveyed,
  kernels: readonly string[],
  compilers: Readonly<Record<string, string>>,
  manifest: Manifest,
): readonly string[] {
  const distribution = distributionOf(host);
  if (distribution === undefined) return [];
  const { compiler, make } = machine;
  const lacking = kernels.filter(
    (kernel) => compiler === undefined || make === undefined || isOtherCompiler(compiler, compilers[kernel] ?? ""),
  );
  const packages = [
    ...(machine.dkms === undefined ? distribution.dkmsPackages() : []),
    ...lacking.flatMap((kernel) => distribution.compilerPackages(compilers[kernel])),
    ...kernels.filter((kernel) => !machine.headers.includes(kernel)).map((kernel) => distribution.headersPackage(kernel)),
    ...(manifest.packages[host.family] ?? []),
  ];
  return [...new Set(packages)];
}
