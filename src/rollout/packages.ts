import type { Manifest } from "../config/manifest.ts";
import { distributionOf } from "../distributions/find.ts";
import { isOtherCompiler } from "../kernel/compiler.ts";
import type { Surveyed } from "./survey.ts";

/** The packages a host lacks to build for kernels: dkms, compiler, make, headers, and what the manifest names. */
export function missingPackages({ host, machine }: Surveyed, kernels: readonly string[], manifest: Manifest): readonly string[] {
  const distribution = distributionOf(host);
  if (distribution === undefined) return [];
  const hasCompiler = machine.compiler !== undefined && machine.make !== undefined;
  return [
    ...(machine.dkms === undefined ? distribution.dkmsPackages() : []),
    ...(hasCompiler ? [] : distribution.compilerPackages()),
    ...kernels.filter((kernel) => !machine.headers.includes(kernel)).map((kernel) => distribution.headersPackage(kernel)),
    ...(manifest.packages[host.family] ?? []),
  ];
}

/** The packages of the very compilers of kernels, by what these say of themselves, that a host lacks: "gcc-12". Its distribution may not have them. */
export function missingCompilers({ host, machine }: Surveyed, compilers: readonly string[]): readonly string[] {
  const distribution = distributionOf(host);
  if (distribution === undefined) return [];
  const { compiler, versionedCompilers } = machine;
  const others = compilers.filter((one) => compiler === undefined || isOtherCompiler(compiler, one));
  const always = new Set([...distribution.compilerPackages(), ...versionedCompilers]);
  return [...new Set(others.flatMap((one) => distribution.compilerPackages(one)))].filter((name) => !always.has(name));
}
