import type { Manifest } from "../config/manifest.ts";
import { distributionOf } from "../distributions/find.ts";
import type { Surveyed } from "./survey.ts";

/** The packages a host lacks to build for these kernels: dkms, compiler, make, headers, and what the manifest names. */
export function missingPackages({ host, machine }: Surveyed, kernels: readonly string[], manifest: Manifest): readonly string[] {
  const distribution = distributionOf(host);
  if (distribution === undefined) return [];
  const running = machine.kernels.find(({ release }) => release === machine.running);
  const hasCompiler = machine.compiler !== undefined && machine.make !== undefined;
  return [
    ...(machine.dkms === undefined ? distribution.dkmsPackages() : []),
    ...(hasCompiler ? [] : distribution.compilerPackages(running?.compiler)),
    ...kernels.filter((kernel) => !machine.headers.includes(kernel)).map((kernel) => distribution.headersPackage(kernel)),
    ...(manifest.packages[host.family] ?? []),
  ];
}
