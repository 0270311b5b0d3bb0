import type { Provenance } from "../core/artifact.ts";
import type { Host } from "../core/host.ts";
import type { Machine } from "../facts/machine.ts";
import type { ModuleState } from "../facts/module.ts";
import { distributionName } from "./survey.ts";

/** What one host has of kernels, and of the modules that a store has artifacts of. */
export interface HostUse {
  readonly host: Host;
  readonly machine: Pick<Machine, "kernels">;
  /** By the name in the artifacts' keys. */
  readonly modules: ReadonlyMap<string, ModuleState>;
}

const hasKernel = ({ host, machine }: HostUse, artifact: Provenance): boolean =>
  distributionName(host) === artifact.distribution &&
  host.architecture === artifact.architecture &&
  machine.kernels.some(
    // A version that the host can't tell may be the artifact's.
    ({ release, packageVersion }) => release === artifact.kernel && (packageVersion ?? artifact.kernelPackage) === artifact.kernelPackage,
  );

function hasModule({ modules }: HostUse, artifact: Provenance): boolean {
  const state = modules.get(artifact.module);
  if (state === undefined) return false;
  return (
    state.files.some(({ sha256 }) => sha256 === artifact.sha256) ||
    (state.loaded !== undefined && artifact.srcversion !== "" && state.loaded.srcversion === artifact.srcversion)
  );
}

/** Why an artifact is needed: the first host that has its kernel installed, or the module itself. Undefined: no host needs it. */
export function useOf(artifact: Provenance, fleet: readonly HostUse[]): string | undefined {
  const withKernel = fleet.find((one) => hasKernel(one, artifact));
  if (withKernel) return `${withKernel.host.name} has its kernel`;
  const withModule = fleet.find((one) => hasModule(one, artifact));
  return withModule && `${withModule.host.name} has the module`;
}
